"""What people answered to requirements that no command can test."""

from django.db import models

from inventory.models import Lpar
from portal.access.models import User


class GivenAnswer(models.Model):
    """One person's answer to one requirement of one LPAR. The newest counts, until its last day is over.

    `check_id` is the requirement (`RQ-171`), `holds` whether it is met. Rows are never changed.
    """

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="answers")
    check_id = models.CharField(max_length=10)
    holds = models.BooleanField()
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    good_until = models.DateField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["lpar", "check_id", "-id"], name="answer_newest")]

    def __str__(self) -> str:
        return f"{self.lpar} {self.check_id}: {'yes' if self.holds else 'no'}"
