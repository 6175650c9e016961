"""What Live Updates left, each with an owner and a day by which it has to be gone."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localdate

from inventory.models import Lpar
from liveupdate.lpar.residue import CARE, LeftoverKind
from liveupdate.models.runs import Run
from portal.access.models import User


class Leftover(models.Model):
    """One thing that is left on an LPAR. Open until a look shows that it is gone, or a person closes it.

    `owner` is who takes care of it, with the LPAR's team behind; `run` the one that left it, if it is
    known. `about` tells it from others of its kind. `closed_by` is empty where a look closed it.
    """

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="leftovers")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="leftovers")
    kind = models.CharField(max_length=20, choices=[(kind.value, CARE[kind].title) for kind in LeftoverKind])
    about = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="leftovers")
    due_on = models.DateField()
    found_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["lpar"], condition=Q(closed_at=None), name="leftover_open"),
            models.Index(fields=["due_on", "id"], name="leftover_due"),
        ]

    def __str__(self) -> str:
        return f"{self.lpar}: {self.text}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("leftover", args=[self.pk])

    @property
    def state(self) -> str:
        """`open`, `overdue`, or `closed`."""
        if self.closed_at is not None:
            return "closed"
        return "overdue" if self.due_on < localdate() else "open"
