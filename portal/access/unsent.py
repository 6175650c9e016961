"""What somebody typed into a form before a proof of who they are came between: shown again, never sent.

It lies in the person's own session, which ends with them, and for a while only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.http import HttpRequest

from portal.access.factors import Factor
from portal.access.step_up import StepUpNeeded
from portal.lib.clock import now, rfc3339

UNSENT = "unsent"
"""Of the session's data: form and what it is about → what was typed, and when."""
KEPT = timedelta(minutes=15)
MOST = 5
"""Forms that are kept at a time, the newest."""
CONFIRM_FIRST = "confirm_first"
"""Name of the button beside a form that asks for the proof before it is sent; its value is the factor."""
LONGEST = 2_000
"""Characters of one field that are kept; no form takes more."""


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


def confirm_first(request: HttpRequest, form: str, about: str, fields: Sequence[str]) -> None:
    """Where the form was sent by its button *Confirm first*: keep what was typed, however much is missing.

    Raises StepUpNeeded then, whatever was proved meanwhile: that button never sends the form.
    """
    wanted = request.POST.get(CONFIRM_FIRST, "")
    if wanted:
        typed = {name: request.POST.get(name, "")[:LONGEST] for name in fields}
        with kept_when_interrupted(request, form, about[:LONGEST], typed):
            second = wanted == Factor.SECOND_FACTOR
            raise StepUpNeeded(Factor.SECOND_FACTOR if second else Factor.PASSWORD)


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
