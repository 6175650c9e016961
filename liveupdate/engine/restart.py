"""Steps that restart their host: begun at most once, proven by another time of its start.

That the host falls silent, and that the launcher's process goes without an exit status, is the expected
course. As long as the host still answers before it goes down, `who -b` says what it said before.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from inventory.command import aix
from inventory.transport.connection import Connection
from inventory.transport.errors import RemoteFailure, TransportError
from inventory.transport.launcher import Probe, ProbeState
from liveupdate.engine import commands
from liveupdate.engine.contact import BACKOFF_S, LOST, Patience
from liveupdate.engine.flusher import flusher
from liveupdate.engine.judge import Judgement
from liveupdate.engine.reading import last_line
from liveupdate.engine.signals import NeedsPerson
from liveupdate.engine.stopping import stopping
from liveupdate.engine.stored_output import stored_output
from liveupdate.engine.workspace import Workspace
from liveupdate.models import RunCommand, RunEvent, RunStep
from liveupdate.procedures.step import Run, Step
from liveupdate.states import StepState

STARTED_AT = aix("who", "-b")
"""Says when the system started, to the minute; a start takes longer than one."""
LOOK_S, SILENCE_S = 60.0, 30.0
"""How long a look may take, and how long an open session may say nothing before it is given up."""
BY_SIGNAL = 128
"""From here on an exit status tells of an end by a signal, as `shutdown` brings it to every process."""


def perform(ws: Workspace, step: Step, row: RunStep) -> Judgement:
    """Restart the host at most once, ever, and wait until it answers after another start.

    Raises NeedsPerson when it does not within the step's time limit, HandedBack, LostClaim.
    """
    with ws.journal.writing():
        ws.begin(step, row)
    command = commands.sent_for(row).first()
    known = command is not None
    if command is None:
        if not _first_look(ws, step, row):
            return _refuse(ws, row, f"{ws.host(step).name} does not say when it started: nothing is sent.")
        key = f"{ws.uid}-{row.position:03d}"
        with ws.journal.writing():
            command = commands.intend(ws.journal, row, step.action, ws.host(step), launch_key=key)
    return _Restart(ws, step, row, command, known).wait()


def _first_look(ws: Workspace, step: Step, row: RunStep) -> str:
    patience = ws.patience(step, row)
    while True:
        try:
            said = _look(ws, step, row, ws.contact.reach(ws.host(step), patience))
        except LOST as error:
            ws.contact.lose(ws.host(step), error)
            patience.sleep(BACKOFF_S[0])
            continue
        ws.contact.found()
        return said


def _look(ws: Workspace, step: Step, row: RunStep, connection: Connection) -> str:
    """What the host says of its start, empty if nothing; the look stands in the record.

    Raises TransportError.
    """
    with ws.journal.writing():
        command = commands.intend(ws.journal, row, Run(STARTED_AT), ws.host(step), watch=True)
    tape = ws.tape(command)
    commands.clear_to_send(ws.journal, command)
    try:
        with flusher.carrying(tape):
            status = connection.run(STARTED_AT, deadline_s=LOOK_S, on_output=tape.feed).status
    except TransportError as error:
        ws.abandon(tape, error.message)
        raise
    with tape.writing:
        tape.close()
        said = last_line(tape.output("stdout"))
        with ws.journal.writing():
            batch = commands.ended(ws.journal, tape, status)
        tape.written(batch)
    return said if status == 0 else ""


def _refuse(ws: Workspace, row: RunStep, why: str) -> Judgement:
    with ws.journal.writing():
        ws.journal.end_step(row, StepState.FAILED, why)
    return Judgement(False, why)


class _Restart:
    """A worker's wait for one restart, over as many sessions as it takes.

    `sent`: somebody may have sent the command before, though nobody saw that confirmed.
    """

    def __init__(self, ws: Workspace, step: Step, row: RunStep, command: RunCommand, sent: bool) -> None:
        self.ws, self.step, self.row, self.command = ws, step, row, command
        self.host = command.host
        self.tape = ws.tape(command, resume=True)
        self.patience = Patience(ws.journal.claim, ws.patience(step, row).left, self._heed_limit)
        self.before = self._said_before()
        self.sent = sent
        self.answered = True
        self.trouble = ""
        self.looks = 0

    def _said_before(self) -> str:
        looks = self.row.commands.filter(watch=True, number__lt=self.command.number, status=0)
        return last_line(stored_output(looks.order_by("-number")[0], "stdout"))

    def wait(self) -> Judgement:
        """Look again and again until the host has started anew, refuses, or the time limit passes."""
        while True:
            self.patience.check()
            try:
                connection = self.ws.contact.attempt(self.ws.host(self.step), self.patience.left)
                probe = self._follow(connection)
                if probe.state is ProbeState.ENDED and self._refused(probe):
                    return self.ws.conclude(self.step, self.row, self.tape, probe.status)
                said = _look(self.ws, self.step, self.row, connection)
                if said and said != self.before:
                    return self._restarted(connection, said)
                self.answered = True
            except TransportError as error:
                self._silent(error)
            self.patience.sleep(BACKOFF_S[min(self.looks, len(BACKOFF_S) - 1)])
            self.looks += 1

    def _follow(self, connection: Connection) -> Probe:
        """Begin the restart unless it was begun, and read what it says while it runs."""
        if self.command.state == RunCommand.State.INTENDED and not self._went_down(connection):
            assert isinstance(self.step.action, Run)
            self.ws.journal.claim.check()
            self.sent = True
            connection.launch(self.command.launch_key, self.step.action.command)
            with self.ws.journal.writing():
                commands.started(self.ws.journal, self.command)
        key = self.command.launch_key
        probe = connection.probe(key)
        if probe.state is ProbeState.ABSENT:
            return probe
        self.tape.rewind()
        with flusher.carrying(self.tape):
            return connection.follow(
                key,
                self.tape.offsets,
                self.tape.feed,
                stop=self._must_stop,
                poll_s=settings.PORTAL_POLL_S,
                silence_s=SILENCE_S,
            )

    def _went_down(self, connection: Connection) -> bool:
        """Whether a launch that nobody saw confirmed has restarted the host: its trace may be gone by now."""
        return self.sent and _look(self.ws, self.step, self.row, connection) not in ("", self.before)

    def _refused(self, probe: Probe) -> bool:
        assert probe.status is not None
        return probe.status not in self.step.expect.statuses and probe.status <= BY_SIGNAL

    def _must_stop(self) -> bool:
        return self.ws.journal.claim.lost.is_set() or stopping.is_set() or self.patience.over

    def _silent(self, error: TransportError) -> None:
        """Say once that the host went down; a look that only failed is repeated in the same session."""
        self.trouble = error.message
        if isinstance(error, RemoteFailure):
            return
        self.ws.contact.drop(self.ws.host(self.step))
        self.looks = 0
        if self.answered:
            self.answered = False
            with self.ws.journal.writing():
                text = f"{self.host} does not answer, as expected while it restarts."
                self.ws.journal.say(RunEvent.Kind.NOTE, {"text": text})

    def _heed_limit(self) -> None:
        if not self.patience.over:
            return
        how = f"still says “{self.before}”" if self.answered else f"does not answer ({self.trouble})"
        since = timezone.localtime(self.row.started_at)
        raise NeedsPerson(
            f"{self.host} was told to restart at {since:%H:%M:%S} and {how}: the time limit of "
            f"{timedelta(seconds=self.step.deadline_s)} has passed.",
            remedy="Look at its console on the HMC, then attach again, restore, or close the run as failed.",
        )

    def _restarted(self, connection: Connection, said: str) -> Judgement:
        """Keep what the command left behind, if the host still knows it, and end the step with the proof."""
        probe = connection.probe(self.command.launch_key)
        message = f"{self.host} answers again after its restart: {said.strip(' .')}."
        with self.tape.writing:
            self.tape.close()
            with self.ws.journal.writing():
                if probe.state is ProbeState.ENDED:
                    batch = commands.ended(self.ws.journal, self.tape, probe.status)
                else:
                    batch = commands.unknown(self.ws.journal, self.tape, "its host restarted")
                self.ws.journal.end_step(self.row, StepState.SUCCEEDED, message)
            self.tape.written(batch)
        self.ws.contact.found()
        return Judgement(True, message)
