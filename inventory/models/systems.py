"""HMCs, managed systems, NIM masters, LPARs and their disks."""

from django.db import models

from inventory.models.hosts import Credential, Host
from portal.access.models import Team


class Hmc(models.Model):
    """A Hardware Management Console, and the user that LPARs authenticate as for Live Update."""

    host = models.OneToOneField(Host, on_delete=models.PROTECT, related_name="hmc")
    client_user = models.CharField(max_length=32, default="liveupdate")
    client_credential = models.ForeignKey(
        Credential, on_delete=models.PROTECT, null=True, blank=True, related_name="hmc_clients"
    )

    class Meta:
        ordering = ["host__name"]

    def __str__(self) -> str:
        return self.host.name


class ManagedSystem(models.Model):
    """A Power server (CEC), known by its serial number."""

    name = models.CharField(max_length=100)
    serial = models.CharField(max_length=20, unique=True)
    type_model = models.CharField(max_length=20, blank=True)
    hmcs = models.ManyToManyField(Hmc, related_name="managed_systems")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class NimMaster(models.Model):
    """A NIM master, which serves installation media.

    `media` (`SERVER:/directory`) and the level that they bring are what requests for its LPARs
    propose.
    """

    host = models.OneToOneField(Host, on_delete=models.PROTECT, related_name="nim_master")
    media = models.CharField(max_length=300, blank=True)
    media_level = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["host__name"]

    def __str__(self) -> str:
        return self.host.name


class Lpar(models.Model):
    """An AIX partition that we update: identified by managed-system serial and partition UUID.

    `lpar_id` changes with every Live Update, so it identifies nothing. `level`, `verdict` and
    `facts_read_at` repeat what the newest facts say, for lists. A look that somebody asked for at
    `look_asked_at` is done by a worker, which holds `looking_until` meanwhile.
    """

    host = models.OneToOneField(Host, on_delete=models.PROTECT, related_name="lpar")
    uuid = models.CharField(max_length=36)
    managed_system = models.ForeignKey(ManagedSystem, on_delete=models.PROTECT, related_name="lpars")
    hmc = models.ForeignKey(Hmc, on_delete=models.PROTECT, related_name="lpars")
    nim_master = models.ForeignKey(
        NimMaster, on_delete=models.PROTECT, related_name="lpars", null=True, blank=True
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="lpars")
    environment = models.CharField(max_length=20, default="production")
    application = models.CharField(max_length=80, blank=True)
    lpar_id = models.PositiveIntegerField(null=True, blank=True)
    rollback_clone_disk = models.CharField(max_length=40, blank=True)
    level = models.CharField(max_length=20, blank=True)
    verdict = models.CharField(max_length=20, default="unknown")
    facts_read_at = models.DateTimeField(null=True, blank=True)
    look_asked_at = models.DateTimeField(null=True, blank=True)
    looking_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["managed_system", "uuid"], name="lpar_identity")]
        ordering = ["host__name"]

    def __str__(self) -> str:
        return self.host.name

    @property
    def name(self) -> str:
        """The partition's name, which is also its host's."""
        return self.host.name


class Disk(models.Model):
    """A disk of an LPAR as its newest facts show it."""

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="disks")
    name = models.CharField(max_length=40)
    pvid = models.CharField(max_length=32, blank=True)
    volume_group = models.CharField(max_length=40, blank=True)
    size_mb = models.PositiveBigIntegerField(null=True, blank=True)
    volume_name = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lpar", "name"], name="disk_once")]
        ordering = ["lpar", "name"]

    def __str__(self) -> str:
        return f"{self.lpar} {self.name}"
