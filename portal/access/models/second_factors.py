"""What a person signs in with besides their password, and what takes its place when it is lost."""

from django.db import models
from django.db.models import Q

from portal.access.models.people import User


class SecondFactor(models.Model):
    """An authenticator app of one person (TOTP, RFC 6238).

    It counts from `confirmed_at`, when its first code was right, until `removed_at`. `sealed_secret`
    is ciphertext (`portal.access.second_factor.sealing`). `last_step` is the time step of the newest
    code that was taken: no code of it or before is taken again.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="second_factors")
    sealed_secret = models.CharField(max_length=255, editable=False)
    last_step = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(removed_at__isnull=True), name="one_second_factor"
            ),
        ]

    def __str__(self) -> str:
        return f"Second factor of {self.user}"


class RecoveryCode(models.Model):
    """One code that stands in for the authenticator app once; only its keyed hash is kept."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"Recovery code {self.pk} of {self.factor.user}"
