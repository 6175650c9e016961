"""What the ledger says of a request, for decisions that must not rest on rows that anybody could alter."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from portal.audit.events import Event
from portal.audit.models import Intake
from portal.audit.record import intake_mac


def said_of(request: str, events: Collection[Event]) -> Iterator[dict[str, Any]]:
    """The entries of these kinds about a request, e.g. `R-000104`, the newest first.

    They end before the first that this portal did not write (its MAC is not the portal's): nothing
    older counts then, because what was altered may have taken it back.
    """
    rows = Intake.objects.filter(request=request, event__in=events).order_by("-id")
    for content, mac in rows.values_list("content", "mac"):
        written = bytes(content)
        if intake_mac(written) != bytes(mac):
            return
        yield json.loads(written)
