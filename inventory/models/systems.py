"""HMCs, PowerVCs, managed systems, NIM masters, LPARs and their disks."""

from typing import Self

from django.db import models

from inventory.models.hosts import Credential, Host
from portal.access.models import Team
from portal.lib.clock import now


class Hmc(models.Model):
    """A Hardware Management Console, and the user that LPARs authenticate as for Live Update."""

    host = models.OneToOneField(Host, on_delete=models.PROTECT, related_name="hmc")
    client_user = models.CharField(max_length=32, default="liveupdate")
    client_credential = models.ForeignKey(
        Credential, on_delete=models.PROTECT, null=True, blank=True, related_name="hmc_clients"
    )
    version = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["host__name"]

    def __str__(self) -> str:
        return self.host.name


class ManagedSystem(models.Model):
    """A Power server (CEC), known by its serial number.

    `state` (`Operating`, `No Connection`, …) and `problem` are what an HMC last said of it.
    """

    name = models.CharField(max_length=100)
    serial = models.CharField(max_length=20, unique=True)
    type_model = models.CharField(max_length=20, blank=True)
    hmcs = models.ManyToManyField(Hmc, related_name="managed_systems")
    state = models.CharField(max_length=80, blank=True)
    problem = models.TextField(blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class NimMaster(models.Model):
    """A NIM master, which serves installation media.

    `media` (`SERVER:/directory`) and the level that they bring are what requests for its LPARs
    propose. `live_update_directory` holds the files of its `live_update_data`, and `runs_at_once` is how
    many Live Updates it follows at the same time.
    """

    host = models.OneToOneField(Host, on_delete=models.PROTECT, related_name="nim_master")
    media = models.CharField(max_length=300, blank=True)
    media_level = models.CharField(max_length=20, blank=True)
    live_update_directory = models.CharField(max_length=150, default="/export/nim/liveupdate")
    runs_at_once = models.PositiveSmallIntegerField(default=4)

    class Meta:
        ordering = ["host__name"]

    def __str__(self) -> str:
        return self.host.name


class PowerVc(models.Model):
    """A PowerVC server, and the user and project that LPARs authenticate as for Live Update.

    The portal itself never connects to it: the LPARs do (`pvcauth`).
    """

    name = models.CharField(max_length=100, unique=True)
    address = models.CharField(max_length=253)
    client_user = models.CharField(max_length=32)
    client_credential = models.ForeignKey(
        Credential, on_delete=models.PROTECT, related_name="powervc_clients"
    )
    project = models.CharField(max_length=64, default="ibm-default")

    class Meta:
        ordering = ["name"]
        verbose_name = "PowerVC"

    def __str__(self) -> str:
        return self.name


class LparQuerySet(models.QuerySet["Lpar"]):
    """LPARs."""

    def in_service(self) -> Self:
        """Those that nobody retired."""
        return self.filter(retired_at=None)


class Lpar(models.Model):
    """An AIX partition that we update: identified by managed-system serial and partition UUID.

    `uuid` is empty while no HMC has told it: older ones give only `logical_serial`, which holds the
    `lpar_id`. That changes with every Live Update, so it identifies nothing by itself.
    `powervc` manages the LPAR's storage and takes the HMC's place in Live Update; the portal looks through
    the HMC even so.
    `partition_name`, `partition_state`, `rmc_state`, memory and cores are what an HMC last listed, at
    `seen_at`; `surrogate_uuid` is the UUID beside its own that was seen during a Live Update.
    `clone_level` and `clone_made_at` are those of the rollback clone that a run made on
    `rollback_clone_disk`, empty for one that no run made.
    `level` (last read at `level_read_at`), `verdict`, `facts_state` (the worst state of a reading,
    empty: never read) and `facts_read_at` repeat what the newest facts say, for lists. A look that
    somebody asked for at `look_asked_at`, or that a schedule wants at `next_look_at`, is done by a
    worker, which holds `looking_until` meanwhile; from `stale_at` on the facts are too old for a
    verdict. `judged_by` is the digest of the rules that gave it; on `judge_again_on` an answer that it
    rests on has run out.
    `update_state` is where Live Update left it, told at `update_state_at` from what `update_state_basis`
    holds: `why`, the `evidence`, and what is `missing`.
    A retired LPAR is gone from its managed system, and kept for its history.
    """

    host = models.OneToOneField(Host, on_delete=models.PROTECT, related_name="lpar")
    uuid = models.CharField(max_length=36, blank=True)
    logical_serial = models.CharField(max_length=30, blank=True)
    surrogate_uuid = models.CharField(max_length=36, blank=True)
    partition_name = models.CharField(max_length=100, blank=True)
    partition_state = models.CharField(max_length=40, blank=True)
    rmc_state = models.CharField(max_length=20, blank=True)
    memory_mb = models.PositiveBigIntegerField(null=True, blank=True)
    cores = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    managed_system = models.ForeignKey(ManagedSystem, on_delete=models.PROTECT, related_name="lpars")
    hmc = models.ForeignKey(Hmc, on_delete=models.PROTECT, related_name="lpars")
    nim_master = models.ForeignKey(
        NimMaster, on_delete=models.PROTECT, related_name="lpars", null=True, blank=True
    )
    powervc = models.ForeignKey(
        PowerVc, on_delete=models.PROTECT, related_name="lpars", null=True, blank=True
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="lpars")
    environment = models.CharField(max_length=20, default="production")
    application = models.CharField(max_length=80, blank=True)
    lpar_id = models.PositiveIntegerField(null=True, blank=True)
    rollback_clone_disk = models.CharField(max_length=40, blank=True)
    clone_level = models.CharField(max_length=20, blank=True)
    clone_made_at = models.DateTimeField(null=True, blank=True)
    level = models.CharField(max_length=20, blank=True)
    level_read_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=20, default="unknown")
    update_state = models.CharField(max_length=24, default="unknown")
    update_state_basis = models.JSONField(default=dict, blank=True)
    update_state_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.CharField(max_length=64, blank=True)
    judge_again_on = models.DateField(null=True, blank=True)
    facts_state = models.CharField(max_length=12, blank=True)
    facts_read_at = models.DateTimeField(null=True, blank=True)
    stale_at = models.DateTimeField(null=True, blank=True)
    next_look_at = models.DateTimeField(null=True, blank=True)
    look_asked_at = models.DateTimeField(null=True, blank=True)
    looking_until = models.DateTimeField(null=True, blank=True)

    objects = LparQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["managed_system", "uuid"], condition=~models.Q(uuid=""), name="lpar_identity"
            )
        ]
        indexes = [
            models.Index(fields=["next_look_at"], name="lpar_next_look"),
            models.Index(fields=["look_asked_at"], name="lpar_look_asked"),
            models.Index(fields=["looking_until"], name="lpar_looking"),
        ]
        ordering = ["host__name"]

    def __str__(self) -> str:
        return self.host.name

    @property
    def name(self) -> str:
        """The partition's name, which is also its host's."""
        return self.host.name

    @property
    def is_stale(self) -> bool:
        """Whether the facts are older than their refresh schedule lets them be."""
        return self.stale_at is not None and self.stale_at <= now()

    @property
    def awaits_look(self) -> bool:
        """Whether a run or somebody asked for a look that has not been done yet: the facts are of before."""
        asked, read = self.look_asked_at, self.facts_read_at
        return asked is not None and (read is None or read < asked)

    @property
    def shown_verdict(self) -> str:
        """The verdict, which facts that are too old do not carry."""
        return "unknown" if self.is_stale else self.verdict


class Disk(models.Model):
    """A disk of an LPAR as its newest facts show it.

    `volume` is what every LPAR calls the storage system's volume (see `inventory.disk_identity`),
    `volume_name` the name that the storage system shows people.
    """

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="disks")
    name = models.CharField(max_length=40)
    pvid = models.CharField(max_length=32, blank=True)
    volume_group = models.CharField(max_length=40, blank=True)
    size_mb = models.PositiveBigIntegerField(null=True, blank=True)
    volume = models.CharField(max_length=200, blank=True)
    volume_name = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lpar", "name"], name="disk_once")]
        indexes = [
            models.Index(fields=["pvid"], name="disk_pvid"),
            models.Index(fields=["volume"], name="disk_volume"),
        ]
        ordering = ["lpar", "name"]

    def __str__(self) -> str:
        return f"{self.lpar} {self.name}"
