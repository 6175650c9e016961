"""The entries around one: of the same act, and about the same thing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from portal.audit.models import Intake
from portal.audit.queries import containing, document, entries
from portal.lib.canonical import canonical_json

MOST_SIBLINGS = 50


def siblings_of(entry: Intake) -> QuerySet[Intake]:
    """What the same act entered besides, oldest first: of one HTTP request, command, or step of a run."""
    return _same_act(entry).exclude(pk=entry.pk).order_by("id")[:MOST_SIBLINGS]


def _same_act(entry: Intake) -> QuerySet[Intake]:
    if entry.action:
        return entries().filter(action=entry.action)
    step = document(entry).get("sub", {}).get("step")
    if entry.run is None or step is None:
        return entries().none()
    return containing(entries().filter(run=entry.run), b'"step":' + canonical_json(step))


def about_the_same(entry: Intake) -> QuerySet[Intake]:
    """Every entry about the thing that this one is about; the request where it names nothing else."""
    if entry.object:
        return Intake.objects.filter(object=entry.object)
    if entry.request:
        return Intake.objects.filter(request=entry.request)
    return Intake.objects.none()


def previous_of(entry: Intake) -> Intake | None:
    """The entry about the same thing just before."""
    return about_the_same(entry).filter(pk__lt=entry.pk).order_by("-id").first()


def next_of(entry: Intake) -> Intake | None:
    """The entry about the same thing just after."""
    return about_the_same(entry).filter(pk__gt=entry.pk).order_by("id").first()


@dataclass(frozen=True, slots=True)
class Change:
    """A member of what was entered, as it stood before and after; empty where it was not there."""

    member: str
    before: str
    after: str


def changes_since(entry: Intake) -> tuple[Intake | None, list[Change]]:
    """What is different from the last entry of this kind about the same thing, and that entry."""
    family = entry.event.partition(".")[0]
    earlier = about_the_same(entry).filter(pk__lt=entry.pk, event__startswith=f"{family}.")
    before = earlier.order_by("-id").first()
    if before is None:
        return None, []
    old, new = (_flat(document(each).get("d", {})) for each in (before, entry))
    names = sorted(old.keys() | new.keys())
    pairs = [Change(name, old.get(name, ""), new.get(name, "")) for name in names]
    return before, [change for change in pairs if change.before != change.after]


def _flat(value: Any, name: str = "") -> dict[str, str]:
    """Members of members by their path, as `document.rule`; a list counts as one value."""
    if isinstance(value, Mapping):
        inner = (_flat(each, f"{name}.{key}" if name else key) for key, each in value.items())
        return {path: text for members in inner for path, text in members.items()}
    if isinstance(value, str):
        return {name: value}
    return {name: json.dumps(value, ensure_ascii=False)}
