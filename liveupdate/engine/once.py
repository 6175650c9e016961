"""Steps that may run once only: started through the launcher, followed by byte offset, re-attached."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import NoReturn

from django.conf import settings
from django.db import connection as database

from inventory.transport.connection import Connection
from inventory.transport.errors import DeadlineExceeded, RemoteFailure, TransportError
from inventory.transport.launcher import Probe, ProbeState
from inventory.transport.result import OnQuiet, Stream
from liveupdate.engine import commands
from liveupdate.engine.contact import BACKOFF_S, LOST, Patience
from liveupdate.engine.direct import LOOK
from liveupdate.engine.flusher import flusher
from liveupdate.engine.judge import Judgement
from liveupdate.engine.live_log import LiveLog
from liveupdate.engine.signals import AbortAsked, NeedsPerson
from liveupdate.engine.stopping import stopping
from liveupdate.engine.tape import Tape
from liveupdate.engine.watch import watching
from liveupdate.engine.workspace import Workspace
from liveupdate.models import RunCommand, RunEvent, RunStep
from liveupdate.procedures.step import Run, Step
from liveupdate.states import StepState

IN_FLIGHT = (ProbeState.STARTING, ProbeState.RUNNING)
REACH_S = 60.0
"""How long a host may stay silent when only a look decides whether something is taken back."""
FRESH_S = 4.0
"""How old what was read may be when a command is stopped for it: Live Update warns 10 s ahead."""
BEYOND = "Stopping nim on its master would not stop what it began on the LPAR: it goes on to its end."
LATE = "The abort came after the point of no return: nothing is stopped, the run goes on."


def perform(ws: Workspace, step: Step, row: RunStep) -> Judgement:
    """Start the step's command at most once, ever, and follow it to its end.

    Raises NeedsPerson, AbortAsked, HandedBack, LostClaim.
    """
    command = commands.sent_for(row).first()
    if command and command.state == RunCommand.State.ENDED:
        return ws.settle(step, row, command)
    with ws.journal.writing():
        ws.begin(step, row)
        known = command is not None
        if command is None:
            key = f"{ws.uid}-{row.position:03d}"
            command = commands.intend(ws.journal, row, step.action, ws.host(step), launch_key=key)
    tape = ws.tape(command, LiveLog() if step.live_update else None, resume=known)
    with flusher.carrying(tape), watching(ws, step, row):
        probe = _Attached(ws, step, row, tape).follow()
    return ws.conclude(step, row, tape, probe.status)


def ensure_over(ws: Workspace, step: Step, row: RunStep) -> None:
    """Raise NeedsPerson while a command that nobody saw end still runs: taking back would disturb it."""
    command = commands.sent_for(row).first()
    if command is None or command.state == RunCommand.State.ENDED:
        return
    patience = Patience(ws.journal.claim, REACH_S, lambda: None)
    while True:
        try:
            probe = ws.contact.reach(ws.host(step), patience).probe(command.launch_key)
        except (*LOST, DeadlineExceeded) as error:
            ws.contact.lose(ws.host(step), error)
            patience.sleep(1)
            continue
        ws.contact.found()
        if probe.state in IN_FLIGHT:
            raise NeedsPerson(
                f"{command.line} still runs on {command.host}: nothing is taken back while it does.",
                remedy="Wait for its end, then decide to continue.",
            )
        return


class _Attached:
    """A worker's hold on one command that the launcher runs."""

    def __init__(self, ws: Workspace, step: Step, row: RunStep, tape: Tape) -> None:
        self.ws, self.step, self.row, self.tape = ws, step, row, tape
        self.command = tape.command
        self.key = tape.command.launch_key
        left = ws.patience(step, row)
        self.patience = left.without_abort()
        self.told = ""
        self.losses = 0

    def follow(self) -> Probe:
        """Follow the command until it has ended, over as many connections as it takes."""
        while True:
            try:
                connection = self.ws.contact.reach(self.ws.host(self.step), self.patience)
                probe = self._follow_on(connection)
                if self._in_flight(probe) and self._may_abort():
                    probe = self._abort_unless_too_late(connection, probe)
            except (*LOST, DeadlineExceeded) as error:
                self._lose(error)
                continue
            if probe.state is ProbeState.ENDED:
                return probe
            if not self._in_flight(probe):
                self._vanished(f"its process is gone and left no exit status ({probe.state.value})")
            self.patience.check()

    def _lose(self, error: TransportError) -> None:
        """Connect anew: at once the first time, with growing pauses while nothing comes of it."""
        self.ws.contact.lose(self.ws.host(self.step), error)
        if self.losses:
            self.patience.sleep(BACKOFF_S[min(self.losses, len(BACKOFF_S)) - 1])
        self.losses += 1

    def _follow_on(self, connection: Connection) -> Probe:
        """Start or find the command on the target, and read on where the record ends."""
        if self.command.state == RunCommand.State.INTENDED:
            self._launch(connection)
        elif connection.probe(self.key).state is ProbeState.ABSENT:
            self._vanished("its directory on the target is gone")
        self.ws.contact.found()
        self.losses = 0
        self.tape.rewind()
        database.close()
        return self._read(connection, self._must_stop, self.tape.quiet)

    def _read(self, connection: Connection, stop: Callable[[], bool], on_quiet: OnQuiet) -> Probe:
        return connection.follow(
            self.key,
            self.tape.offsets,
            self.tape.feed,
            stop=stop,
            poll_s=settings.PORTAL_POLL_S,
            on_quiet=on_quiet,
        )

    def _launch(self, connection: Connection) -> None:
        assert isinstance(self.step.action, Run)
        commands.clear_to_send(self.ws.journal, self.command)
        try:
            connection.launch(self.key, self.step.action.command)
        except RemoteFailure as error:
            raise NeedsPerson(error.message, remedy=error.remedy) from error
        with self.ws.journal.writing():
            commands.started(self.ws.journal, self.command)

    def _in_flight(self, probe: Probe) -> bool:
        return probe.state in IN_FLIGHT

    def _must_stop(self) -> bool:
        claim = self.ws.journal.claim
        may_abort = self._may_abort()
        if claim.abort_asked.is_set() and not self.ws.restoring and not may_abort:
            self._tell(LATE if self.ws.past_no_return else BEYOND)
        return may_abort or self._must_let_go()

    def _may_abort(self) -> bool:
        """Whether an abort was asked for and stopping the command would stop what it does."""
        if self.tape.log is not None and self.tape.log.past_no_return:
            self.ws.past_no_return = True
        return self.ws.may_abort and not self.step.works_elsewhere

    def _tell(self, text: str) -> None:
        if text != self.told:
            self.told = text
            with self.ws.journal.writing():
                self.ws.journal.say(RunEvent.Kind.NOTE, {"text": text})

    def _abort_unless_too_late(self, connection: Connection, probe: Probe) -> Probe:
        """Stop the command only after everything was read that it had said by a moment shortly before.

        It may have gone too far meanwhile. A command that never stops talking is stopped all the same.
        """
        while self._in_flight(probe) and self._may_abort():
            self.patience.check()
            moment, said = time.monotonic(), connection.lengths(self.key)
            probe = self._read(connection, partial(self._has_read_or_lets_go, said), self.tape.quiet)
            if self._has_read(said) and time.monotonic() - moment < FRESH_S:
                break
        if self._in_flight(probe) and self._may_abort():
            self._abort(connection)
        return probe

    def _has_read_or_lets_go(self, said: Mapping[Stream, int]) -> bool:
        return self._has_read(said) or self._must_let_go()

    def _has_read(self, said: Mapping[Stream, int]) -> bool:
        return all(self.tape.offsets[stream] >= length for stream, length in said.items())

    def _must_let_go(self) -> bool:
        return self.ws.journal.claim.lost.is_set() or stopping.is_set() or self.patience.over

    def _abort(self, connection: Connection) -> NoReturn:
        """Stop the command's process group, see that it stopped, and keep what it still said."""
        self.ws.journal.claim.check()
        probe = connection.stop(self.key)
        if self._in_flight(probe):
            raise NeedsPerson(f"{self.command.line} was told to stop and still runs.", remedy=LOOK)
        if probe.state is ProbeState.ENDED:
            connection.follow(self.key, self.tape.offsets, self.tape.feed, stop=lambda: False)
            self.ws.conclude(self.step, self.row, self.tape, probe.status, problem="It was stopped: abort.")
        else:
            self.ws.abandon(self.tape, "it was stopped and left no exit status")
            with self.ws.journal.writing():
                self.ws.journal.end_step(self.row, StepState.FAILED, "It was stopped: abort.")
        raise AbortAsked(f"{self.command.line} was stopped on {self.command.host}; no process of it is left.")

    def _vanished(self, reason: str) -> NoReturn:
        self.ws.abandon(self.tape, reason)
        raise NeedsPerson(f"Nobody can know how {self.command.line} ended: {reason}.", remedy=LOOK)
