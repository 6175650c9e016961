"""What level is asked of which LPARs until when, and who is excused."""

from typing import Protocol

from django.db import models
from django.db.models import Q
from django.utils.timezone import localdate

from inventory.models.systems import Lpar
from portal.access.models import Team, User


class Belongs(Protocol):
    """An LPAR by what a baseline asks of it, as it is or as it was."""

    @property
    def team_id(self) -> int:
        """The team that owns it."""

    @property
    def environment(self) -> str:
        """What it is for."""


class Baseline(models.Model):
    """The lowest level that LPARs of one environment, of one team, or of both may have after `due_on`.

    An empty environment or team means every one. `minimum_level` may leave parts open: `7200-05`,
    `7200-05-03`. A baseline that was ended is kept for what was judged by it.
    """

    name = models.CharField(max_length=60, unique=True)
    minimum_level = models.CharField(max_length=20)
    environment = models.CharField(max_length=20, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="baselines")
    due_on = models.DateField()
    reason = models.TextField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Q:
        """The LPARs that it speaks of."""
        every = Q(pk__isnull=False)
        team = every if self.team_id is None else Q(team=self.team_id)
        return team & (Q(environment__iexact=self.environment) if self.environment else every)

    def applies_to(self, lpar: Belongs) -> bool:
        """Whether it speaks of this LPAR."""
        environment = self.environment.lower()
        return self.team_id in (None, lpar.team_id) and environment in ("", lpar.environment.lower())


class LevelException(models.Model):
    """Leave for one LPAR to stay below its baselines from one day until the end of another.

    `owner` asked for it and answers for it; `compensation` says what is done against the risk meanwhile.
    """

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="level_exceptions")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    compensation = models.TextField(blank=True)
    starts_on = models.DateField(default=localdate)
    expires_on = models.DateField()
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["lpar", "expires_on"], name="exception_of_lpar")]

    def __str__(self) -> str:
        return f"{self.lpar} until {self.expires_on}"


class LevelChange(models.Model):
    """A level that differed from the one read before. `level_before` is empty for the first reading."""

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="level_changes")
    level_before = models.CharField(max_length=20, blank=True)
    level_after = models.CharField(max_length=20)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["lpar", "-id"], name="level_change_of_lpar")]

    def __str__(self) -> str:
        return f"{self.lpar} {self.level_before} → {self.level_after}"
