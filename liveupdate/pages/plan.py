"""A plan as people read it: phases with numbered commands, files in full, what cannot be undone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from liveupdate.procedures.step import (
    Answer,
    Branch,
    Expect,
    Fetch,
    Phase,
    Plan,
    Run,
    Step,
    StepKind,
    WriteFile,
)
from portal.lib.canonical import digest

PHASE_TITLES = {
    Phase.CHECK: "Check first",
    Phase.MEDIA: "Media",
    Phase.AUTHENTICATE: "Authenticate to the HMC",
    Phase.PREPARE: "Prepare",
    Phase.PREVIEW: "Preview",
    Phase.UPDATE: "Update · cannot be undone",
    Phase.VERIFY: "Check",
    Phase.COLLECT: "Explain · only if Live Update fails",
    Phase.RESTORE: "Restore · always, also after a failure",
}
KIND_TITLES = {
    StepKind.READ: ("", "reads"),
    StepKind.IDEMPOTENT: ("info", "changes"),
    StepKind.ONCE: ("info", "runs once"),
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step: where, what exactly, why, and what must hold afterwards.

    `tone` and `kind` say how deep it goes; `expects` are pairs of words and a pattern (or empty); `mark`
    is what became of it since the plan that this one is compared with.
    """

    id: str
    host: str
    account: str
    command: str
    title: str
    why: str
    tone: str
    kind: str
    expects: tuple[tuple[str, str], ...]
    answers: str
    file: str
    file_digest: str
    undoes: str
    cures: str
    ways_out: tuple["WayOut", ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class WayOut:
    """A branch that a person may choose when a step fails, with its steps."""

    name: str
    title: str
    why: str
    rows: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class PhaseRows:
    """The steps of one phase."""

    title: str
    rows: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many steps a plan has, its ways out included, and how deep they go."""

    steps: int
    reading: int
    changing: int
    lasting: int
    ways_out: int


def phases_of(plan: Plan, marks: Mapping[str, str] | None = None) -> list[PhaseRows]:
    """The phases of a plan in order; what explains a failure and the restoration come last.

    `marks` says of steps, by id, what became of them.
    """
    phases: list[tuple[Phase, list[StepRow]]] = []
    for step, phase in _all_steps(plan):
        if not phases or phases[-1][0] is not phase:
            phases.append((phase, []))
        phases[-1][1].append(_row(plan, step, marks or {}))
    return [PhaseRows(PHASE_TITLES[phase], tuple(rows)) for phase, rows in phases]


def _all_steps(plan: Plan) -> Iterator[tuple[Step, Phase]]:
    for step in plan.steps:
        yield step, step.phase
    for step in plan.failure:
        yield step, Phase.COLLECT
    for step in plan.restoration:
        yield step, Phase.RESTORE


def ways_out(plan: Plan, branches: Iterable[Branch]) -> tuple[WayOut, ...]:
    """Branches of a plan as people read them before they choose."""
    return tuple(
        WayOut(branch.name, branch.title, branch.why, tuple(_row(plan, step, {}) for step in branch.steps))
        for branch in branches
    )


def _row(plan: Plan, step: Step, marks: Mapping[str, str]) -> StepRow:
    file = step.action if isinstance(step.action, WriteFile) else None
    titles = {other.id: other.title for other in plan.all_steps}
    tone, kind = _kind(step)
    return StepRow(
        id=step.id,
        host=plan.hosts[step.host].name,
        account=plan.hosts[step.host].reached_as(step.account).account,
        command=display(step),
        title=step.title,
        why=step.why,
        tone=tone,
        kind=kind,
        expects=_expects(step.expect, titles),
        answers=_answers(step),
        file=file.content if file else "",
        file_digest=digest(file.content.encode()) if file else "",
        undoes=titles.get(step.undoes, ""),
        cures=", ".join(step.cures),
        ways_out=ways_out(plan, plan.branches_after(step.id)),
        mark=marks.get(step.id, ""),
    )


def _kind(step: Step) -> tuple[str, str]:
    if step.live_update and step.phase is Phase.UPDATE:
        return "bad", "cannot be undone"
    if step.restarts:
        return "warn", "restarts the host"
    if not step.reversible:
        return "warn", "cannot be undone"
    if isinstance(step.action, Fetch):
        return "", "brings a file home"
    return KIND_TITLES[step.kind]


def display(step: Step) -> str:
    """The step's command as a person reads it."""
    match step.action:
        case Run(command) | Answer(command, _):
            return command.display()
        case WriteFile(path, content, mode):
            return f"write {path} (mode {mode}, {len(content.encode())} bytes)"
        case Fetch(path, name):
            return f"fetch {path} as {name}"


def _answers(step: Step) -> str:
    if not isinstance(step.action, Answer):
        return ""
    secrets = ", ".join(prompt.credential for prompt in step.action.prompts if prompt.credential)
    texts = [
        f"Types {prompt.text!r} where it asks." for prompt in step.action.prompts if not prompt.credential
    ]
    return " ".join([*([f"Secret: {secrets}, never on the command line."] if secrets else []), *texts])


def _expects(expect: Expect, titles: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """What must hold; plain success goes without saying."""
    parts = []
    if expect.statuses != (0,):
        parts.append(("its exit status is " + " or ".join(str(status) for status in expect.statuses), ""))
    parts += [("it prints what matches", pattern) for pattern in expect.has]
    parts += [("it prints nothing that matches", pattern) for pattern in expect.lacks]
    if expect.equals_saved:
        title = titles.get(expect.equals_saved, expect.equals_saved)
        parts.append((f"it prints what “{title}” printed", ""))
    return tuple(parts)


def counts_of(phases: list[PhaseRows]) -> Counts:
    """How many steps a plan has, and how deep they go."""
    rows = [row for phase in phases for row in phase.rows]
    ways = sum(len(row.ways_out) for row in rows)
    rows += [row for outer in rows for way in outer.ways_out for row in way.rows]
    reading = sum(not row.tone for row in rows)
    lasting = sum(row.kind == "cannot be undone" for row in rows)
    return Counts(len(rows), reading, len(rows) - reading - lasting, lasting, ways)
