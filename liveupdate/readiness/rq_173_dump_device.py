"""RQ-173: there should be a device that takes a system dump."""

from inventory.facts.aix.dump_devices import DUMP_DEVICES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

NOWHERE = "/dev/sysdumpnull"


def _test(subject: Subject) -> Outcome:
    """The first device is the one that counts; the second is nowhere on most systems."""
    devices = subject.value(DUMP_DEVICES)
    evidence = (quoted(subject, DUMP_DEVICES),)
    if devices.primary == NOWHERE:
        return Outcome(FindingState.WARNING, "A system dump would go nowhere.", evidence)
    return Outcome(FindingState.OK, f"A system dump goes to {devices.primary}.", evidence)


CHECK = Check(
    id="RQ-173",
    title="A system dump has a place",
    why="If the update brings the system down, its dump is what IBM's support needs.",
    remedy="Name a logical volume of type sysdump: sysdumpdev -P -p /dev/lg_dumplv",
    see="sysdumpdev -l shows a primary device other than /dev/sysdumpnull",
    severity=Severity.INFORMATION,
    recalled=True,
    test=_test,
)
