"""Holding disks for plans: what is held, by whom, and when it is let go.

A plan holds its nhdisk and mhdisk, or the disks of the clone that it makes, from the moment it is frozen
until it is void, rejected, withdrawn or expired, or until its run is over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from inventory.disk_identity import DiskIdentity, identities
from inventory.facts.base import FactSet
from inventory.models import Disk, Lpar
from liveupdate.models import DiskReservation, Request
from liveupdate.states import RequestState
from portal.lib.errors import Conflict

SPARE = ("nhdisk", "mhdisk")
ROLES = (*SPARE, "clone")


class DisksHeld(Conflict):
    """Another plan holds a disk that this one wants."""

    code = "disks_held"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A disk that a plan wants to hold, and what for."""

    disk: DiskIdentity
    role: str


def wanted_disks(parameters: Mapping[str, list[str]], facts: FactSet) -> list[Wanted]:
    """The disks that a plan with these parameters overwrites."""
    known = identities(facts)
    return [Wanted(known[name], role) for role in ROLES for name in parameters.get(role, ())]


def hold_disks(request: Request, wanted: Iterable[Wanted]) -> None:
    """Hold disks for a request, in the caller's transaction; one after another in the same order for all.

    Raises DisksHeld when another plan holds one of them, under whatever name.
    """
    ordered = sorted(wanted, key=lambda each: (each.disk.volume, each.disk.pvid, each.disk.name))
    rows = [
        DiskReservation(
            request=request,
            lpar_id=request.lpar_id,
            disk=each.disk.name,
            role=each.role,
            pvid=each.disk.pvid,
            volume=each.disk.volume,
            until=request.ends_at,
        )
        for each in ordered
    ]
    try:
        with transaction.atomic():
            DiskReservation.objects.bulk_create(rows)
    except IntegrityError as error:
        held = reservations_on(request.lpar, [each.disk for each in ordered]).exclude(request=request).first()
        if held is None:
            raise
        raise DisksHeld(
            f"{held.request.number} took {held.disk} of {held.lpar} meanwhile.",
            remedy="Plan again: other disks may do, or withdraw the other request.",
        ) from error


def release_disks(request: Request) -> None:
    """Let go of what a request's plan holds, in the caller's transaction."""
    DiskReservation.objects.filter(request=request, released_at=None).update(released_at=Now())


def release_lapsed() -> None:
    """Let go of what plans hold that nobody submitted before their change window was over."""
    lapsed = DiskReservation.objects.filter(
        released_at=None, until__lte=Now(), request__state=RequestState.PLANNED
    )
    lapsed.update(released_at=Now())


def reserved_by(request: Request) -> dict[str, tuple[str, ...]]:
    """The disks that a request holds, by role, in the order of its plan."""
    rows = list(request.disk_reservations.filter(released_at=None).values_list("role", "disk"))
    return {role: tuple(disk for held, disk in rows if held == role) for role in ROLES} if rows else {}


def held_elsewhere(lpar: Lpar, facts: FactSet, request: Request | None = None) -> dict[str, str]:
    """Who else holds disks that an LPAR sees as free, by the disk's name there, as sentences.

    Other plans, and other LPARs that have the same disk in a volume group. Without a request only what
    other LPARs hold counts: an LPAR is not less ready because its own update is planned.
    """
    free = [disk for disk in identities(facts).values() if disk.volume_group in ("", "lvup_rootvg")]
    if not free:
        return {}
    others = reservations_on(lpar, free)
    others = others.exclude(request=request) if request else others.exclude(lpar=lpar)
    found: dict[str, str] = {}
    for disk in free:
        for row in others:
            if row.is_on(lpar, disk.name, disk.pvid, disk.volume):
                found[disk.name] = _held_by_plan(disk.name, row)
    for owner in _in_groups(free, lpar):
        for disk in free:
            if (owner.pvid and owner.pvid == disk.pvid) or (owner.volume and owner.volume == disk.volume):
                found[disk.name] = (
                    f"{disk.name} is {owner.name} of {owner.lpar}, in {owner.volume_group} there."
                )
    return found


def _held_by_plan(name: str, row: DiskReservation) -> str:
    until = f"{row.until:%d %b %H:%M} UTC"
    return f"{name} is held for {row.lpar} by {row.request.number} (its change window ends {until})."


def reservations_on(lpar: Lpar, disks: Iterable[Disk | DiskIdentity]) -> QuerySet[DiskReservation]:
    """What plans hold of an LPAR's disks, under whatever name."""
    disks = list(disks)
    rows = DiskReservation.objects.filter(released_at=None).filter(
        _shared(disks) | Q(lpar=lpar, disk__in=[disk.name for disk in disks])
    )
    return rows.select_related("lpar__host", "request__team")


def _in_groups(disks: Iterable[DiskIdentity], lpar: Lpar) -> QuerySet[Disk]:
    rows = (
        Disk.objects.filter(lpar__retired_at=None)
        .exclude(lpar=lpar)
        .exclude(volume_group="")
        .filter(_shared(disks))
    )
    return rows.select_related("lpar__host")


def _shared(disks: Iterable[Disk | DiskIdentity]) -> Q:
    disks = list(disks)
    pvids = [disk.pvid for disk in disks if disk.pvid]
    volumes = [disk.volume for disk in disks if disk.volume]
    return Q(pvid__in=pvids) | Q(volume__in=volumes)
