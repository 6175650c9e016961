"""People, teams, and who holds which role where."""

import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models

from portal.access.roles import Role

SALT_BYTES = 32


def new_public_id() -> str:
    """A pseudonym for the ledger: `u_` and eight hexadecimal digits."""
    return "u_" + secrets.token_hex(4)


def new_salt() -> bytes:
    """32 random bytes: who does not have them cannot try names against a commitment."""
    return secrets.token_bytes(SALT_BYTES)


class User(AbstractUser):
    """A person who signs in. The ledger knows them by `public_id` alone.

    `salt` is what their commitment (`portal.access.personal.commitment`) is made with; it is nowhere else.
    From `erased_at` on the row holds nothing that identifies: `username` is `erased_name`.
    """

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    salt = models.BinaryField(max_length=SALT_BYTES, null=True, default=new_salt, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(erased_at=None)
                | models.Q(first_name="", last_name="", email="", salt=None, is_active=False),
                name="erased_person_is_blank",
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def erased_name(self) -> str:
        """What takes the place of every name of theirs once they are erased."""
        return f"erased person {self.public_id}"


class Team(models.Model):
    """A group of people who own LPARs together."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of one person, in one team or (team empty) everywhere; `granted_by` is empty for a command."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, related_name="memberships", null=True, blank=True
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "team", "role"], name="membership_once"),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(team__isnull=True),
                name="membership_everywhere_once",
            ),
        ]
        ordering = ["user", "team", "role"]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.team or 'all teams'}"
