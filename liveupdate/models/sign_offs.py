"""People's sign-offs of runs that changed an LPAR's level."""

from django.db import models

from liveupdate.models.runs import Run
from portal.access.models import User


class SignOff(models.Model):
    """One person's word that what a run left is good; clone and former rootvg stay until `keep_until`."""

    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="sign_off")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    keep_until = models.DateField()
    signed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.run} signed off by {self.by}"
