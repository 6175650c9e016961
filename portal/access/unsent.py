"""What somebody typed into a form before a proof of who they are came between: shown again, never sent.

It lies in the person's own session, which ends with them, and for a while only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.http import HttpRequest

from portal.access.step_up import StepUpNeeded
from portal.lib.clock import now, rfc3339

UNSENT = "unsent"
"""Of the session's data: form and what it is about → what was typed, and when."""
KEPT = timedelta(minutes=15)
MOST = 5
"""Forms that are kept at a time, the newest."""


@contextmanager
def kept_when_interrupted(
    request: HttpRequest, form: str, about: str, typed: dict[str, str]
) -> Iterator[None]:
    """Keep what was typed where the block asks for a proof first; forget it once the block is done."""
    try:
        yield
    except StepUpNeeded:
        said = {"typed": typed, "at": rfc3339(now())}
        request.session[UNSENT] = dict([*_others(request, form, about), (_key(form, about), said)][-MOST:])
        raise
    if UNSENT in request.session:
        request.session[UNSENT] = dict(_others(request, form, about))


def unsent(request: HttpRequest, form: str, about: str) -> dict[str, str]:
    """What was typed lately into a form about something; empty where nothing was, or too long ago."""
    kept = request.session.get(UNSENT, {}).get(_key(form, about))
    if kept is None or now() - datetime.fromisoformat(kept["at"]) > KEPT:
        return {}
    return dict(kept["typed"])


def _others(request: HttpRequest, form: str, about: str) -> list[tuple[str, object]]:
    kept = request.session.get(UNSENT, {})
    return [(key, said) for key, said in kept.items() if key != _key(form, about)]


def _key(form: str, about: str) -> str:
    return f"{form} {about}"
