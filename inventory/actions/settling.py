"""Keep what a discovery found: what is certain is taken into the inventory, the rest waits for a person."""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Q

from inventory.actions.taking import take
from inventory.discovery.differences import Difference
from inventory.models import Discovered, Discovery, Lpar
from portal.audit.actor import Actor
from portal.lib.clock import now
from portal.lib.errors import Conflict

IsRead = Callable[[str, str], bool]
"""Whether a discovery could tell about something of this kind and identity."""


def settle(
    discovery: Discovery, differences: Iterable[Difference], is_read: IsRead, actor: Actor
) -> list[Discovered]:
    """Make rows of the differences, in the caller's transaction; returns them.

    Open rows that this discovery tells anew, or no longer tells though it could, are superseded. What was
    refused and is found again just so stays refused.
    """
    found = list(differences)
    _supersede(discovery, {(each.kind, each.identity) for each in found}, is_read)
    refused = _refused(found)
    items = [_item(discovery, each, refused.get((each.kind, each.identity))) for each in found]
    Discovered.objects.bulk_create(items, batch_size=500)
    for item in items:
        if item.decision == Discovered.Decision.ACCEPTED:
            _take_or_leave_open(item, actor)
    return items


def supersede_answered(lpars: Iterable[Lpar]) -> None:
    """Close the questions about LPARs that another HMC, which knows more of them, has answered by now.

    An HMC too old to tell a UUID asks about an LPAR that it knows by name alone; what it left empty it
    does not claim.
    """
    rows = {lpar.pk: lpar for lpar in lpars}
    asked = Discovered.objects.filter(
        decision=Discovered.Decision.OPEN,
        kind=Discovered.Kind.LPAR,
        change=Discovered.Change.CHANGED,
        row__in=rows,
    )
    answered = [item.pk for item in asked if item.row and _is_so(rows[item.row], item.after)]
    Discovered.objects.filter(pk__in=answered).update(decision=Discovered.Decision.SUPERSEDED)


def _is_so(lpar: Lpar, after: dict[str, str]) -> bool:
    now_known = {"name": lpar.partition_name, "uuid": lpar.uuid, "logical_serial": lpar.logical_serial}
    return all(now_known.get(name) == value for name, value in after.items() if value)


def _take_or_leave_open(item: Discovered, actor: Actor) -> None:
    try:
        with transaction.atomic():
            take(item, actor)
    except Conflict as conflict:
        item.decision, item.decided_at = Discovered.Decision.OPEN, None
        item.note = f"{item.note} {conflict.message}".strip()
        item.save(update_fields=["decision", "decided_at", "note"])


def _supersede(discovery: Discovery, told: set[tuple[str, str]], is_read: IsRead) -> None:
    waiting = Discovered.objects.filter(decision=Discovered.Decision.OPEN)
    superseded = [
        pk
        for pk, host, kind, identity in waiting.values_list("pk", "discovery__host", "kind", "identity")
        if (kind, identity) in told or (host == discovery.host_id and is_read(kind, identity))
    ]
    Discovered.objects.filter(pk__in=superseded).update(decision=Discovered.Decision.SUPERSEDED)


def _refused(found: Iterable[Difference]) -> dict[tuple[str, str], Discovered]:
    """The newest decision on each, where that was to leave things as they are."""
    decided = Discovered.objects.filter(
        Q(decision=Discovered.Decision.ACCEPTED) | Q(decision=Discovered.Decision.REFUSED),
        identity__in=[each.identity for each in found if not each.is_certain],
    )
    newest = {(item.kind, item.identity): item for item in decided.order_by("pk")}
    return {key: item for key, item in newest.items() if item.decision == Discovered.Decision.REFUSED}


def _item(discovery: Discovery, difference: Difference, refused: Discovered | None) -> Discovered:
    item = Discovered(
        discovery=discovery,
        kind=difference.kind,
        identity=difference.identity,
        name=difference.name,
        change=difference.change,
        before=difference.before,
        after=difference.after,
        note=difference.note,
        row=difference.row,
    )
    if difference.is_certain:
        item.decision, item.decided_at = Discovered.Decision.ACCEPTED, now()
    elif refused is not None and _is_told_again(refused, item):
        item.decision = Discovered.Decision.REFUSED
        item.decided_by, item.decided_at = refused.decided_by, refused.decided_at
    return item


def _is_told_again(refused: Discovered, item: Discovered) -> bool:
    """Whether a refusal still holds: not for another change, nor once what was gone has been seen since."""
    if refused.change != item.change:
        return False
    if item.change == Discovered.Change.CHANGED:
        return bool(refused.after == item.after)
    if item.change == Discovered.Change.GONE and item.kind == Discovered.Kind.LPAR:
        seen = Lpar.objects.filter(seen_at__gt=refused.decided_at).values_list("pk", flat=True)
        return item.row not in seen
    return True
