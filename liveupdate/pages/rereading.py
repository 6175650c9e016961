"""What has changed since somebody read a request: shown to who decided on the older reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime

from liveupdate.actions.requests import ASKING, asked_in
from liveupdate.control.difference import Change, Difference, changes, compare_texts
from liveupdate.models import Plan, Request
from portal.audit.said import said_of
from portal.web.times import exact

WORDS = {
    "procedure": "What to do",
    "media": "Where the updates are",
    "target_level": "Level afterwards",
    "choices": "Choices",
    "consents": "Allowed",
    "reason": "Why",
    "impact": "Impact",
    "fallback": "Way back",
    "starts_at": "Change window opens",
    "ends_at": "Change window ends",
}


@dataclass(frozen=True, slots=True)
class Rereading:
    """The request then and now. `plan` is None where there is none now, or nobody knows the one then."""

    wish: tuple[Change, ...]
    plan: Difference | None
    planned: bool


def rereading_of(request: Request, plan_digest: str, version: int | None) -> Rereading | None:
    """What is different since the plan of this digest and this version were read; None where nothing is."""
    now_digest = request.plan.digest if request.plan else ""
    if plan_digest == now_digest and version in (None, request.version):
        return None
    then = None if version is None else _wish_at(request, version)
    wish = tuple(changes(_in_words(then), _in_words(asked_in(request)))) if then else ()
    read = Plan.objects.filter(request=request, digest=plan_digest).last()
    plan = compare_texts(read.document, request.plan.document) if read and request.plan else None
    return Rereading(wish, plan, request.plan is not None)


def _wish_at(request: Request, version: int) -> dict[str, Any] | None:
    """What was asked for at this version; None where the ledger does not tell."""
    for entry in said_of(request.number, ASKING):
        said: dict[str, Any] = entry["d"]
        if said.get("version", 0) <= version:
            return {name: said.get(name) for name in WORDS}
    return None


def _in_words(wish: Mapping[str, Any]) -> dict[str, Any]:
    said = {WORDS[name]: value for name, value in wish.items() if name in WORDS}
    for name in ("starts_at", "ends_at"):
        at = parse_datetime(str(wish[name]))
        said[WORDS[name]] = exact(at) if at else str(wish[name])
    return said
