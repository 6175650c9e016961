"""The doorbell: tells the workers that there is something to do. Losing every ring only costs seconds."""

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring_on_commit(task: str, pk: int) -> None:
    """Ring for the task `liveupdate.tasks.TASK` once the transaction is committed.

    A broker that does not answer is logged and otherwise ignored: workers look into the database
    every few seconds anyway.
    """
    transaction.on_commit(lambda: _ring(task, pk))


def _ring(task: str, pk: int) -> None:
    try:
        current_app.send_task(f"liveupdate.tasks.{task}", args=[pk], ignore_result=True, retry=False)
    except OperationalError as error:
        log.warning("bell_not_heard", task=task, pk=pk, error=str(error))
