"""What managed systems have and what of it is free, as an HMC last told. None is unknown."""

from django.db import models

from inventory.models.systems import Hmc, ManagedSystem


class SystemCapacity(models.Model):
    """Memory in MB and processors in cores that partitions may have in all, and that none has now.

    Each of the two has the time when it was read; what cannot be read any more keeps its old time.
    """

    managed_system = models.OneToOneField(ManagedSystem, on_delete=models.CASCADE, related_name="capacity")
    memory_mb = models.PositiveBigIntegerField(null=True)
    free_memory_mb = models.PositiveBigIntegerField(null=True)
    memory_read_at = models.DateTimeField(null=True)
    cores = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    free_cores = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    cores_read_at = models.DateTimeField(null=True)
    max_lpars = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["managed_system"]

    def __str__(self) -> str:
        return f"capacity of {self.managed_system}"


class ProcessorPool(models.Model):
    """A shared processor pool; number 0 is the default pool, which has no limits of its own."""

    managed_system = models.ForeignKey(ManagedSystem, on_delete=models.CASCADE, related_name="pools")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    max_cores = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    reserved_cores = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["managed_system", "number"], name="pool_once")]
        ordering = ["managed_system", "number"]

    def __str__(self) -> str:
        return f"{self.managed_system} pool {self.name}"


class CodPool(models.Model):
    """A Power Enterprise Pool: mobile capacity that its managed systems share (memory in MB).

    `state` is what the HMC says of its compliance; unreturned capacity is used and not paid back.
    """

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=60)
    cores = models.PositiveIntegerField(null=True)
    free_cores = models.PositiveIntegerField(null=True)
    unreturned_cores = models.PositiveIntegerField(null=True)
    memory_mb = models.PositiveBigIntegerField(null=True)
    free_memory_mb = models.PositiveBigIntegerField(null=True)
    unreturned_memory_mb = models.PositiveBigIntegerField(null=True)
    hmcs = models.ManyToManyField(Hmc, related_name="cod_pools")
    managed_systems = models.ManyToManyField(ManagedSystem, related_name="cod_pools")
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
