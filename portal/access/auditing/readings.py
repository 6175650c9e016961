"""Enters who reads the ledger: PCI DSS 10.2.1.3 asks for access to audit logs to be logged."""

import time
from collections.abc import Mapping

from django.db import transaction
from django.http import HttpRequest

from portal.access.auditing.filters import EntryFilter
from portal.access.requests import person_of
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record

AGAIN_AFTER_S = 900
"""Seconds for which one entry stands for all pages that a session looks at; a file has one of its own."""
KNOWN = (*EntryFilter.base_filters, "export", "entry")
_READ_AT = "audit_read_at"


def enter_reading(request: HttpRequest, asked: Mapping[str, object]) -> None:
    """Enter that the person reads the ledger, with what was asked for."""
    takes = "export" in asked or "entry" in asked
    if not takes and time.time() - request.session.get(_READ_AT, 0) < AGAIN_AFTER_S:
        return
    event = Event.EXPORT_DOWNLOAD if takes else Event.AUDIT_READ
    said = {name: str(asked[name])[:200] for name in KNOWN if asked.get(name)}
    with transaction.atomic():
        record(event, Actor.person(person_of(request).public_id), {}, {"asked": said})
        if not takes:
            request.session[_READ_AT] = int(time.time())
