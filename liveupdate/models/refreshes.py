"""Refreshes of many LPARs that a person asked for at once, so that they can be followed."""

from django.db import models

from inventory.models import Lpar
from portal.access.models import User


class Refresh(models.Model):
    """Somebody asked at `asked_at` for a look at each of these LPARs; `words` say which they are."""

    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="refreshes")
    asked_at = models.DateTimeField()
    words = models.CharField(max_length=300)
    lpars = models.ManyToManyField(Lpar, related_name="refreshes")

    class Meta:
        ordering = ["-asked_at"]
        verbose_name_plural = "refreshes"

    def __str__(self) -> str:
        return f"refresh of {self.words}"
