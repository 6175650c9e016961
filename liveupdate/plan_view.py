"""A plan as people read it: phases with numbered commands, files in full, what cannot be undone."""

from collections.abc import Iterator
from dataclasses import dataclass

from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Answer, Expect, Phase, Plan, Run, Step, StepKind, WriteFile
from portal.lib.canonical import digest

PHASE_TITLES = {
    Phase.CHECK: "Check first",
    Phase.MEDIA: "Media",
    Phase.AUTHENTICATE: "Authenticate to the HMC",
    Phase.PREPARE: "Prepare",
    Phase.PREVIEW: "Preview",
    Phase.UPDATE: "Update · cannot be undone",
    Phase.VERIFY: "Check",
    Phase.RESTORE: "Restore · always, also after a failure",
}
KIND_TITLES = {
    StepKind.READ: "reads",
    StepKind.IDEMPOTENT: "changes",
    StepKind.ONCE: "once, detached",
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step: where, what exactly, why, and what must hold afterwards."""

    id: str
    host: str
    command: str
    title: str
    why: str
    kind: str
    changes: bool
    expects: str
    answers: str
    file: str
    file_digest: str
    undoes: str


@dataclass(frozen=True, slots=True)
class PhaseRows:
    """The steps of one phase."""

    title: str
    rows: tuple[StepRow, ...]


def phases_of(document: str) -> list[PhaseRows]:
    """The phases of a plan's stored text, in order, restoration last."""
    plan = read_plan(document)
    phases: list[tuple[Phase, list[StepRow]]] = []
    for step, phase in _all_steps(plan):
        if not phases or phases[-1][0] is not phase:
            phases.append((phase, []))
        phases[-1][1].append(_row(plan, step))
    return [PhaseRows(PHASE_TITLES[phase], tuple(rows)) for phase, rows in phases]


def _all_steps(plan: Plan) -> Iterator[tuple[Step, Phase]]:
    for step in plan.steps:
        yield step, step.phase
    for step in plan.restoration:
        yield step, Phase.RESTORE


def _row(plan: Plan, step: Step) -> StepRow:
    file = step.action if isinstance(step.action, WriteFile) else None
    titles = {other.id: other.title for other in (*plan.steps, *plan.restoration)}
    return StepRow(
        id=step.id,
        host=plan.hosts[step.host].name,
        command=display(step),
        title=step.title,
        why=step.why,
        kind=KIND_TITLES[step.kind],
        changes=step.kind is not StepKind.READ,
        expects=_expects(step.expect, titles),
        answers=_answers(step),
        file=file.content if file else "",
        file_digest=digest(file.content.encode()) if file else "",
        undoes=titles.get(step.undoes, ""),
    )


def display(step: Step) -> str:
    """The step's command as a person reads it."""
    match step.action:
        case Run(command) | Answer(command, _):
            return command.display()
        case WriteFile(path, content, mode):
            return f"write {path} (mode {mode}, {len(content.encode())} bytes)"


def _answers(step: Step) -> str:
    if not isinstance(step.action, Answer):
        return ""
    names = ", ".join(prompt.credential for prompt in step.action.prompts)
    return f"typed at the prompt, never on the command line: {names}"


def _expects(expect: Expect, titles: dict[str, str]) -> str:
    """What must hold, in words; plain success goes without saying."""
    parts = []
    if expect.statuses != (0,):
        parts.append("status " + " or ".join(str(status) for status in expect.statuses))
    parts += [f"prints “{pattern}”" for pattern in expect.has]
    parts += [f"does not print “{pattern}”" for pattern in expect.lacks]
    if expect.equals_saved:
        parts.append(f"repeats what “{titles.get(expect.equals_saved, expect.equals_saved)}” printed")
    return "; ".join(parts)
