"""Mails that wait to be sent or were sent, and what people want to be told."""

from django.db import models

from liveupdate.control.notices import Occasion
from liveupdate.models.campaigns import Campaign
from liveupdate.models.reports import StoredReport
from liveupdate.models.requests import Request
from liveupdate.models.runs import Run
from portal.access.models import User

MOST_ATTEMPTS = 12


class Notice(models.Model):
    """One mail to one person, written in the transaction of what it tells of.

    It is about a request, a campaign or a report. `key` names occasion, matter and person, so that nothing
    is told twice. `only_while` is the state of the run, or else of what it is about, in which the mail still
    makes sense; empty: always. `version` is the request's, else 0. After `MOST_ATTEMPTS` nobody
    tries again, and pages say so.
    """

    key = models.CharField(max_length=160, unique=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    occasion = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Occasion])
    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    report = models.ForeignKey(
        StoredReport, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    version = models.PositiveIntegerField()
    only_while = models.CharField(max_length=24, blank=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    try_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    overtaken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["sent_at", "overtaken_at", "try_at"], name="notice_waiting"),
            models.Index(fields=["person", "-id"], name="notice_of_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(request__isnull=False, campaign__isnull=True, report__isnull=True)
                | models.Q(request__isnull=True, campaign__isnull=False, report__isnull=True)
                | models.Q(request__isnull=True, campaign__isnull=True, report__isnull=False),
                name="notice_about_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def about(self) -> Request | Campaign | StoredReport:
        """What it tells of."""
        about = self.request or self.campaign or self.report
        assert about is not None
        return about

    @property
    def is_over(self) -> bool:
        """Whether what it tells of is over, or was changed since."""
        if not self.only_while:
            return False
        state = self.run.state if self.run else self.about.state
        return state != self.only_while or (self.request is not None and self.version != self.request.version)

    @property
    def state(self) -> str:
        """How far it came: sent, overtaken by events, waiting, or failed."""
        if self.sent_at:
            return "sent"
        if self.overtaken_at:
            return "overtaken"
        return "failed" if self.attempts >= MOST_ATTEMPTS else "waiting"


class MailChoice(models.Model):
    """A person who does without mails on which nobody has to act."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="mail_choice")
    actions_only = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.person}: {'actions only' if self.actions_only else 'everything'}"
