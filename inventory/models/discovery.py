"""Discoveries: what an HMC or a NIM master knows of the estate, and what of it differs from the inventory."""

from django.db import models

from inventory.models.hosts import Host
from portal.access.models import User


class Discovery(models.Model):
    """One reading of all that a host knows of others.

    A worker does it and holds `doing_until` meanwhile. `problem` says what was not read, in a discovery
    that is `partial` or `failed`; nothing is called gone on the ground of what was not read.
    """

    class State(models.TextChoices):
        """How far it is, or how it ended."""

        ASKED = "asked", "waits for a worker"
        RUNNING = "running", "is being read"
        DONE = "done", "read whole"
        PARTIAL = "partial", "read in part"
        FAILED = "failed", "not read"

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="discoveries")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    problem = models.TextField(blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    doing_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    commands = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name_plural = "discoveries"

    def __str__(self) -> str:
        return f"discovery {self.pk} of {self.host}"


class Discovered(models.Model):
    """Something that a discovery found to be new, changed or gone, and what was decided about it.

    `identity` never holds a name alone: for what an HMC knows it is the managed system's serial number
    and the partition's UUID. `before` and `after` map attributes to their values; `row` is the key of
    what it is about in the inventory, if that is there. What needs no person has no `decided_by`.
    """

    class Kind(models.TextChoices):
        """What was found."""

        MANAGED_SYSTEM = "managed_system", "managed system"
        VIOS = "vios", "VIOS"
        LPAR = "lpar", "LPAR"
        NIM_OBJECT = "nim_object", "NIM object"

    class Change(models.TextChoices):
        """How it differs from the inventory."""

        NEW = "new", "new"
        CHANGED = "changed", "changed"
        GONE = "gone", "gone"

    class Decision(models.TextChoices):
        """What became of it."""

        OPEN = "open", "waits for a decision"
        ACCEPTED = "accepted", "taken into the inventory"
        REFUSED = "refused", "left as it was"
        SUPERSEDED = "superseded", "a later discovery says otherwise"

    discovery = models.ForeignKey(Discovery, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    identity = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    change = models.CharField(max_length=10, choices=Change.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    row = models.PositiveBigIntegerField(null=True, blank=True)
    decision = models.CharField(max_length=12, choices=Decision.choices, default=Decision.OPEN)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["discovery", "kind", "identity"], name="discovered_once")
        ]
        indexes = [
            models.Index(fields=["decision", "change"], name="discovered_open"),
            models.Index(fields=["kind", "identity"], name="discovered_identity"),
        ]
        ordering = ["discovery", "kind", "name", "identity"]
        verbose_name_plural = "discovered"

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.change}"

    @property
    def values(self) -> list[tuple[str, str, str]]:
        """Each attribute that has one, in words, with its value before and after as text."""
        both = [
            (name.replace("_", " "), _shown(self.before.get(name)), _shown(self.after.get(name)))
            for name in sorted({*self.before, *self.after})
        ]
        return [each for each in both if each[1] or each[2]]


def _shown(value: object) -> str:
    return "" if value is None else str(value)
