"""Addresses at which calendar programs read a team's calendar: opened, ended, looked up."""

import hashlib
import secrets

from django.db import transaction
from django.db.models import QuerySet

from liveupdate.models import CalendarFeed
from portal.access.models import Team, User
from portal.access.policies import require, roles, visible_teams
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid

SECRET_BYTES = 32


def visible_feeds(person: User) -> QuerySet[CalendarFeed]:
    """The addresses that are open: a person's own, and for administrators everybody's."""
    feeds = CalendarFeed.objects.filter(ended_at=None).select_related("team", "made_by")
    return feeds if Role.ADMINISTRATOR in roles(person, None) else feeds.filter(made_by=person)


def open_feed(person: User, team: Team) -> tuple[CalendarFeed, str]:
    """A new address of a team that the person sees, and its secret, which is kept nowhere."""
    if not visible_teams(person).filter(pk=team.pk).exists():
        raise Invalid("There is no such team among those you may see.", code="unknown_name")
    token = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        feed = CalendarFeed.objects.create(team=team, token_digest=_digest(token), made_by=person)
        _enter(person, feed, {"opened": 1})
    return feed, token


def end_feed(person: User, feed_id: int) -> CalendarFeed:
    """Let an address answer no more. Raises NotAllowed, Conflict."""
    with transaction.atomic():
        feeds = CalendarFeed.objects.select_for_update(of=("self",)).select_related("team")
        feed = feeds.filter(pk=feed_id).first()
        if feed is None or feed.made_by_id != person.pk:
            require(person, {Role.ADMINISTRATOR}, None, "end somebody else's calendar feed")
        if feed is None or feed.ended_at is not None:
            raise Conflict("The calendar feed was ended already.", code="over_already")
        feed.ended_at = now()
        feed.save(update_fields=["ended_at"])
        _enter(person, feed, {"ended": 1})
    return feed


def feed_of(token: str) -> CalendarFeed | None:
    """The open feed of this secret, while who made it may still see its team."""
    feeds = CalendarFeed.objects.filter(ended_at=None, token_digest=_digest(token))
    feed = feeds.select_related("team", "made_by").first()
    if feed is None or not visible_teams(feed.made_by).filter(pk=feed.team_id).exists():
        return None
    return feed


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _enter(person: User, feed: CalendarFeed, data: dict[str, int]) -> None:
    subject: dict[str, str | int] = {"calendar_feed": feed.pk, "team": feed.team.slug}
    record(Event.CONFIG_CHANGE, Actor.person(person.public_id), subject, data)
