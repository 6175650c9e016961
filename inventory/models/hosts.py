"""Endpoints: where to connect, as whom, and which key the host must show."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from inventory.facts.base import HostKind
from portal.access.models import User

fingerprint_format = RegexValidator(
    r"\ASHA256:[A-Za-z0-9+/]{43}\Z",
    "A fingerprint reads SHA256: and 43 characters, as ssh-keygen -lf prints it.",
)
reference_format = RegexValidator(
    r"\A(file:/[^\x00\n]{1,400}|env:[A-Z][A-Z0-9_]{0,80}|agent:)\Z",
    "A credential reference is file:/absolute/path, env:NAME or agent: (the secret itself stays outside).",
)


class Credential(models.Model):
    """A name for a secret that lives elsewhere: a key file, an environment entry, an agent."""

    name = models.SlugField(max_length=60, unique=True)
    reference = models.CharField(max_length=420, validators=[reference_format])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Host(models.Model):
    """An SSH endpoint: an LPAR, an HMC, a NIM master or a VIOS.

    `account` executes. Where there is a `looking_account`, with a credential of its own, that one looks
    (threat T7); what it may not read stays unknown, unless `reads_beyond_looking` lets the executing
    account read it.
    """

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in HostKind])
    address = models.CharField(max_length=253)
    port = models.PositiveIntegerField(
        default=22, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    account = models.CharField(max_length=32)
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="hosts")
    looking_account = models.CharField(max_length=32, blank=True)
    looking_credential = models.ForeignKey(
        Credential, on_delete=models.PROTECT, null=True, blank=True, related_name="looked_at"
    )
    reads_beyond_looking = models.BooleanField(default=False)
    contact_state = models.CharField(max_length=12, default="never")
    contact_problem = models.TextField(blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    ssh_exceptions = models.CharField(max_length=120, blank=True)
    ssh_exception_reason = models.CharField(max_length=400, blank=True)
    ssh_excepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ssh_excepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="host_looks_with_a_credential",
                condition=(
                    models.Q(looking_account="", looking_credential=None, reads_beyond_looking=False)
                    | ~models.Q(looking_account="") & models.Q(looking_credential__isnull=False)
                ),
            )
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def weak_algorithms(self) -> tuple[str, ...]:
        """The SSH algorithms below the portal's floor that this host alone may use."""
        return tuple(self.ssh_exceptions.split())


class HostKey(models.Model):
    """A key that a host showed. `pinned` keys were accepted by a person or an import; others wait.

    A key that is to replace an accepted one is proposed by one person and accepted by another (threat T4).
    """

    class State(models.TextChoices):
        """What the portal does with the key."""

        PENDING = "pending", "waiting for acceptance"
        PINNED = "pinned", "accepted"
        CHANGED = "changed", "changed: connections blocked"
        RETIRED = "retired", "replaced"

    ONCE_PINNED = (State.PINNED, State.RETIRED)

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="keys")
    fingerprint = models.CharField(max_length=50, validators=[fingerprint_format])
    key_type = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    seen_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "fingerprint"], name="host_key_once")]
        ordering = ["host", "-seen_at"]

    def __str__(self) -> str:
        return f"{self.host} {self.fingerprint} ({self.state})"
