"""A secret is found later in stored output: two people let the pieces with it go; the digests stay."""

import json
from dataclasses import dataclass

from django.db import transaction

from portal.audit.actor import Actor
from portal.audit.ceremony import Ceremony
from portal.audit.chunks import CHUNK_LIMIT, is_stored
from portal.audit.events import Event
from portal.audit.legal_hold import require_no_hold
from portal.audit.models import Entry, Intake, Release
from portal.audit.pruning import let_go, naming, require_good
from portal.audit.record import record
from portal.audit.sealer import wait_until_sealed
from portal.audit.tree import ledger_size
from portal.lib.errors import Invalid

MOST = 500
"""Pieces that one entry names; a longer range takes several."""


@dataclass(frozen=True, slots=True)
class Place:
    """Bytes `begin` to before `end` of one stream of a command of a run."""

    run: int
    command: int
    stream: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """What went, by which entry."""

    digests: tuple[str, ...]
    entry: int


def withhold(place: Place, ceremony: Ceremony) -> Withheld:
    """Delete every piece of output that holds a byte of `place`, wherever else the same piece stands.

    Raises Invalid where nothing is stored there, Conflict where a legal hold or the ledger forbids it.
    """
    require_good()
    pieces = _pieces(place)
    digests = sorted(set(pieces.values()))
    if len(digests) > MOST:
        raise Invalid(
            f"{len(digests)} pieces are in that range, more than {MOST}.",
            remedy="Withhold it in several ranges.",
            code="too_many_entries",
        )
    for row in naming(digests, range(ledger_size())):
        require_no_hold(range(row.seq, row.seq + 1))
    said = {
        "run": place.run,
        "command": place.command,
        "stream": place.stream,
        "from": place.begin,
        "to": place.end,
        "withheld": digests,
        **ceremony.told(),
    }
    request = Intake.objects.filter(run=place.run).values_list("request", flat=True)[0]
    with transaction.atomic():
        subject = {"request": request} if request else {}
        entered = record(Event.REDACT_LATE, Actor.command("redact_late"), subject, said)
    wait_until_sealed(entered)
    seq = Entry.objects.values_list("seq", flat=True).get(intake=entered)
    with transaction.atomic():
        release = Release.objects.create(intake=entered, what="withheld", first=0, end=seq)
        let_go(release, digests, range(seq))
    return Withheld(tuple(digests), seq)


def _pieces(place: Place) -> dict[int, str]:
    """The stored pieces that hold a byte of the range, by their offset. Raises Invalid for none."""
    found = {}
    rows = Intake.objects.filter(run=place.run, event=Event.CMD_OUT).order_by("rs")
    for content in rows.values_list("content", flat=True):
        data = json.loads(bytes(content))["d"]
        if (data.get("command"), data.get("stream")) != (place.command, place.stream):
            continue
        last = data["offset"] + data["bytes"]
        for offset, name in zip(range(data["offset"], last, CHUNK_LIMIT), data["chunks"], strict=True):
            if offset < place.end and min(offset + CHUNK_LIMIT, last) > place.begin and is_stored(name):
                found[offset] = name
    if not found:
        raise Invalid(
            f"No stored output is in bytes {place.begin} to {place.end} of {place.stream} "
            f"of command {place.command} of run {place.run}.",
            code="no_such_output",
        )
    return found
