"""The anchors that the settings name."""

from pathlib import Path

from django.conf import settings

from portal.audit.anchors.base import Anchor
from portal.audit.anchors.file import FileAnchor
from portal.audit.anchors.syslog import Collector, SyslogAnchor
from portal.audit.anchors.timestamp import TimestampAnchor
from portal.audit.anchors.witness import WitnessAnchor

RECOMMENDED = 2
"""Anchors that fail for different reasons, at least; the file is one."""


def configured_anchors() -> list[Anchor]:
    """All of them, the signer's file first. Raises Invalid for a setting that names none."""
    anchors: list[Anchor] = [FileAnchor(Path(settings.LEDGER_ANCHOR_FILE))]
    anchors += [SyslogAnchor(Collector.parse(address)) for address in settings.LEDGER_SYSLOG]
    anchors += [WitnessAnchor.parse(text) for text in settings.LEDGER_WITNESSES]
    if settings.LEDGER_TIMESTAMP_URL:
        anchors.append(
            TimestampAnchor(
                settings.LEDGER_TIMESTAMP_URL,
                settings.LEDGER_TIMESTAMP_CA,
                settings.LEDGER_TIMESTAMP_HOURS,
            )
        )
    return anchors
