"""RQ-114: nothing has a CAPI device open."""

from inventory.disk_parameters import capi_devices
from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.aix.capi_users import CAPI_USERS
from inventory.facts.aix.disk_devices import DISK_DEVICES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    for fact in (ADAPTERS, DISK_DEVICES):
        subject.value(fact)
    devices = capi_devices(subject.facts)
    if not devices:
        return Outcome(FindingState.NOT_APPLICABLE, "There is no CAPI device.")
    users = {name: subject.value(CAPI_USERS, name) for name in devices}
    evidence = (
        lines_with(subject, ADAPTERS, having=tuple(devices)),
        *(quoted(subject, CAPI_USERS, name) for name in devices),
    )
    used = [f"{name} by {', '.join(map(str, pids))}" for name, pids in users.items() if pids]
    if used:
        return Outcome(FindingState.BLOCKER, f"CAPI devices are open: {'; '.join(used)}.", evidence)
    return Outcome(FindingState.OK, f"No process has {', '.join(devices)} open.", evidence)


CHECK = Check(
    id="RQ-114",
    title="CAPI devices are closed",
    why="The state of an open coherent accelerator cannot be carried to another partition.",
    remedy="Stop the program that uses the accelerator.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-114",
    see="lsdev | grep -i capi; fuser /dev/DEVICE (no process)",
    settled_by_preview=True,
)
