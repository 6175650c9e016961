"""Virtual I/O Servers, as the HMCs of their managed systems know them."""

from django.db import models

from inventory.models.systems import ManagedSystem


class Vios(models.Model):
    """A partition that serves disks and networks to others; identified as an LPAR is.

    `level` is what `ioslevel` prints (`3.1.4.21`), with the time when it was read.
    """

    managed_system = models.ForeignKey(ManagedSystem, on_delete=models.PROTECT, related_name="vioses")
    name = models.CharField(max_length=100)
    uuid = models.CharField(max_length=36, blank=True)
    logical_serial = models.CharField(max_length=30, blank=True)
    lpar_id = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=40, blank=True)
    rmc_state = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=253, blank=True)
    level = models.CharField(max_length=20, blank=True)
    level_read_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["managed_system", "uuid"], condition=~models.Q(uuid=""), name="vios_identity"
            )
        ]
        ordering = ["managed_system", "name"]
        verbose_name = "VIOS"
        verbose_name_plural = "VIOSs"

    def __str__(self) -> str:
        return self.name
