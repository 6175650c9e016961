"""Lets the portal's engine wait on a clock that runs faster, as the lab's does.

What it waits for (a host that answers again, a look that is met) comes sooner in the lab, and what never
comes is given up sooner. Nothing else changes: plans hold the times that people approved.
"""

import time
from types import SimpleNamespace

import pytest
from django.utils import timezone

from liveupdate.engine import contact, workspace
from liveupdate.models import RunStep
from liveupdate.procedures.step import Step

HASTE = 40
"""How many of the engine's seconds pass in one while it waits for a host."""
HASTE_OF_LOOKS = 100
"""The same while a look is repeated until it is met: only the lab's own time has to pass for that."""


def make_haste(patch: pytest.MonkeyPatch, *, time_limits: bool) -> None:
    """Hurry every wait of the engine's in this process; those with a command's time limit if wanted."""
    clock = SimpleNamespace(
        monotonic=lambda: time.monotonic() * HASTE, sleep=lambda seconds: time.sleep(seconds / HASTE)
    )
    if time_limits:
        patch.setattr(contact, "time", clock)

    def has_patience(step: Step, row: RunStep) -> bool:
        waited_s = (timezone.now() - row.started_at).total_seconds() if row.started_at else 0.0
        return row.started_at is not None and waited_s * HASTE_OF_LOOKS < step.patience_s

    patch.setattr(workspace, "_has_patience", has_patience)
