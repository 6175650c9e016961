"""What a NIM master knows: its objects, what its lpp_sources hold, and its files for Live Update."""

from typing import Self

from django.db import models

from inventory.models.systems import Lpar, NimMaster


class NimObjectQuerySet(models.QuerySet["NimObject"]):
    """Objects of NIM masters."""

    def in_service(self) -> Self:
        """Those that nobody retired."""
        return self.filter(retired_at=None)

    def name_of(self, lpar: Lpar) -> str:
        """What the LPAR's NIM master calls it, as a discovery found; empty where none has."""
        found = self.in_service().filter(lpar=lpar, master=lpar.nim_master_id)
        return found.values_list("name", flat=True).first() or ""


class NimObject(models.Model):
    """An object of a NIM master, which knows it by its name.

    `attributes` maps each attribute to its values as `lsnim -l` printed them at `read_at`. `lpar` is the
    LPAR that a machine was found to be, and `linked_by` on what ground. A retired object is gone from the
    master, and a person confirmed that.
    """

    class Ground(models.TextChoices):
        """Why an object and an LPAR are taken for the same machine."""

        NONE = "", ""
        OWN_WORD = "own_word", "the LPAR's /etc/niminfo names it"
        NAME = "name", "both have the same host name"
        PROFILE = "profile", "mgmt_profile1 names the LPAR's managed system and partition id"

    master = models.ForeignKey(NimMaster, on_delete=models.CASCADE, related_name="nim_objects")
    name = models.CharField(max_length=100)
    object_class = models.CharField(max_length=40)
    object_type = models.CharField(max_length=40)
    attributes = models.JSONField(default=dict)
    lpar = models.ForeignKey(
        Lpar, on_delete=models.SET_NULL, null=True, blank=True, related_name="nim_objects"
    )
    linked_by = models.CharField(max_length=10, choices=Ground.choices, default=Ground.NONE, blank=True)
    read_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = NimObjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["master", "name"], name="nim_object_once")]
        indexes = [models.Index(fields=["master", "object_type"], name="nim_object_type")]
        ordering = ["object_class", "object_type", "name"]
        verbose_name = "NIM object"

    def __str__(self) -> str:
        return self.name

    def get(self, attribute: str) -> str:
        """The first value of an attribute; empty where it is blank or not there."""
        values = self.attributes.get(attribute) or [""]
        return str(values[0])


class LppSource(models.Model):
    """What an lpp_source holds.

    `packages` are `[name, level, kind]` as `nim -o showres` listed them, `package_count` how many, and
    `kernel_level` the highest level of bos.mp64 among them. `contents_digest` is the SHA-256
    over path and size of every file and the SHA-256 of `.toc` and of each interim fix: two lpp_sources
    with the same digest hold the same files by these signs; the bytes of the images are not compared.
    What could not be read is null or empty, and `problem` says why.
    """

    nim_object = models.OneToOneField(NimObject, on_delete=models.CASCADE, related_name="lpp_source")
    location = models.CharField(max_length=400)
    packages = models.JSONField(null=True)
    package_count = models.PositiveIntegerField(null=True)
    kernel_level = models.CharField(max_length=40, blank=True)
    files = models.PositiveIntegerField(null=True)
    size_mb = models.PositiveBigIntegerField(null=True)
    toc_digest = models.CharField(max_length=71, blank=True)
    contents_digest = models.CharField(max_length=71, blank=True)
    problem = models.TextField(blank=True)
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["nim_object"]
        verbose_name = "lpp_source"

    def __str__(self) -> str:
        return self.nim_object.name


class NimIfix(models.Model):
    """An interim fix package in an lpp_source; `path` is relative to its location.

    `lu_capable` is what the package says of itself (`emgr -d`), null where it could not be asked.
    """

    lpp_source = models.ForeignKey(LppSource, on_delete=models.CASCADE, related_name="ifixes")
    path = models.CharField(max_length=300)
    label = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=71, blank=True)
    lu_capable = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lpp_source", "path"], name="nim_ifix_once")]
        ordering = ["lpp_source", "path"]
        verbose_name = "interim fix in an lpp_source"
        verbose_name_plural = "interim fixes in lpp_sources"

    def __str__(self) -> str:
        return self.path


class LiveUpdateData(models.Model):
    """The file behind a `live_update_data` resource, null when there is none at its location."""

    nim_object = models.OneToOneField(NimObject, on_delete=models.CASCADE, related_name="live_update_data")
    location = models.CharField(max_length=400)
    text = models.TextField(null=True)  # noqa: DJ001 - an empty file is not an absent one
    digest = models.CharField(max_length=71, blank=True)
    problem = models.TextField(blank=True)
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["nim_object"]
        verbose_name = "live_update_data"
        verbose_name_plural = "live_update_data"

    def __str__(self) -> str:
        return self.nim_object.name
