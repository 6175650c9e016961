"""What people decided on patching as a whole: deadlines in their versions, and reviews of access."""

from django.db import models

from portal.access.models import User


class DeadlineVersion(models.Model):
    """Within how many days a fault is to be cured after IBM published it, by severity. Never changed;
    the newest version that is active holds.

    `days` maps a severity (`inventory.compliance.severity`) to days.
    """

    days = models.JSONField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    active_from = models.DateTimeField()
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-active_from", "-id"]

    def __str__(self) -> str:
        return f"deadlines, version {self.pk}"


class AccessReview(models.Model):
    """Somebody went through who holds which role. `roles_digest` is over what they were shown."""

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(auto_now_add=True)
    roles_digest = models.CharField(max_length=71)
    people = models.PositiveIntegerField()
    conclusion = models.TextField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"review of access of {self.reviewed_at:%Y-%m-%d}"
