"""Through what an entry comes in: a page, the API, a command, a worker, the portal itself."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache

from portal.audit.actor import Actor

PAGE, API, COMMAND = "page", "api", "command"
NAMES = (PAGE, API, COMMAND, "worker", "portal")
"""Every channel there is."""


@dataclass(frozen=True, slots=True)
class Channel:
    """The way in (`name`), the one act that several entries belong to, and the address it came from.

    `action` is empty where a run and its steps tell what belongs together. `token` is the public part of
    the API token by which a program acts for a person; empty where they act themselves.
    """

    name: str
    action: str = ""
    origin: str = ""
    token: str = ""


_current: ContextVar[Channel | None] = ContextVar("audit_channel", default=None)


@contextmanager
def through(channel: Channel) -> Iterator[None]:
    """Everything that is entered in the block comes through this channel."""
    token = _current.set(channel)
    try:
        yield
    finally:
        _current.reset(token)


def by_token(public_part: str) -> None:
    """From here to the end of the channel's block a program acts by this token."""
    current = _current.get()
    if current is not None:
        _current.set(replace(current, token=public_part))


def channel_of(actor: Actor) -> Channel:
    """The channel that an actor's entry comes through now."""
    if actor.kind in ("worker", "portal"):
        return Channel(actor.kind)
    return _current.get() or Channel(COMMAND, _this_process())


def new_action() -> str:
    """The identity of one act: 32 hex digits."""
    return uuid.uuid4().hex


@cache
def _this_process() -> str:
    return new_action()
