"""What LPARs were seen to run, apart from what runs say they did, and changes that no run explains."""

from django.db import models
from django.urls import reverse

from inventory.models import Lpar
from liveupdate.models.runs import Run
from portal.access.models import User


class Snapshot(models.Model):
    """An LPAR's software as a look found it, kept when it differs from the look before. Never changed.

    `filesets_digest` and `ifixes_digest` are over what `lslpp -Lc` and `emgr -l` list, `booted` is the
    LPAR's local time of its boot as `MM-DD hh:mm`, `partition` its id. `run` is the run that explains
    the difference; empty where none does, and for the first look.
    """

    lpar = models.ForeignKey(Lpar, on_delete=models.PROTECT, related_name="snapshots")
    level = models.CharField(max_length=20)
    filesets_digest = models.CharField(max_length=71)
    ifixes_digest = models.CharField(max_length=71)
    booted = models.CharField(max_length=11, blank=True)
    partition = models.IntegerField(null=True, blank=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="snapshots")
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["lpar", "-id"], name="snapshot_of_lpar")]

    def __str__(self) -> str:
        return f"{self.lpar} at {self.level}"


class SeenDay(models.Model):
    """A day (UTC) on which a look could tell an LPAR's software. Never changed."""

    lpar = models.ForeignKey(Lpar, on_delete=models.PROTECT, related_name="seen_days")
    day = models.DateField()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["lpar", "day"], name="seen_once_a_day")]

    def __str__(self) -> str:
        return f"{self.lpar} on {self.day}"


class OutsideChange(models.Model):
    """A change of an LPAR's software outside the process: no run explains it.

    Somebody explains it with a ticket, and somebody else closes it with what they concluded.
    """

    snapshot = models.OneToOneField(Snapshot, on_delete=models.PROTECT, related_name="outside_change")
    before = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    why = models.TextField()
    found_at = models.DateTimeField(auto_now_add=True)
    explanation = models.TextField(blank=True)
    ticket = models.CharField(max_length=60, blank=True)
    explained_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    explained_at = models.DateTimeField(null=True, blank=True)
    conclusion = models.TextField(blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Change outside the process on {self.snapshot.lpar}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("outside-change", args=[self.pk])

    @property
    def state(self) -> str:
        """`open`, `explained`, or `closed`."""
        return "closed" if self.closed_at else "explained" if self.explained_at else "open"
