"""Readings of facts, kept with their provenance; the raw text is the truth, values are parsed anew."""

from django.db import models

from inventory.facts.base import ReadingState
from inventory.models.hosts import Host
from portal.lib.clock import now


class FactReading(models.Model):
    """One answer of one host to one fact's command.

    `key` holds the values of the fact's parameters (`hdisk2`), `subject` the LPAR's host for which
    an HMC was asked, `account` who asked last. Only the newest reading per host, subject, fact and key is
    `current`. The same answer is kept once, however often it is read: first at `first_read_at`, last at
    `read_at`, until another look found another one or none (`ended_at`). `digest` is what answers are
    compared by.
    """

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="readings")
    subject = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="readings_about")
    fact = models.CharField(max_length=60)
    key = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=64, blank=True)
    command = models.TextField()
    stdout = models.TextField(blank=True)
    stderr = models.TextField(blank=True)
    status = models.IntegerField(null=True)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in ReadingState])
    problem = models.TextField(blank=True)
    parser_version = models.PositiveIntegerField(default=1)
    first_read_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=71, blank=True)
    current = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "current", "fact", "key"], name="reading_current"),
            models.Index(fields=["subject", "fact", "key", "-read_at"], name="reading_history"),
        ]
        ordering = ["fact", "key", "-read_at"]

    def __str__(self) -> str:
        return f"{self.subject} {self.fact} {self.key}".strip()
