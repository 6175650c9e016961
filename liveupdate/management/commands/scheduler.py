"""`manage.py scheduler`: the portal's clock, until a signal stops it."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connections

from liveupdate import dispatch
from liveupdate.actions.advancing import advance, campaigns_to_advance
from liveupdate.actions.drift_watch import watch_drift
from liveupdate.actions.mailing import remind, send_waiting
from liveupdate.actions.quorum import recount
from liveupdate.actions.report_schedules import play_report_schedules
from liveupdate.actions.schedules import give_turns
from liveupdate.actions.starting import waiting_starts
from liveupdate.actions.windows import expire_over
from liveupdate.models import Run
from liveupdate.states import RunState
from portal.audit.daily import DailyVerification

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Ring for what is due and what nobody took, advance campaigns, expire what is over, mail, have the
    ledger verified.
    """

    help = "Ring for approved requests whose window opens and for waiting runs, expire old requests."

    def add_arguments(self, parser: CommandParser) -> None:
        """How often to look."""
        parser.add_argument("--interval", type=float, default=3.0, help="seconds between two looks")
        parser.add_argument("--once", action="store_true", help="look once and end")

    def handle(self, *, interval: float, once: bool, **_options: Any) -> None:
        """Loop until SIGTERM or SIGINT."""
        stop = threading.Event()
        if once:
            self._look()
            send_waiting()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _setting(stop))
        verification = DailyVerification(settings.PORTAL_VERIFY_HOURS)
        mailing = threading.Thread(target=_send_mails, args=(stop, interval), name="mails", daemon=True)
        mailing.start()
        while not stop.is_set():
            try:
                self._look()
                verification.look()
            except DatabaseError:
                log.warning("the scheduler could not look; trying again", exc_info=True)
                connections.close_all()
            stop.wait(interval)
        verification.stop()

    def _look(self) -> None:
        give_turns()
        watch_drift()
        for campaign_id in campaigns_to_advance():
            advance(campaign_id)
        for request_id in waiting_starts():
            dispatch.ring("start", request_id)
        for request in recount():
            log.info("%s waits for a decision again: its approvals do not hold", request.number)
        for request in expire_over():
            log.info("%s expired: its window is over", request.number)
        for run_id in Run.objects.filter(state=RunState.QUEUED, owner="").values_list("pk", flat=True):
            dispatch.ring("run", run_id)
        play_report_schedules()
        remind()


def _send_mails(stop: threading.Event, interval: float) -> None:
    """Send what waits, in a thread of its own: a mail server that is slow delays no start."""
    while not stop.is_set():
        try:
            send_waiting()
        except DatabaseError:
            log.warning("mails could not be looked for; trying again", exc_info=True)
            connections.close_all()
        stop.wait(interval)
    connections.close_all()


def _setting(stop: threading.Event) -> Any:
    def handler(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    return handler
