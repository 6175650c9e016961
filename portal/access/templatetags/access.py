"""Tags that know the person who looks: `{% load access %}`."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import QueryDict
from django.template.context import Context

from portal.access.auditing import people
from portal.access.models import SavedFilter, Team
from portal.access.policies import visible_teams
from portal.access.saved_filters import filters_of

register = template.Library()


@dataclass(frozen=True, slots=True)
class Chip:
    """A saved filter as a link; `current` is the one that the list shows now."""

    saved: SavedFilter
    current: bool


@register.filter
def named(text: str) -> str:
    """What the portal wrote about people, with their names in place of pseudonyms."""
    return people.named(text)


@register.simple_tag(takes_context=True)
def saved_filters(context: Context) -> list[Chip]:
    """The filters of this list that the person may use."""
    request: Any = context["request"]
    shown = {name: request.GET.getlist(name) for name in request.GET if name not in ("page", "export")}
    return [
        Chip(saved, dict(QueryDict(saved.query).lists()) == {k: v for k, v in shown.items() if any(v)})
        for saved in filters_of(request.user, request.path)
    ]


@register.simple_tag(takes_context=True)
def teams_to_share_with(context: Context) -> list[Team]:
    """The teams whose people a filter can be saved for."""
    return list(visible_teams(context["request"].user))
