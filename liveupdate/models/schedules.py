"""How often the facts of a group of LPARs are read, and how old they may be."""

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from portal.access.models import Team, User

SHORTEST, LONGEST = 10, 60 * 24 * 31
"""Minutes that a schedule may name."""
_BOUNDS = [MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]


class RefreshSchedule(models.Model):
    """The refresh of one group: a team's LPARs, an environment's, both, or (both empty) all others.

    The closest group counts: team and environment, then team, then environment. Facts older than
    `good_for_minutes` carry no verdict any more.
    """

    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="refresh_schedules"
    )
    environment = models.CharField(max_length=20, blank=True)
    every_minutes = models.PositiveIntegerField(validators=_BOUNDS)
    good_for_minutes = models.PositiveIntegerField(validators=_BOUNDS)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["team__name", "environment"]
        constraints = [
            models.UniqueConstraint(fields=["team", "environment"], name="refresh_schedule_once"),
            models.UniqueConstraint(
                fields=["environment"], condition=Q(team__isnull=True), name="refresh_schedule_any_team_once"
            ),
        ]

    def __str__(self) -> str:
        words = [f"team {self.team}" if self.team else "", self.environment]
        return ", ".join(word for word in words if word) or "all other LPARs"

    @property
    def closeness(self) -> tuple[bool, bool]:
        """Of several schedules that an LPAR falls under the one with the highest counts."""
        return self.team_id is not None, self.environment != ""

    @property
    def group(self) -> Q:
        """The LPARs that it speaks of."""
        team = Q() if self.team_id is None else Q(team=self.team_id)
        return team & (Q(environment__iexact=self.environment) if self.environment else Q())

    @property
    def every(self) -> timedelta:
        """The time from one look to the next."""
        return timedelta(minutes=self.every_minutes)

    @property
    def good_for(self) -> timedelta:
        """How long facts carry a verdict."""
        return timedelta(minutes=self.good_for_minutes)
