"""Standard changes: what may be done again and again once a second person has approved it."""

from django.db import models

from portal.access.models import Team, User


class StandardChange(models.Model):
    """Everything of a request but its LPAR and window, as canonical JSON with its digest.

    `ended_at` says when it stopped to count; what is to change is written as another one.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="standard_changes")
    title = models.CharField(max_length=100)
    document = models.TextField()
    digest = models.CharField(max_length=71, db_index=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """`submitted` until it is approved, `withdrawn` once it is over."""
        if self.ended_at:
            return "withdrawn"
        return "approved" if self.approved_by_id else "submitted"
