"""What of a run was out of the ordinary: each a mark in the register and a row among the deviations."""

from __future__ import annotations

from typing import NamedTuple

from liveupdate.bundle.verifier.figures import ran_before_approval
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.population import Commands, Course, RunCourse


class Mark(NamedTuple):
    """What it is, and the entry that says so, where it is one."""

    title: str
    entry: Entry | None


OF_NOTES = {
    "run.stuck": "waited for a person",
    "run.decision": "a person decided how it went on",
    "run.adopt": "taken over by another worker",
    "run.abort_req": "a person asked to stop it",
    "run.alarm": "alarm",
    "drift.found": "facts had changed at the start",
    "step.skip": "step skipped",
}
COUNTED_ONCE = frozenset(["step.skip", "drift.found", "run.alarm", "run.adopt"])
ENDS_WITHOUT_SKIPS = frozenset(["succeeded", "succeeded_with_residue"])


def marks_of(course: Course, run: RunCourse, sent: Commands) -> list[Mark]:
    """Every deviation of a run. Steps that a run left out because it failed or was stopped are none."""
    marks: list[Mark] = []
    if run.refusal:
        marks.append(Mark(f"not allowed when it began: {run.refusal}", None))
    elif ran_before_approval(run, sent):
        marks.append(Mark("a command was sent before an approval was entered", None))
    if run.begun_at and run.window[0] and not run.window[0] <= run.begun_at < run.window[1]:
        marks.append(Mark("began outside its change window", None))
    if run.window[1] and sent.last_at > run.window[1]:
        marks.append(Mark("went on after its change window", None))
    if course.terms.get("plan_digest") not in (None, run.plan):
        marks.append(Mark("another plan than the one handed in", None))
    if sent.unknown:
        marks.append(Mark(f"{sent.unknown} commands whose end nobody knows", None))
    told = set()
    for kind, entry in run.notes:
        if kind not in OF_NOTES or (kind in COUNTED_ONCE and kind in told):
            continue
        if kind == "step.skip" and run.state not in ENDS_WITHOUT_SKIPS:
            continue
        told.add(kind)
        marks.append(Mark(OF_NOTES[kind], entry))
    return marks
