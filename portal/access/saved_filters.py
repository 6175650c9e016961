"""Save the filter of a list under a name, for oneself or for a team, and let go of it."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import Resolver404, resolve

from portal.access.models import SavedFilter, Team, User
from portal.access.policies import Person, roles, visible_teams
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.errors import Invalid, NotAllowed
from portal.web.lists import ListView

MOST = 40
"""Filters that one person may keep."""
LONGEST = 1000


def filters_of(person: Person, path: str) -> QuerySet[SavedFilter]:
    """A person's own filters of a list, and those that their teams share."""
    shared = Q(team__in=visible_teams(person))
    return SavedFilter.objects.filter(Q(owner=person.pk) | shared, path=path).select_related("team")


def save_filter(person: User, path: str, query: str, name: str, team: Team | None) -> SavedFilter:
    """Keep a list's filter under a name, with a team for all of its people; the same name replaces it.

    Raises Invalid for an address that is no list, a filter that sets nothing, or a bad name, and
    NotAllowed for a team that the person does not see.
    """
    name = " ".join(name.split())
    kept = _filter_of(path, query)
    if not name or len(name) > 60 or not name.isprintable():
        raise Invalid("A filter's name has 1 to 60 characters that can be printed.", code="name_not_possible")
    if team is not None and not visible_teams(person).filter(pk=team.pk).exists():
        raise NotAllowed("You may share filters only with your teams.", code="not_yours")
    with transaction.atomic():
        own = SavedFilter.objects.select_for_update().filter(owner=person)
        saved = own.filter(path=path, name=name).first() or SavedFilter(owner=person, path=path, name=name)
        if saved.pk is None and own.count() >= MOST:
            raise Invalid(
                f"You have {MOST} filters already.", remedy="Remove one that you do not use.", code="too_many"
            )
        saved.query, saved.team = kept, team
        saved.save()
        _enter("saved", saved, person)
    return saved


def remove_filter(person: User, saved: SavedFilter) -> None:
    """Let go of a filter: one's own, or as an administrator any that one sees. Raises NotAllowed."""
    if saved.owner_id != person.pk and Role.ADMINISTRATOR not in roles(person, None):
        raise NotAllowed(
            f"This filter is {saved.owner}'s.", remedy="Ask them, or an administrator.", code="not_yours"
        )
    with transaction.atomic():
        _enter("removed", saved, person)
        saved.delete()


def _filter_of(path: str, query: str) -> str:
    """What of `query` the list at `path` filters and sorts by."""
    try:
        view = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        view = None
    if view is None or not issubclass(view, ListView) or view.filterset_class is None:
        raise Invalid(f"There is no list with filters at {path}.", code="unknown_name")
    known = {*view.filterset_class.base_filters, "sort"}
    given = QueryDict(query, mutable=True)
    for name in list(given):
        if name not in known or not any(given.getlist(name)):
            del given[name]
    kept = given.urlencode()
    if not set(given) - {"sort"} or len(kept) > LONGEST:
        raise Invalid(
            "The list is not filtered, so there is nothing to save.",
            remedy="Set a filter first.",
            code="nothing_to_save",
        )
    return kept


def _enter(what: str, saved: SavedFilter, person: User) -> None:
    subject = {"filter": saved.name, "list": saved.path, "team": saved.team.slug if saved.team else ""}
    record(Event.CONFIG_CHANGE, Actor.person(person.public_id), subject, {"what": what})
