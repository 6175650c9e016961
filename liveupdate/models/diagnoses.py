"""What the logs of a run say of its failure, as it was judged when the run failed."""

from django.db import models

from liveupdate.models.runs import Run


class StoredDiagnosis(models.Model):
    """A signature found in a run's output and log files; the root cause has `position` 1.

    `signature` is its id, empty for a failure that none knows. `lines` are the traces, each
    `{"command", "stream", "line", "text"}`: number of the command that printed the line or brought its
    file home, stream, line from 1, and the line. `values` is what they name, `process` the process of
    the pid among it.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="diagnoses")
    position = models.PositiveSmallIntegerField()
    signature = models.CharField(max_length=8, blank=True)
    lines = models.JSONField()
    values = models.JSONField(default=dict)
    process = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="diagnosis_position_once")]

    def __str__(self) -> str:
        return f"{self.run} {self.signature or 'unknown failure'}"
