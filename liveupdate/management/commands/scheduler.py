"""`manage.py scheduler`: the portal's clock, until a signal stops it."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connections

from liveupdate import dispatch
from liveupdate.actions.windows import expire_over, start_due
from liveupdate.models import Run
from liveupdate.states import RunState
from portal.lib.errors import PortalError

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Start what is due, expire what is over, ring for what nobody took."""

    help = "Start approved requests when their window opens, expire old ones, ring for waiting runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """How often to look."""
        parser.add_argument("--interval", type=float, default=3.0, help="seconds between two looks")
        parser.add_argument("--once", action="store_true", help="look once and end")

    def handle(self, *, interval: float, once: bool, **_options: Any) -> None:
        """Loop until SIGTERM or SIGINT."""
        stop = threading.Event()
        self._told: dict[int, str] = {}
        if once:
            self._look()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _setting(stop))
        while not stop.is_set():
            try:
                self._look()
            except DatabaseError:
                log.warning("the scheduler could not look; trying again", exc_info=True)
                connections.close_all()
            stop.wait(interval)

    def _look(self) -> None:
        for request, result in start_due():
            if isinstance(result, PortalError):
                self._tell(request.pk, f"{request.number} is due and not started: {result.message}")
            else:
                log.info("%s is due: run %s queued", request.number, result.pk)
        for request in expire_over():
            log.info("%s expired: its window is over", request.number)
        for run_id in Run.objects.filter(state=RunState.QUEUED, owner="").values_list("pk", flat=True):
            dispatch.ring("run", run_id)

    def _tell(self, pk: int, text: str) -> None:
        """Log a refusal once, not on every look."""
        if self._told.get(pk) != text:
            self._told[pk] = text
            log.warning("%s", text)


def _setting(stop: threading.Event) -> Any:
    def handler(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    return handler
