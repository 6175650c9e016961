"""What administrators decide of a person's data: that it is erased, or held because a law wants it kept."""

from django.db import models
from django.db.models import Q

from portal.access.models.people import User


class Erasure(models.Model):
    """That a person is erased: one administrator asks for it, another confirms it, or takes it back."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="erasures")
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(withdrawn_at=None), name="one_erasure_of_person"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("asked_by")),
                name="erasure_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Erasure of {self.person}"


class LegalHold(models.Model):
    """That a person's data is kept, whoever asks for its erasure; it ends by two administrators."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)
    end_asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    end_asked_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at=None), name="one_legal_hold_of_person"
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | ~Q(ended_by=models.F("end_asked_by")),
                name="legal_hold_ended_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Legal hold on {self.person}"
