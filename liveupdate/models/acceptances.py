"""Processes on replaced libraries that people accept, by name."""

from django.db import models
from django.db.models import Q

from inventory.models import Lpar
from portal.access.models import Team, User


class StaleAcceptance(models.Model):
    """One person's word that a process may go on with replaced libraries, until its last day is over.

    It holds for one LPAR, or (`lpar` empty) for every LPAR of the team. Rows are never changed.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    lpar = models.ForeignKey(
        Lpar, on_delete=models.CASCADE, null=True, blank=True, related_name="stale_acceptances"
    )
    name = models.CharField(max_length=60)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    good_until = models.DateField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["team", "good_until"], name="stale_acceptance_newest")]

    def __str__(self) -> str:
        return f"{self.name} on {self.lpar or f'every LPAR of {self.team}'}"

    @staticmethod
    def concerning(lpar: Lpar) -> Q:
        """Those of an LPAR, or of every LPAR of its team."""
        return Q(lpar=lpar) | Q(lpar=None, team=lpar.team_id)
