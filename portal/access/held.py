"""The memberships people hold, read from the database; while a page is made, once for each person."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from portal.access.models import Membership
from portal.access.roles import Role

Held = frozenset[tuple[int | None, Role]]
"""Pairs of a team's id (None: all teams) and a role there."""


@dataclass(slots=True)
class _Page:
    """What was read for one page. Closed once the page is made, for whatever outlives it (a stream)."""

    held: dict[int, Held] = field(default_factory=dict)
    closed: bool = False


_page: ContextVar[_Page | None] = ContextVar("memberships_of_this_page", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Inside, each person's memberships are read once: for answers that change nothing."""
    page = _Page()
    token = _page.set(page)
    try:
        yield
    finally:
        page.closed = True
        _page.reset(token)


def held_by(user: int) -> Held:
    """Every membership of the person with this id; none for someone who is not active."""
    page = _page.get()
    if page is None or page.closed:
        return _read(user)
    if user not in page.held:
        page.held[user] = _read(user)
    return page.held[user]


def _read(user: int) -> Held:
    rows = Membership.objects.filter(user_id=user, user__is_active=True).order_by()
    return frozenset((team, Role(role)) for team, role in rows.values_list("team", "role"))
