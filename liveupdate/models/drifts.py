"""What was another at a start than when the plan was approved."""

from django.db import models

from liveupdate.control.drift import Rule
from liveupdate.models.requests import Plan, Request


class FoundDrift(models.Model):
    """One look at which facts differed from what a plan was approved against, and what came of it.

    `found` holds each field with both values and its rule (`Drift.as_dict`), `why` the reason in words.
    `basis` is what the look saw: what the plan is approved against from here on, unless it is void.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="drifts")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="drifts")
    outcome = models.CharField(max_length=10, choices=[(rule.value, rule.value) for rule in Rule])
    why = models.TextField()
    found = models.JSONField(default=list)
    basis = models.JSONField(default=dict)
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.outcome} of {self.request}"
