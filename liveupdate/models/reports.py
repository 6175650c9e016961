"""Reports that were asked for and made, and schedules by which that happens by itself."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.urls import reverse

from liveupdate.reports.kinds import KINDS
from portal.access.models import Team, User


class ReportSchedule(models.Model):
    """A report that is made each week or month for the time before, and mailed as a link.

    `next_at` is when it is made next, in its time zone the first hour of a week or month; the report is
    about the week or month before. `owner` is who has it made: without their right it is not made.
    """

    class Every(models.TextChoices):
        """How often, and about which time."""

        WEEK = "week", "every week, about the week before"
        MONTH = "month", "every month, about the month before"

    kind = models.CharField(max_length=20)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    every = models.CharField(max_length=5, choices=Every.choices)
    time_zone = models.CharField(max_length=40, default="UTC")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="report_schedules")
    recipients = models.ManyToManyField(User, related_name="+")
    next_at = models.DateTimeField()
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_every_display()}, {self.team or 'all teams'}"

    @property
    def title(self) -> str:
        """What its reports are called."""
        return KINDS[self.kind].title


class StoredReport(models.Model):
    """One report: what was asked, how far it is, and once it is ready its bytes, which never change.

    `content` is the canonical JSON whose SHA-256 is `digest`; `people` maps its pseudonyms to names as they
    were then. A worker makes it and holds `making_until` meanwhile. `as_of` None asks for the time of making.
    """

    class State(models.TextChoices):
        """How far it is."""

        ASKED = "asked", "waits for a worker"
        RUNNING = "running", "is being made"
        READY = "ready", "ready"
        FAILED = "failed", "not made"

    kind = models.CharField(max_length=20)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    begin = models.DateTimeField()
    end = models.DateTimeField()
    time_zone = models.CharField(max_length=40, default="UTC")
    as_of = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    schedule = models.ForeignKey(
        ReportSchedule, on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    making_until = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=80, blank=True)
    steps_done = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=71, blank=True)
    ledger_size = models.PositiveBigIntegerField(null=True, blank=True)
    ledger_root = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(null=True, blank=True)
    people = models.JSONField(default=dict, blank=True)
    product = models.CharField(max_length=100, blank=True)
    pdf = models.BinaryField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="ready", digest__startswith="sha256:", content__isnull=False)
                | ~models.Q(state="ready"),
                name="report_ready_has_content",
            )
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="report_waiting")]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("report", args=[self.pk])

    @property
    def number(self) -> str:
        """A name that one can quote: `REP-000012`."""
        return f"REP-{self.pk:06}"

    @property
    def title(self) -> str:
        """What it is called."""
        return KINDS[self.kind].title

    @property
    def days(self) -> str:
        """The first and the last day of its period, by its time zone: `2026-10-01 to 2026-10-31`."""
        zone = ZoneInfo(self.time_zone)
        last = self.end - timedelta(microseconds=1)
        return f"{self.begin.astimezone(zone):%Y-%m-%d} to {last.astimezone(zone):%Y-%m-%d}"
