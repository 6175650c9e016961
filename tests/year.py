"""A year of runs for reports: rows in bulk, entries in their real form, a few of everything among them."""

import random
from datetime import UTC, datetime, timedelta

from inventory.models import ExposureSpan, Lpar
from liveupdate.models import SeenDay
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.sealer import seal_now
from tests.bench.fleet import fill
from tests.history import AFTER, BEFORE, Change, History

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
SEED = 2025
COMMANDS = 12
ENDS = ("succeeded",) * 94 + ("failed",) * 3 + ("succeeded_with_residue",) * 2 + ("denied",)
SPANS_PER_LPAR = 6
PART = 1_000
"""Runs whose entries are held at once."""


def make_year(runs: int, lpars: int) -> int:
    """The rows and sealed entries of a year; returns how many entries there are."""
    fill(lpars, 0, 0)
    requesters, approvers = _people()
    past, luck = History(), random.Random(SEED)
    past.people(BEGIN - timedelta(days=10))
    fleet = list(Lpar.objects.select_related("host", "team").order_by("pk"))
    changes = []
    for number in range(runs):
        lpar = fleet[number % len(fleet)]
        at = BEGIN + timedelta(hours=2) + (YEAR - timedelta(hours=4)) * number / runs
        changes.append(
            Change(
                lpar,
                requesters[lpar.team_id],
                at,
                end=luck.choice(ENDS),
                approvers=(approvers[lpar.team_id],),
                commands=("ended",) * COMMANDS,
                blackout_ms=luck.randint(3_000, 40_000),
                levels=(BEFORE, AFTER if number < len(fleet) else BEFORE),
            )
        )
    entries = 0
    for start in range(0, runs, PART):
        part = changes[start : start + PART]
        past.changes(part)
        _sights(past, part[: max(0, len(fleet) - start)])
        entries += past.enter(before=part[-1].at - timedelta(days=2))
    entries += past.enter()
    _rows(fleet, luck)
    seal_now()
    return entries


def _people() -> tuple[dict[int, User], dict[int, User]]:
    requesters, approvers = {}, {}
    for team in Team.objects.order_by("pk"):
        for role, kept in ((Role.REQUESTER, requesters), (Role.APPROVER, approvers)):
            kept[team.pk] = User.objects.create_user(f"{role.value}-{team.slug}")
            Membership.objects.create(user=kept[team.pk], team=team, role=role)
    return requesters, approvers


def _sights(past: History, changes: list[Change]) -> None:
    """Each LPAR is seen before its first run and after it; one in a hundred was changed by hand."""
    for number, change in enumerate(changes):
        hour = timedelta(hours=1)
        before = past.sight(change.lpar, change.at - hour, BEFORE)
        if change.run is not None and change.end.startswith("succeeded"):
            past.sight(change.lpar, change.at + hour, AFTER, before, change.run)
        elif number % 100 == 0:
            past.sight(change.lpar, change.at + hour, AFTER, before)


def _rows(fleet: list[Lpar], luck: random.Random) -> None:
    last = (BEGIN + YEAR).date()
    SeenDay.objects.bulk_create(
        (SeenDay(lpar=lpar, day=last - timedelta(days=luck.randint(1, 9))) for lpar in fleet),
        batch_size=1_000,
    )
    spans = []
    for lpar in fleet:
        for number in range(SPANS_PER_LPAR):
            issued = BEGIN + timedelta(days=luck.randint(0, 300))
            found, took = issued + timedelta(days=luck.randint(0, 5)), timedelta(days=luck.randint(1, 120))
            cured = found + took if found + took < BEGIN + YEAR else None
            spans.append(
                ExposureSpan(
                    lpar=lpar,
                    apar=f"IJ{number:05d}",
                    severity=luck.choice(("critical", "high", "medium")),
                    issued_on=issued.date(),
                    found_at=found,
                    ended_at=cured,
                    ended_by="update" if cured else "",
                )
            )
    ExposureSpan.objects.bulk_create(spans, batch_size=1_000)
