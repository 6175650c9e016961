"""What the readiness checks found when an LPAR was last judged, one row each, for lists and the matrix."""

from django.db import models

from inventory.models import Lpar
from liveupdate.lpar.consents import Consent
from liveupdate.readiness.base import FindingState, Severity, shown_state


class StoredFinding(models.Model):
    """One check's newest finding on one LPAR for a Live Update in general.

    `check_id` is the requirement's id (`RQ-040`); `found_at` since when the check says exactly this;
    `undecided` whether the verdict must wait for it. `evidence` holds hosts, commands and lines as
    `finding_document` gives them. Texts that explain the check itself stand in the catalogue.
    """

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="findings")
    check_id = models.CharField(max_length=12)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in FindingState])
    severity = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Severity])
    message = models.TextField()
    curable = models.BooleanField(default=False)
    consent = models.CharField(
        max_length=40, blank=True, choices=[(consent.value, consent.value) for consent in Consent]
    )
    undecided = models.BooleanField(default=False)
    evidence = models.JSONField(default=list)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lpar", "check_id"], name="finding_once")]
        indexes = [models.Index(fields=["check_id", "state", "lpar"], name="finding_by_check")]
        ordering = ["lpar", "check_id"]

    def __str__(self) -> str:
        return f"{self.lpar} {self.check_id}: {self.state}"

    @property
    def shown(self) -> str:
        """The state as people read it: what the plan cures by itself is not in the way."""
        return shown_state(self.state, self.curable, self.consent)
