"""RQ-101: there are disks for `nhdisk` and `mhdisk`."""

from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.disks import NoDisks, choose, needs_spares
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    if not needs_spares(subject):
        return Outcome(FindingState.NOT_APPLICABLE, "PowerVC brings the disks.")
    try:
        choice = choose(subject, reclaim=True)
    except NoDisks as lacking:
        message = " ".join((lacking.message, *lacking.reasons))
        return Outcome(FindingState.BLOCKER, message, (quoted(subject, LSPV),))
    evidence = (quoted(subject, LSPV),)
    named = f"nhdisk {', '.join(choice.nhdisk)} and mhdisk {', '.join(choice.mhdisk)}"
    if choice.reclaimed:
        message = (
            f"There are not enough free disks unless {', '.join(choice.reclaimed)} is freed of what an "
            f"earlier Live Update left; then {named}."
        )
        consent = Consent.REMOVE_LEFTOVERS.value
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True, consent=consent)
    return Outcome(FindingState.OK, f"The plan uses {named}.", evidence)


CHECK = Check(
    id="RQ-101",
    title="Disks for nhdisk and mhdisk",
    why="Live Update clones rootvg to nhdisk for the surrogate and mirrors it to mhdisk for the original.",
    remedy="Map two free disks of the size of the rootvg disk to the LPAR (more for a mirrored rootvg) and "
    "run cfgmgr.",
    see="lspv shows two disks or more with None in the third column",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-101",
)
