"""Disks that plans hold, so that no two of them overwrite the same one."""

from django.db import models
from django.db.models import Q

from inventory.models import Lpar
from liveupdate.models.requests import Request

HELD = Q(released_at=None)


class DiskReservation(models.Model):
    """One disk that a request's plan holds, until `released_at` is set.

    A disk that several LPARs see has one PVID and one volume of the storage system (`volume`), but a name
    of its own on each: the database lets no two plans hold it under any of these. `until` is the end of the
    request's change window, after which a plan that was not started holds nothing.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="disk_reservations")
    lpar = models.ForeignKey(Lpar, on_delete=models.PROTECT, related_name="disk_reservations")
    disk = models.CharField(max_length=40)
    role = models.CharField(max_length=10, choices=[(role, role) for role in ("nhdisk", "mhdisk", "clone")])
    pvid = models.CharField(max_length=32, blank=True)
    volume = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["lpar", "disk"], condition=HELD, name="held_disk_once"),
            models.UniqueConstraint(fields=["pvid"], condition=HELD & ~Q(pvid=""), name="held_pvid_once"),
            models.UniqueConstraint(
                fields=["volume"], condition=HELD & ~Q(volume=""), name="held_volume_once"
            ),
        ]
        indexes = [models.Index(fields=["request", "released_at"], name="reservation_request")]

    def __str__(self) -> str:
        return f"{self.disk} of {self.lpar} for {self.request}"

    def is_on(self, lpar: Lpar, disk: str, pvid: str, volume: str) -> bool:
        """Whether it is a disk that an LPAR knows by this name, PVID and volume."""
        if self.lpar_id == lpar.pk and self.disk == disk:
            return True
        return bool((pvid and pvid == self.pvid) or (volume and volume == self.volume))
