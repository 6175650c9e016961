"""RQ-100: all I/O goes through a Virtual I/O Server."""

import re
from collections.abc import Iterable

from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.devices import Device
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, quoted

_SUPPORTED = re.compile(
    r"Virtual I/O Ethernet Adapter.*|Virtual Fibre Channel Client Adapter.*|Virtual SCSI Client Adapter.*|"
    r"LPAR Virtual Serial Adapter.*|EtherChannel.*|VLAN"
)


def _test(subject: Subject) -> Outcome:
    others = [each for each in subject.value(ADAPTERS) if not _SUPPORTED.fullmatch(each.description)]
    present = [adapter for adapter in others if adapter.state == "Available"]
    physical = [adapter for adapter in present if not adapter.description.startswith("Virtual ")]
    if physical:
        named = ", ".join(f"{adapter.name} ({adapter.description})" for adapter in physical)
        message = f"Adapters other than virtual Ethernet, Fibre Channel, SCSI and serial: {named}."
        return Outcome(FindingState.BLOCKER, message, (_lines(subject, physical),))
    if present:
        named = ", ".join(f"{adapter.name} ({adapter.description})" for adapter in present)
        message = f"Virtual adapters of kinds that no source says Live Update moves: {named}."
        return Outcome(FindingState.WARNING, message, (_lines(subject, present),))
    if others:
        named = ", ".join(adapter.name for adapter in others)
        message = f"AIX remembers adapters that are not virtual and not there now: {named}."
        return Outcome(FindingState.WARNING, message, (_lines(subject, others),))
    return Outcome(FindingState.OK, "All adapters are virtual.", (quoted(subject, ADAPTERS),))


def _lines(subject: Subject, adapters: Iterable[Device]) -> Evidence:
    names = {adapter.name for adapter in adapters}
    return lines_where(subject, ADAPTERS, keep=lambda line: line.split()[0] in names)


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
