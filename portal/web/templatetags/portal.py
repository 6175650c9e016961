"""Tags that every page uses: `{% load portal %}`."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.lib import clock as time
from portal.lib.text import visible as visible_text
from portal.web import icons, nav, times
from portal.web.badges import face

register = template.Library()


@register.simple_tag
def badge(state: Any, word: str = "") -> SafeString:
    """A state as icon, word and colour; `word` replaces the state's own."""
    tone, own_word = face(str(getattr(state, "value", state)))
    return format_html('<span class="badge {}">{}</span>', tone, word or own_word)


@register.filter
def when(at: datetime | None) -> str:
    """A time element: the time in the site's zone, and how long ago."""
    if at is None:
        return ""
    now = time.now()
    return format_html(
        '<time datetime="{}" title="{}">{} <span class="muted">{}</span></time>',
        time.rfc3339(at),
        times.exact(at),
        times.absolute(at, now),
        times.relative(at, now),
    )


@register.simple_tag
def mark(state: str) -> SafeString:
    """A state as its sign alone, for cells of a matrix; screen readers get the word."""
    return _mark(str(state))


@lru_cache(maxsize=64)
def _mark(state: str) -> SafeString:
    if not state:
        return format_html('<span class="muted">·</span><span class="sr">{}</span>', "Not tested")
    seen = face(state)
    return format_html('<span class="badge {}"><span class="sr">{}</span></span>', seen.tone, seen.word)


@register.filter
def ago(at: datetime | None) -> str:
    """A short time element for narrow places: only how long ago."""
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        time.rfc3339(at),
        times.exact(at),
        times.relative(at, time.now()),
    )


@register.filter
def span(length: timedelta | float | None) -> str:
    """A length of time to the second; a number counts seconds."""
    if length is None:
        return ""
    return times.clock(length if isinstance(length, timedelta) else timedelta(seconds=length))


@register.filter
def lasting(length: timedelta) -> str:
    """A length of time that somebody set, to the minute: `1 d 4 h`, `90 min` as `1 h 30 min`."""
    return times.lasting(length)


@register.simple_tag
def digest(value: str) -> str:
    """The first twelve hexadecimal digits of a digest, the whole of it on hovering and copying."""
    if not value:
        return ""
    digits = value.rpartition(":")[2]
    short = " ".join(digits[start : start + 4] for start in (0, 4, 8)).strip()
    return format_html('<span class="digest" title="{}">{}</span>', value, short)


@register.filter
def visible(text: str) -> str:
    """Output of a host with its control characters shown, not obeyed."""
    return visible_text(text)


@register.filter
def words(state: str) -> str:
    """A state in words, where its badge shows something else."""
    return face(state).word


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon by its lucide name; without `label` it is decoration that screen readers skip."""
    return icons.svg(name, label)


@register.simple_tag(takes_context=True)
def menu(context: Context) -> list[nav.Link]:
    """The main menu for the person and page at hand."""
    return nav.links(context["request"].path, context.get("person_roles") or ())
