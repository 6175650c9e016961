"""RQ-100: all I/O goes through a Virtual I/O Server."""

import re

from inventory.facts.aix.adapters import ADAPTERS
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted
from liveupdate.subject import Subject

_VIRTUAL = re.compile(
    r"Virtual I/O Ethernet Adapter|Virtual Fibre Channel Client Adapter|Virtual SCSI Client Adapter|"
    r"LPAR Virtual Serial Adapter|EtherChannel|VLAN"
)


def _test(subject: Subject) -> Outcome:
    adapters = subject.value(ADAPTERS)
    others = [adapter for adapter in adapters if not _VIRTUAL.search(adapter.description)]
    present = [adapter for adapter in others if adapter.state == "Available"]
    if present:
        named = ", ".join(f"{adapter.name} ({adapter.description})" for adapter in present)
        evidence = lines_with(subject, ADAPTERS, having=tuple(adapter.name for adapter in present))
        return Outcome(
            FindingState.BLOCKER,
            f"Adapters other than virtual Ethernet, Fibre Channel, SCSI and serial: {named}.",
            (evidence,),
        )
    if others:
        named = ", ".join(adapter.name for adapter in others)
        evidence = lines_with(subject, ADAPTERS, having=tuple(adapter.name for adapter in others))
        message = f"AIX remembers adapters that are not virtual and not there now: {named}."
        return Outcome(FindingState.WARNING, message, (evidence,))
    return Outcome(FindingState.OK, "All adapters are virtual.", (quoted(subject, ADAPTERS),))


CHECK = Check(
    id="RQ-100",
    title="Only virtual adapters",
    why="The surrogate gets its devices from Virtual I/O Servers; a physical or SR-IOV adapter cannot be "
    "in two partitions at once.",
    remedy="Take the adapter out of the LPAR and its profile (rmdev -Rdl ADAPTER first).",
    see="lsdev -Cc adapter lists virtual adapters alone (l-lan, Virtual Fibre Channel, vscsi, vsa)",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-100",
)
