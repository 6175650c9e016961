"""The approval policy in its versions, and who decides on whose behalf."""

from django.db import models
from django.urls import reverse

from liveupdate.control.ruling import RISKS
from portal.access.models import User


class PolicyVersion(models.Model):
    """One version of the approval policy: written once, never changed; the newest that is active holds."""

    document = models.TextField()
    digest = models.CharField(max_length=71, db_index=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    active_from = models.DateTimeField()
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-active_from", "-id"]

    def __str__(self) -> str:
        return f"policy version {self.pk}"

    def get_absolute_url(self) -> str:
        """The version's page."""
        return reverse("policy-version", args=[self.pk])


class Delegation(models.Model):
    """`taker` decides for `giver` until it ends, up to a risk, in some environments (none named: in all)."""

    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_given")
    taker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_taken")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    risk = models.CharField(max_length=10, choices=[(risk, risk) for risk in RISKS])
    environments = models.JSONField(default=list, blank=True)
    reason = models.TextField()
    given_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-starts_at", "-id"]

    def __str__(self) -> str:
        return f"{self.taker} for {self.giver}"
