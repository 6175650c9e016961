"""Access of programs: tokens that act for a person, and answers kept so that a repetition does nothing."""

from django.db import models

from portal.access.models.people import User


class ApiToken(models.Model):
    """A token by which programs act for its owner, within its scopes.

    The token itself is shown once and never kept: `prefix` finds the row, and `mac` is a keyed hash over
    the secret, owner, scopes and last day, so that who writes the database cannot widen a token.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    mac = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"lu_{self.prefix}… {self.name}"


class IdempotentAnswer(models.Model):
    """What was answered to a POST with an `Idempotency-Key`, for whoever sends the same once more."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    asked_digest = models.CharField(max_length=71)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"Answer to {self.key}"
