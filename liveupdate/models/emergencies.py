"""Emergencies: what started before everybody had decided, and whether somebody has looked back at it."""

from django.db import models

from liveupdate.models.requests import Request
from portal.access.models import User


class Emergency(models.Model):
    """A request was handed in as an emergency; a debt until somebody else closes it with what they found."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="emergencies")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergencies")
    incident = models.CharField(max_length=60)
    reason = models.TextField()
    opened_at = models.DateTimeField(auto_now_add=True)
    due_on = models.DateField()
    findings = models.TextField(blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.incident} ({self.request})"
