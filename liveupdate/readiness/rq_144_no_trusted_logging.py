"""RQ-144: PowerSC Trusted Logging must not be used."""

from inventory.facts.aix.all_devices import ALL_DEVICES
from inventory.facts.aix.lslpp import LSLPP
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, lines_with

FILESET = "powerscStd.vlog"


def _test(subject: Subject) -> Outcome:
    """Virtual log devices are use; the fileset alone is only the means for it."""
    devices = [device for device in subject.value(ALL_DEVICES) if device.name.startswith("vlog")]
    installed = [fileset.name for fileset in subject.value(LSLPP) if fileset.name.startswith(FILESET)]
    evidence = (
        lines_where(subject, ALL_DEVICES, keep=lambda line: line.strip().startswith("vlog")),
        lines_with(subject, LSLPP, having=(f":{FILESET}",)),
    )
    if devices:
        named = ", ".join(f"{device.name} ({device.state})" for device in devices)
        return Outcome(FindingState.BLOCKER, f"Virtual log devices are configured: {named}.", evidence)
    if installed:
        message = f"{', '.join(installed)} is installed, but there is no virtual log device."
        return Outcome(FindingState.OK, message, evidence)
    return Outcome(FindingState.OK, "There is no virtual log device.", evidence)


CHECK = Check(
    id="RQ-144",
    title="Trusted Logging is not used",
    why="Live Update does not support the virtual log devices of PowerSC Trusted Logging.",
    remedy="Direct auditing and syslog elsewhere, and remove the devices: rmdev -dl vlog0",
    see="lsdev | grep vlog prints nothing",
    severity=Severity.BLOCKER,
    settled_by_preview=True,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
