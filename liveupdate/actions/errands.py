"""A worker's hold on a look, a plan or a start: short, and renewed while the worker lives."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

log = logging.getLogger(__name__)


def free(field: str) -> Q:
    """Rows that nobody holds, or whose holder stopped renewing."""
    return Q(**{field: None}) | Q(**{f"{field}__lt": Now()})


@contextmanager
def held(rows: QuerySet[Any], field: str, before: Callable[[], object] = bool) -> Iterator[bool]:
    """Hold those of `rows` that are free until the block ends; whether there was one.

    `field` says until when. What the block itself writes there (another time, nothing) stands.
    `before` is called in the transaction that takes hold, to lock what `rows` depend on.
    """
    with transaction.atomic():
        before()
        is_mine = rows.filter(free(field)).update(**{field: _end()})
    if not is_mine:
        yield False
        return
    over = threading.Event()
    keeping = threading.Thread(target=_renew, args=(rows, field, over), name=f"hold-{field}", daemon=True)
    keeping.start()
    try:
        yield True
    finally:
        over.set()
        keeping.join()


def _renew(rows: QuerySet[Any], field: str, over: threading.Event) -> None:
    while not over.wait(_seconds() / 3):
        try:
            rows.filter(**{f"{field}__gt": Now()}).update(**{field: _end()})
        except DatabaseError:
            log.warning("a hold could not be renewed; trying again", exc_info=True)
            connection.close()
    connection.close()


def _end() -> CombinedExpression:
    return Now() + timedelta(seconds=_seconds())


def _seconds() -> float:
    """Shorter than a run's lease: somebody waits for the answer, and doing it twice does no harm."""
    return float(settings.PORTAL_LEASE_S) / 3
