"""RQ-053: the managed system can have one more partition."""

from inventory.facts.hmc.lpars import LPARS
from inventory.facts.hmc.max_lpars import MAX_LPARS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    system = subject.managed_system
    defined, most = len(subject.value(LPARS, system)), subject.value(MAX_LPARS, system)
    evidence = (quoted(subject, MAX_LPARS, system),)
    message = f"{system} has {defined} partitions, of at most {most}"
    if defined < most:
        return Outcome(FindingState.OK, f"{message}.", evidence)
    return Outcome(FindingState.BLOCKER, f"{message}: there is no room for the surrogate.", evidence)


CHECK = Check(
    id="RQ-053",
    title="Room for one more partition",
    why="The surrogate is a partition of its own, with an id of its own, until the original is removed.",
    remedy="Remove partitions that nobody needs, or raise the limit (it takes effect at the next power on).",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-053",
    see="On the HMC: lssyscfg -r sys -m SYSTEM -F max_lpars is above the number of lines of "
    "lssyscfg -r lpar -m SYSTEM -F name.",
    recalled=True,
    settled_by_preview=True,
)
