"""What people say to each other about a request."""

from django.db import models

from liveupdate.models.requests import Request
from portal.access.models import User


class Comment(models.Model):
    """One thing that a person said about a request; nobody changes or removes it."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="comments")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    said_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.person} on {self.request}"
