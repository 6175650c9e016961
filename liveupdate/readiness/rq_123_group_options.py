"""RQ-123: rootvg has no options that nobody tried with Live Update."""

from inventory.facts.aix.lsvg import LSVG
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with


def _test(subject: Subject) -> Outcome:
    options = subject.value(LSVG, ROOTVG).options
    switched_on = [label for label, value in options.items() if value == "yes"]
    if switched_on:
        evidence = lines_with(subject, LSVG, ROOTVG, having=tuple(switched_on))
        message = f"rootvg has {', '.join(label.lower().replace('vg', 'VG') for label in switched_on)} on."
        return Outcome(FindingState.WARNING, message, (evidence,))
    evidence = lines_with(subject, LSVG, ROOTVG, having=("VOLUME GROUP:", *options))
    seen = ", ".join(options) or "this level of AIX shows none of them"
    return Outcome(FindingState.OK, f"No unusual option is on ({seen}).", (evidence,))


CHECK = Check(
    id="RQ-123",
    title="Options of rootvg",
    why="Encryption, infinite retry and critical volume groups are untested together with Live Update.",
    remedy="Try it on a test LPAR of the same kind first, or switch the option off (chvg).",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-123",
    see="lsvg rootvg (ENCRYPTION, CRITICAL VG, CRITICAL PVs, INFINITE RETRY: no)",
    recalled=True,
)
