"""Filters of lists that people keep."""

from django.db import models

from portal.access.models.people import Team, User


class SavedFilter(models.Model):
    """A list's filter under a name, for one person or for everybody of a team.

    `path` is the list's address (`/lpars/`), `query` what follows its question mark: filters and order.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, related_name="saved_filters", null=True, blank=True
    )
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=200)
    query = models.CharField(max_length=1000)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "path", "name"], name="saved_filter_once"),
        ]
        indexes = [models.Index(fields=["path", "name"], name="saved_filter_of_list")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The list as this filter shows it."""
        return f"{self.path}?{self.query}"
