"""Where sessions are kept, how long they last, and how they are ended.

The database holds a digest of what a browser's cookie holds: nobody signs in with what a dump of it says.
A session lasts `PORTAL_SESSION_HOURS` from signing in, whatever is done, and ends when nobody used
it for `PORTAL_IDLE_MINUTES` (ASVS 5.0, 7.3.1 and 7.3.2). What a page asks for by itself is no use.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.access.models import PersonSession, User
from portal.access.models.sessions import row_key
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Conflict

ORIGIN = "origin"
"""Of the session's data: when and where it was opened."""
SEEN_EVERY = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Django's sessions in rows that say whose they are. `seen_at` is when the one read was used last."""

    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[PersonSession]:
        """The rows."""
        return PersonSession

    def load(self) -> dict[str, Any]:
        """The session's data; nothing where it is over."""
        return self._opened(self._living().first())

    async def aload(self) -> dict[str, Any]:
        """The same for asynchronous pages."""
        return self._opened(await self._living().afirst())

    def create_model_instance(self, data: dict[str, Any]) -> PersonSession:
        """The row of this data."""
        row = super().create_model_instance(data)
        assert isinstance(row, PersonSession)
        row.session_key = row_key(row.session_key)
        origin = data.get(ORIGIN, {})
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.seen_at = now()
        row.started_at = datetime.fromisoformat(origin["at"]) if origin else row.seen_at
        row.address, row.agent = origin.get("address", ""), origin.get("agent", "")
        return row

    def exists(self, session_key: str) -> bool:
        """Whether there is a session of this key."""
        return super().exists(row_key(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """Forget a session, this one where none is named."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(row_key(key))

    def use(self) -> None:
        """Keep that a person used the session; written at most once a minute."""
        if self.session_key and self.seen_at is not None and now() - self.seen_at > SEEN_EVERY:
            PersonSession.objects.filter(pk=row_key(self.session_key)).update(seen_at=now())

    def _opened(self, row: PersonSession | None) -> dict[str, Any]:
        if row is None:
            self._session_key = None
            return {}
        self.seen_at = row.seen_at
        return self.decode(row.session_data)

    def _living(self) -> QuerySet[PersonSession]:
        return PersonSession.objects.filter(pk=row_key(self.session_key), expire_date__gt=now())


def begin(request: HttpRequest) -> None:
    """Let the session of somebody who just signed in begin; their sessions that are over are forgotten."""
    at = now()
    request.session[ORIGIN] = {
        "at": rfc3339(at),
        "address": request.META.get("REMOTE_ADDR", ""),
        "agent": request.META.get("HTTP_USER_AGENT", "")[:200],
    }
    request.session.set_expiry(at + timedelta(hours=settings.PORTAL_SESSION_HOURS))
    own = PersonSession.everything.filter(user=request.session[SESSION_KEY])
    own.exclude(pk__in=own.filter(pk__in=PersonSession.objects.all(), expire_date__gt=at)).delete()


def sessions_of(person: User) -> QuerySet[PersonSession]:
    """A person's sessions that are not over, the one used last first."""
    return PersonSession.objects.filter(user=person, expire_date__gt=now()).order_by("-seen_at")


def end_session(person: User, name: str) -> None:
    """End one of a person's own sessions, by `PersonSession.name`. Raises Conflict where it is over."""
    wanted = next((row for row in sessions_of(person) if row.name == name), None)
    if wanted is None:
        raise Conflict("This session is over already.", code="over_already")
    _end(person, sessions_of(person).filter(pk=wanted.pk), Actor.person(person.public_id))


def end_sessions(person: User, *, by: Actor, but: str | None = None) -> int:
    """End a person's sessions, all or all but the one with the key `but`; returns how many those were."""
    return _end(person, sessions_of(person).exclude(pk=row_key(but)), by)


def _end(person: User, rows: QuerySet[PersonSession], by: Actor) -> int:
    with transaction.atomic():
        count, _ = rows.delete()
        if count:
            record(Event.SESSION_KILL, by, {"user": person.public_id}, {"sessions": count})
    return count
