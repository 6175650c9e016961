"""Sessions: who is signed in, since when, from where."""

from datetime import timedelta
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.module_loading import import_string

from portal.access.models.people import User
from portal.lib.clock import now


def row_key(session_key: str | None) -> str:
    """The key of a session's row: a digest, with which nobody takes a session over (threat T6)."""
    return sha256((session_key or "").encode()).hexdigest()[:40]


class LivingSessions(BaseSessionManager["PersonSession"]):
    """Sessions that nobody left alone for longer than `PORTAL_IDLE_MINUTES`: others are as good as gone."""

    def get_queryset(self) -> models.QuerySet["PersonSession"]:
        """By when each was seen last."""
        idle_since = now() - timedelta(minutes=settings.PORTAL_IDLE_MINUTES)
        return super().get_queryset().filter(seen_at__gt=idle_since)


class PersonSession(AbstractBaseSession):
    """A browser's session, from the IP address `address`; `user` is empty before somebody signed in.

    `session_key` is the `row_key` of what the browser's cookie holds.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    objects: ClassVar[BaseSessionManager["PersonSession"]] = LivingSessions()
    everything = models.Manager["PersonSession"]()

    class Meta:
        indexes = [models.Index(fields=["user"], name="sessions_of_person")]

    def __str__(self) -> str:
        return f"Session of {self.user or 'nobody'}"

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """What Django reads and writes these rows with."""
        store: type[SessionStore] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        return store

    @property
    def name(self) -> str:
        """What pages call the session."""
        return self.session_key[:16]
