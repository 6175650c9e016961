"""Change windows and freezes: every version of each."""

import secrets
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from inventory.models import Lpar
from liveupdate.control.calendar import Kind, Period
from liveupdate.control.period_document import period_of
from portal.access.models import Team, User


def new_uid() -> str:
    """A name for a period that stays with all its versions: 16 hexadecimal digits."""
    return secrets.token_hex(8)


class StoredPeriodQuerySet(models.QuerySet["StoredPeriod"]):
    """Versions of periods."""

    def current(self) -> "StoredPeriodQuerySet":
        """The newest version of each that is not removed."""
        newer = StoredPeriod.objects.filter(uid=OuterRef("uid"), version__gt=OuterRef("version"))
        return self.filter(~Exists(newer), removed=False)


class StoredPeriod(models.Model):
    """One version of a change window or a freeze. Rows are never changed: a change is a further version,
    and so is the removal (`removed`).

    It speaks of the LPARs to which all that is named applies (nothing named: of all). `first` is its first
    begin by the clock on the wall of `zone`, `minutes` what that clock counts to its end, `rule` an RRULE
    of RFC 5545 (empty: it takes place once), `but` the days on which it does not begin.
    `source` is the UID of the event that it was imported from.
    """

    uid = models.CharField(max_length=16, default=new_uid)
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=6, choices=[(kind.value, kind.value) for kind in Kind])
    name = models.CharField(max_length=80)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="periods")
    environment = models.CharField(max_length=20, blank=True)
    application = models.CharField(max_length=80, blank=True)
    lpar = models.ForeignKey(Lpar, on_delete=models.PROTECT, null=True, blank=True, related_name="periods")
    zone = models.CharField(max_length=60)
    first = models.CharField(max_length=16)
    minutes = models.PositiveIntegerField()
    rule = models.CharField(max_length=300, blank=True)
    but = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=200, blank=True, db_index=True)
    reason = models.TextField()
    removed = models.BooleanField(default=False)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    objects = StoredPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["uid", "version"], name="period_version_once")]

    def __str__(self) -> str:
        return f"{self.kind} “{self.name}”"

    @property
    def document(self) -> dict[str, Any]:
        """What it says, as the ledger holds it."""
        return {
            "kind": self.kind,
            "name": self.name,
            "team": self.team.slug if self.team else "",
            "environment": self.environment,
            "application": self.application,
            "lpar": self.lpar.name if self.lpar else "",
            "zone": self.zone,
            "first": self.first,
            "minutes": self.minutes,
            "rule": self.rule,
            "but": self.but,
        }

    @property
    def period(self) -> Period:
        """The period of this version."""
        return period_of(self.document)


class CalendarFeed(models.Model):
    """An address at which calendar programs read a team's calendar without a sign-in, until `ended_at`.

    The address holds a secret that was shown once; here stands its SHA-256. It shows no more than
    `made_by` may see.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="calendar_feeds")
    token_digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"calendar feed {self.pk} of team {self.team}"
