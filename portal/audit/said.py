"""What the ledger says of a request, for decisions that must not rest on rows that anybody could alter."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import QuerySet

from portal.audit.events import Event
from portal.audit.models import Intake
from portal.audit.objects import object_of
from portal.audit.record import intake_mac


def said_of(request: str, events: Collection[Event]) -> Iterator[dict[str, Any]]:
    """The entries of these kinds about a request, e.g. `R-000104`, the newest first.

    They end before the first that this portal did not write (its MAC is not the portal's): nothing
    older counts then, because what was altered may have taken it back.
    """
    return _written(Intake.objects.filter(request=request, event__in=events))


def said_at_all(events: Collection[Event]) -> Iterator[dict[str, Any]]:
    """Every entry of some rare kinds, as `said_of` gives those about a request."""
    return _written(Intake.objects.filter(event__in=events))


def said_about(kind: str, name: str, events: Collection[Event]) -> Iterator[dict[str, Any]]:
    """The entries of these kinds whose first subject is this thing, as `said_of` gives those of a request."""
    return _written(Intake.objects.filter(object=object_of({kind: name}), event__in=events))


def _written(entries: QuerySet[Intake]) -> Iterator[dict[str, Any]]:
    for content, mac in entries.order_by("-id").values_list("content", "mac"):
        written = bytes(content)
        if intake_mac(written) != bytes(mac):
            return
        yield json.loads(written)
