"""IBM's list of security and HIPER faults as a site brought it in, and which LPARs have which."""

from django.db import models
from django.db.models import Q

from inventory.compliance.severity import Severity
from inventory.models.systems import Lpar
from portal.access.models import User


class AparFile(models.Model):
    """A list that was imported. Its bytes are kept: advisories are read from them, and anew if need be.

    The newest one counts; `refused` holds the lines that were not understood, with the reason.
    """

    filename = models.CharField(max_length=200)
    digest = models.CharField(max_length=80)
    content = models.BinaryField()
    published_on = models.DateField(null=True, blank=True)
    skipped = models.PositiveIntegerField()
    refused = models.JSONField(default=list)
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.filename} of {self.imported_at:%Y-%m-%d}"


class Advisory(models.Model):
    """One line of the newest list: a fault of one AIX release.

    `line` is its line in the file; `ranges` are the affected filesets with their `low` (empty: any) and
    `high` levels, `below` True where `high` itself is free of the fault; `packages` are the interim
    fixes; `reboot` says whether they need one (`yes`, `no`, or `live_update`: Live Update can apply
    them).
    """

    file = models.ForeignKey(AparFile, on_delete=models.CASCADE, related_name="advisories")
    line = models.PositiveIntegerField()
    type = models.CharField(max_length=5, choices=[("sec", "Security"), ("hiper", "HIPER")])
    apar = models.CharField(max_length=60)
    abstract = models.TextField()
    fixed_in = models.CharField(max_length=60, blank=True)
    packages = models.JSONField(default=list)
    ranges = models.JSONField(default=list)
    bulletin = models.TextField(blank=True)
    cves = models.TextField(blank=True)
    cvss = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    reboot = models.CharField(max_length=12)
    issued_on = models.DateField(null=True, blank=True)
    updated_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "line"], name="advisory_once")]
        ordering = ["-issued_on", "apar"]

    def __str__(self) -> str:
        return self.apar

    @property
    def labels(self) -> list[str]:
        """The labels of its interim fixes, without those of other platforms twice."""
        return list(dict.fromkeys(package.partition(".")[0] for package in self.packages))


class Exposure(models.Model):
    """An LPAR that has the fault of an advisory. `filesets` are those with it, as `NAME LEVEL`.

    `cured_by` is the installed interim fix that cures it, empty while nothing does.
    """

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="exposures")
    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="exposures")
    filesets = models.JSONField(default=list)
    cured_by = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["advisory", "lpar"], name="exposure_once")]
        indexes = [models.Index(fields=["lpar", "cured_by"], name="exposure_of_lpar")]

    def __str__(self) -> str:
        return f"{self.lpar} {self.advisory}"


class ExposureLook(models.Model):
    """When an LPAR was last compared with which list; `problem` says why its exposure is unknown."""

    lpar = models.OneToOneField(Lpar, on_delete=models.CASCADE, related_name="exposure_look")
    file = models.ForeignKey(AparFile, on_delete=models.CASCADE, related_name="looks")
    problem = models.TextField(blank=True)
    looked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["file", "problem"], name="exposure_look_of_file")]

    def __str__(self) -> str:
        return f"{self.lpar} {self.looked_at:%Y-%m-%d}"


class ExposureSpan(models.Model):
    """From when until when an LPAR was known to have a fault: what is told of the past.

    `severity` and `issued_on` are as the list said when the fault was found; `ended_by` says what ended it.
    """

    class End(models.TextChoices):
        """What ended it."""

        UPDATE = "update", "filesets without the fault"
        IFIX = "ifix", "an interim fix"
        LIST = "list", "not on the list any more"

    lpar = models.ForeignKey(Lpar, on_delete=models.CASCADE, related_name="exposure_spans")
    apar = models.CharField(max_length=60)
    severity = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Severity])
    issued_on = models.DateField(null=True, blank=True)
    found_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=10, choices=End.choices, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lpar", "apar"], condition=Q(ended_at=None), name="exposure_open_once"
            )
        ]
        indexes = [models.Index(fields=["ended_at", "found_at"], name="exposure_span_time")]

    def __str__(self) -> str:
        return f"{self.lpar} {self.apar}"
