"""Starts the worlds of foreign machines."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.foreign.machine import description
from tests.foreign.world import World, world

LPARS = {
    "aix73": {
        "name": "pay-app73.corp",
        "serial": "78B9876",
        "rollback_clone_disk": "hdisk30 hdisk31",
        "hmc_address": "localhost",
    },
    "aix72": {"name": "web.two", "serial": "21ABCDE", "rollback_clone_disk": "hdisk10"},
    "aix72_bare": {"name": "web-bare", "serial": "21ABCDE", "rollback_clone_disk": "hdisk10"},
}
CONSOLES = {"aix73": "hmc73", "aix72": "hmc72", "aix72_bare": "hmc72"}


@pytest.fixture
def make(tmp_path: Path, settings: Any) -> Iterator[Callable[..., World]]:
    """Starts the world of a machine's file, with changes to what the LPAR says, and its `nim` master's."""
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.1, 0.3
    with ExitStack() as stack:

        def started(name: str, *, nim: str = "", **changes: Any) -> World:
            master = description(nim) if nim else None
            told = description(name, **changes)
            made = world(tmp_path, told, description(CONSOLES[name]), nim=master, **LPARS[name])
            return stack.enter_context(made)

        yield started
