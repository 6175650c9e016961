"""A plan while it is written: its parts add steps, and say why they cannot."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, Unpack

from inventory.command import Command
from inventory.facts.base import FactMissing, ReadingState
from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.step import (
    Action,
    Branch,
    Expect,
    OnFailure,
    Phase,
    Run,
    Step,
    StepHost,
    StepKind,
)
from portal.lib.errors import Conflict, PortalError


class CannotPlan(Conflict):
    """No plan can be made; `reasons` has a sentence for each obstacle."""

    code = "cannot_plan"

    def __init__(self, name: str, reasons: tuple[str, ...]) -> None:
        super().__init__(
            f"No plan can be made for {name}: {' '.join(reasons)}",
            remedy="Remove the obstacles, or allow the preparations that are named; then plan again.",
        )
        self.reasons = reasons


class More(TypedDict, total=False):
    """What a step may say beyond the usual; see Step."""

    expect: Expect
    deadline_s: int
    on_failure: OnFailure
    cures: tuple[str, ...]
    reversible: bool
    live_update: bool
    restarts: bool
    patience_s: int
    host: StepHost


def look(step_id: str, phase: Phase, title: str, why: str, command: Command, **more: Unpack[More]) -> Step:
    """A step that reads, on the LPAR unless `host` says otherwise."""
    given: dict[str, Any] = {"host": StepHost.LPAR, **more}
    return Step(step_id, phase, title, why, kind=StepKind.READ, action=Run(command), **given)


def change(step_id: str, phase: Phase, title: str, why: str, action: Action, **more: Unpack[More]) -> Step:
    """A step that changes something and may be repeated."""
    given: dict[str, Any] = {"host": StepHost.LPAR, **more}
    return Step(step_id, phase, title, why, kind=StepKind.IDEMPOTENT, action=action, **given)


def once(step_id: str, phase: Phase, title: str, why: str, command: Command, **more: Unpack[More]) -> Step:
    """A step that is begun at most once; a worker that comes back attaches to it."""
    given: dict[str, Any] = {"host": StepHost.LPAR, **more}
    return Step(step_id, phase, title, why, kind=StepKind.ONCE, action=Run(command), **given)


def restore(step_id: str, undoes: str, title: str, why: str, command: Command, **more: Unpack[More]) -> Step:
    """A step of the restoration that takes the effect of an earlier one back, and may be repeated."""
    step = change(step_id, Phase.RESTORE, title, why, Run(command), **more)
    return replace(step, undoes=undoes, on_failure=OnFailure.CONTINUE)


def restore_once(
    step_id: str, undoes: str, title: str, why: str, command: Command, **more: Unpack[More]
) -> Step:
    """Like `restore`, for a command that would fail, or do more, when repeated."""
    return replace(restore(step_id, undoes, title, why, command, **more), kind=StepKind.ONCE)


def restored(step_id: str, undoes: str, title: str, why: str, command: Command, **more: Unpack[More]) -> Step:
    """A step of the restoration that proves that what an earlier one changed is back."""
    step = look(step_id, Phase.RESTORE, title, why, command, **more)
    return replace(step, undoes=undoes, on_failure=OnFailure.CONTINUE)


ANY_WAY = Expect(statuses=(0, 1))
"""Of a restoration that the step after it proves: a restart of the LPAR may have done it before."""


@dataclass(slots=True)
class Draft:
    """A plan in the making for one LPAR."""

    subject: Subject
    hmc_credential: str
    consents: frozenset[str]
    steps: list[Step] = field(default_factory=list)
    restoration: list[Step] = field(default_factory=list)
    failure: list[Step] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def write(self, part: Callable[["Draft"], None]) -> None:
        """Let a part of the procedure add its steps; what keeps it from that becomes a reason."""
        try:
            part(self)
        except FactMissing as missing:
            self.refuse(_unknown(missing))
        except PortalError as error:
            self.refuse(error.message)

    def refuse(self, reason: str) -> None:
        """There will be no plan, for this reason among others."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def may(self, consent: Consent, needed_for: str) -> bool:
        """Whether the requester allowed a privileged preparation; if not there will be no plan."""
        if consent in self.consents:
            self.used.add(consent.value)
            return True
        self.refuse(f"{needed_for} The request must allow: {CONSENT_TITLES[consent]}.")
        return False

    def add(self, *steps: Step) -> None:
        """Steps that follow those before."""
        self.steps.extend(steps)

    def explain(self, *steps: Step) -> None:
        """Steps that collect what explains a failure, if a Live Update was begun and failed."""
        self.failure.extend(steps)

    def offer(self, *branches: Branch) -> None:
        """Ways out that a person may choose from when their step fails."""
        self.branches.extend(branches)

    def undo(self, *steps: Step) -> None:
        """Steps of the restoration, which takes things back in the reverse order of doing them."""
        self.restoration[:0] = steps


def _unknown(missing: FactMissing) -> str:
    """What is not known; of a host out of reach the same sentence for every fact."""
    reading = missing.reading
    if reading is not None and reading.state is ReadingState.UNREACHABLE and reading.problem:
        return f"Out of reach: {reading.problem.rstrip('.')}."
    return f"Not known: {missing.reason.rstrip('.')}."
