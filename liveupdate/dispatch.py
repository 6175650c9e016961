"""The doorbell: tells workers that something waits. Losing or doubling it changes nothing."""

import logging
from functools import partial
from typing import Literal

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
What = Literal["run", "look", "plan", "start", "discovery", "report"]
TASKS: dict[What, str] = {
    "run": "liveupdate.tasks.ring",
    "look": "liveupdate.tasks.look",
    "plan": "liveupdate.tasks.plan",
    "start": "liveupdate.tasks.start",
    "discovery": "liveupdate.tasks.discovery",
    "report": "liveupdate.tasks.report",
}


def ring_on_commit(what: What, pk: int) -> None:
    """Ring for what waits (a run, an LPAR to look at, …) once the transaction is committed."""
    transaction.on_commit(partial(ring, what, pk))


def ring(what: What, pk: int) -> None:
    """Send the message now; it carries the id and nothing more. A dead broker is logged, not raised."""
    try:
        current_app.send_task(TASKS[what], args=[pk], ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("no bell for %s %s (%s); a worker finds it by itself", what, pk, error)
