"""What is different between two plans, in words and rows. Nothing that differs is left out."""

import json
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from enum import StrEnum
from typing import Any

STEP_LISTS = {"steps": "", "failure": "Explain", "restoration": "Restore"}
"""The lists of steps in a plan's document, and what they are called beside the main one."""
LABELS = {
    "lpar.name": "LPAR",
    "lpar.managed_system": "Managed system",
    "lpar.managed_system_serial": "Serial number",
    "lpar.uuid": "Partition UUID",
    "parameters.level_before": "Level before",
    "parameters.target_level": "Level afterwards",
    "parameters.media": "Media",
    "parameters.pvids": "PVID",
    "parameters.consents": "Allowed",
    "parameters.hmc": "HMC",
    "parameters.nim_partition": "Partition id at NIM",
    "warnings": "Warning",
    "watch": "Watched on the HMC",
    "procedure.version": "Version of the procedure",
    "deadline_s": "Seconds at most",
    "patience_s": "Seconds of patience",
    "expect.has": "Must print",
    "expect.lacks": "Must not print",
    "expect.statuses": "Exit status",
    "expect.equals_saved": "Must print the same as",
    "on_failure": "If it fails",
    "cures": "For",
    "undoes": "Takes back",
    "kind": "May be repeated",
    "reversible": "Can be undone",
    "why": "Why",
    "title": "Title",
    "host": "Host",
    "phase": "Phase",
    "account": "Done as",
    "action.prompts": "Prompts",
    "action.mode": "File mode",
}


class Kind(StrEnum):
    """What became of a step."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; `old` or `new` is empty where there is none."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step that differs. `part` names its list, empty for the main one; `was` is the old command line
    where that differs; `file` leads from the old content to the new one.
    """

    id: str
    kind: Kind
    part: str
    title: str
    command: str
    was: str = ""
    changes: tuple[Change, ...] = ()
    file: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs: facts about targets, choices and hosts, then steps in the order of the new plan."""

    facts: tuple[Change, ...]
    steps: tuple[StepChange, ...]

    @property
    def none(self) -> bool:
        """Whether the plans are the same."""
        return not self.facts and not self.steps

    @property
    def words(self) -> str:
        """The difference in one line."""
        counts = {kind: sum(step.kind is kind for step in self.steps) for kind in Kind}
        said = [f"{_count(count, 'step')} {kind}" for kind, count in counts.items() if count]
        if self.facts:
            said.append(f"{_count(len(self.facts), 'fact')} different")
        return ", ".join(said) or "no difference"


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """The way from one plan's document to another's."""
    facts = tuple(changes(_flat(_about(old)), _flat(_about(new))))
    steps: list[StepChange] = []
    for part, title in STEP_LISTS.items():
        steps += _of_steps(old[part], new[part], title)
    ways = {branch["name"]: branch for branch in new["branches"]}
    ways_before = {branch["name"]: branch for branch in old["branches"]}
    for name in [*ways, *(name for name in ways_before if name not in ways)]:
        before, after = ways_before.get(name, {}), ways.get(name, {})
        title = f"Way out: {(after or before)['title']}"
        steps += _of_steps(before.get("steps", []), after.get("steps", []), title)
        facts += tuple(changes(_flat(_branch(before), title), _flat(_branch(after), title)))
    return Difference(facts, tuple(steps))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def compare_texts(old: str, new: str) -> Difference:
    """The same for plans' stored texts."""
    return compare(json.loads(old), json.loads(new))


def _about(document: Mapping[str, Any]) -> dict[str, Any]:
    about = {name: part for name, part in document.items() if name not in (*STEP_LISTS, "branches")}
    about["order of the ways out"] = [branch["name"] for branch in document["branches"]]
    return about


def _branch(branch: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in branch.items() if name != "steps"}


def _of_steps(old: list[dict[str, Any]], new: list[dict[str, Any]], part: str) -> Iterator[StepChange]:
    before, after = {step["id"]: step for step in old}, {step["id"]: step for step in new}
    moved = _moved([id_ for id_ in before if id_ in after], [id_ for id_ in after if id_ in before])
    for id_, step in after.items():
        if id_ not in before:
            yield StepChange(id_, Kind.ADDED, part, step["title"], command_line(step["action"]))
        elif step != before[id_]:
            yield _changed(part, before[id_], step)
        if id_ in moved:
            yield StepChange(id_, Kind.MOVED, part, step["title"], command_line(step["action"]))
    for id_, step in before.items():
        if id_ not in after:
            yield StepChange(id_, Kind.REMOVED, part, step["title"], command_line(step["action"]))


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The steps of both that do not stand in the same order."""
    same = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return set(new) - {id_ for block in same for id_ in new[block.b : block.b + block.size]}


def _changed(part: str, old: dict[str, Any], new: dict[str, Any]) -> StepChange:
    was, line = command_line(old["action"]), command_line(new["action"])
    shown = {"action.do", "action.argv", "action.path", "action.content", "action.name"}
    others = changes(_flat(old), _flat(new), shown if was != line else {"action.content"})
    return StepChange(
        id=new["id"],
        kind=Kind.CHANGED,
        part=part,
        title=new["title"],
        command=line,
        was=was if was != line else "",
        changes=tuple(others),
        file=_file(old["action"].get("content", ""), new["action"].get("content", "")),
    )


def command_line(action: Mapping[str, Any]) -> str:
    """What a step does, as a person reads it."""
    match action["do"]:
        case "write_file":
            return f"write {action['path']}"
        case "fetch":
            return f"fetch {action['path']} as {action['name']}"
    return shlex.join(action["argv"])


def _file(old: str, new: str) -> tuple[str, ...]:
    lines = unified_diff(old.splitlines(), new.splitlines(), "before", "now", lineterm="")
    return tuple(lines) or (("(only line ends differ)",) if old != new else ())


def _flat(held: Any, path: str = "") -> dict[str, Any]:
    """Every value by its path; a list is one value."""
    if isinstance(held, dict) and held:
        return {
            inner: value
            for name, part in held.items()
            for inner, value in _flat(part, f"{path}.{name}" if path else name).items()
        }
    return {path: held}


def changes(old: Mapping[str, Any], new: Mapping[str, Any], shown: Collection[str] = ()) -> Iterator[Change]:
    """What differs between values by their names; those that are `shown` otherwise are left out."""
    for path in [*new, *(path for path in old if path not in new)]:
        if path in shown or (path in old and path in new and old[path] == new[path]):
            continue
        was, now = old.get(path), new.get(path)
        if isinstance(was, list) and isinstance(now, list):
            was, now = _apart(was, now)
        yield Change(_label(path), _text(was), _text(now))


def _apart(old: list[Any], new: list[Any]) -> tuple[list[Any], list[Any]]:
    """What only one of two lists holds; both whole where only the order or the number differs."""
    gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
    return (gone, come) if gone or come else (old, new)


def _label(path: str) -> str:
    """The words for a path, with what they do not cover of it behind them."""
    if path in LABELS:
        return LABELS[path]
    outer, _, name = path.rpartition(".")
    if outer in LABELS:
        return f"{LABELS[outer]} {name}"
    return path.removeprefix("parameters.").replace("_", " ").replace(".", " ")


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() if all(isinstance(each, str) for each in value):
            return "\n".join(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
