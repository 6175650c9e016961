"""Looks at the HMC again and again while Live Update runs, so that the record holds both sides."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from django.conf import settings
from django.db import DatabaseError
from django.db import connection as database

from inventory.accounts import AccountClass
from inventory.transport.connection import Connection, connect
from inventory.transport.errors import TransportError
from liveupdate.engine import commands
from liveupdate.engine.claim import LostClaim
from liveupdate.engine.contact import endpoint_of
from liveupdate.engine.flusher import flusher
from liveupdate.engine.reading import filled_lines
from liveupdate.engine.signals import CommandHeld
from liveupdate.engine.workspace import Workspace
from liveupdate.lpar.hmc_sight import partitions_seen, too_long
from liveupdate.models import Run, RunEvent, RunStep
from liveupdate.procedures import step as words
from liveupdate.procedures.step import Step, StepHost
from portal.audit.events import Event
from portal.lib.clock import now

log = logging.getLogger(__name__)
DEADLINE_S = 60.0
MOST_LINES = 2_000


@contextmanager
def watching(ws: Workspace, step: Step, row: RunStep) -> Iterator[None]:
    """Send the plan's watch to the HMC inside the block, if the step is the live update."""
    if not step.live_update or ws.plan.watch is None or StepHost.HMC not in ws.plan.hosts:
        yield
        return
    watch = _Watch(ws, row, words.Run(ws.plan.watch))
    watch.start()
    try:
        yield
        watch.update_ended = True
    finally:
        watch.end.set()
        watch.join()


class _Watch(threading.Thread):
    """Its troubles are told on the page and change nothing else. The last look comes after the update."""

    def __init__(self, ws: Workspace, row: RunStep, action: words.Run) -> None:
        super().__init__(name=f"hmc-watch-{ws.journal.run_id}", daemon=True)
        self.ws, self.row, self.action = ws, row, action
        self.host = ws.plan.hosts[StepHost.HMC].reached_as(AccountClass.LOOK)
        self.end = threading.Event()
        self.update_ended = False
        self._connection: Connection | None = None
        self._problem = ""
        self._alarmed = False

    def run(self) -> None:
        """Look until told to end."""
        try:
            self._look()
            while not self.end.wait(settings.PORTAL_WATCH_S):
                self._look()
            if self.update_ended:
                self._look()
        except LostClaim:
            log.info("the watch of run %s ends: the claim is lost", self.ws.journal.run_id)
        except DatabaseError:
            log.warning("the watch of run %s ends", self.ws.journal.run_id, exc_info=True)
        finally:
            self._drop()
            database.close()

    def _look(self) -> None:
        tape = None
        try:
            if self._connection is None:
                self._connection = connect(endpoint_of(self.host))
            with self.ws.journal.writing():
                command = commands.intend(self.ws.journal, self.row, self.action, self.host, watch=True)
            tape = self.ws.tape(command)
            commands.clear_to_send(self.ws.journal, command)
            with flusher.carrying(tape):
                result = self._connection.run(self.action.command, deadline_s=DEADLINE_S, on_output=tape.feed)
        except CommandHeld as held:
            self._tell(held.message)
            return
        except TransportError as error:
            if tape is not None:
                self.ws.abandon(tape, error.message)
            self._drop()
            self._tell(error.message)
            return
        with tape.writing:
            with self.ws.journal.writing():
                batch = commands.ended(self.ws.journal, tape, result.status)
                lines = list(islice(filled_lines(tape.output("stdout")), MOST_LINES))
                data = {"host": self.host.name, "lines": lines, "status": result.status}
                self.ws.journal.say(RunEvent.Kind.HMC, data)
            tape.written(batch)
        self._problem = ""
        self._heed(lines)

    def _heed(self, lines: list[str]) -> None:
        """Say once, on the page and in the ledger, that original and surrogate are together too long."""
        moved_at = Run.objects.values_list("blackout_ended_at", flat=True).get(pk=self.ws.journal.run_id)
        alarm = too_long(partitions_seen(self.ws.plan.lpar["partition"], lines), moved_at, now())
        if alarm and not self._alarmed:
            with self.ws.journal.writing():
                self.ws.journal.say(RunEvent.Kind.NOTE, {"text": alarm})
                self.ws.journal.enter(Event.RUN_ALARM, {"why": alarm}, step=self.row.key)
            self._alarmed = True

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            with self.ws.journal.writing():
                data = {"host": self.host.name, "lines": [], "problem": problem}
                self.ws.journal.say(RunEvent.Kind.HMC, data)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
