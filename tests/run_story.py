"""Plays a run into the database as the engine would write it: steps, commands, output, events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from liveupdate.engine.diagnosing import store_diagnoses
from liveupdate.lpar.milestones import Meaning, Recogniser
from liveupdate.models import OutputChunk, Run, RunCommand, RunEvent, RunStep
from liveupdate.pages.plan import display
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Fetch, Step, StepKind
from liveupdate.states import RunState, StepPart, StepState
from liveupdate.transitions import enter_state
from portal.lib.canonical import digest
from portal.lib.clock import now

OUTPUTS = Path(__file__).parent / "data" / "milestones"
HMC_LINES = ["viodev1,3,Running,active", "{0},31,Running,active", "{0}_lku0,26,Running,none"]


@dataclass
class Story:
    """One run as it goes; call the methods in the order in which things happen."""

    run: Run
    live_output: bytes = (OUTPUTS / "update_72.txt").read_bytes()

    def __post_init__(self) -> None:
        plan = read_plan(self.run.plan.document)
        self.plan = plan
        self.steps: dict[str, Step] = {step.id: step for step in plan.all_steps}
        self.recogniser = Recogniser()

    def begin(self) -> "Story":
        """A worker took the run."""
        self._move(RunState.RUNNING)
        Run.objects.filter(pk=self.run.pk).update(owner="worker-1@portal", level_before="7200-05-03-2148")
        return self

    def up_to_update(self) -> "Story":
        """Everything before Live Update went well."""
        for row in self._rows():
            if self.steps[row.key].live_update:
                return self
            self.perform(row, f"{row.title}: done\n".encode())
        raise AssertionError("the plan has no Live Update")

    def perform(self, row: RunStep, output: bytes, status: int = 0) -> RunCommand:
        """One step with one command that ended."""
        command = self.start(row)
        self.prints(command, output)
        self.ends(command, status)
        return command

    def start(self, row: RunStep) -> RunCommand:
        """A step's command is under way."""
        step = self.steps[row.key]
        RunStep.objects.filter(pk=row.pk).update(state=StepState.RUNNING, started_at=now())
        self._say(RunEvent.Kind.STEP, key=row.key, state="running")
        command = RunCommand.objects.create(
            run=self.run,
            step=row,
            number=self.run.commands.count() + 1,
            host=self.plan.hosts[step.host].name,
            account=self.plan.hosts[step.host].account,
            line=display(step),
            file_name=step.action.name if isinstance(step.action, Fetch) else "",
            file_path=step.action.path if isinstance(step.action, Fetch) else "",
            launch_key=f"{self.run.uid}-{row.key}" if step.kind is StepKind.ONCE else "",
            epoch=1,
        )
        self._say_command(command)
        if step.kind is StepKind.ONCE:
            command.state, command.started_at = RunCommand.State.STARTED, now()
            command.save()
            self._say_command(command)
        return command

    def prints(self, command: RunCommand, output: bytes, stream: str = "stdout", size: int = 400) -> None:
        """The command prints, in pieces of `size` bytes."""
        for start in range(0, len(output), size):
            piece = output[start : start + size]
            OutputChunk.objects.create(
                run=self.run,
                command=command,
                stream=stream,
                offset=getattr(command, f"{stream}_bytes"),
                content=piece,
                received_at=now(),
            )
            setattr(command, f"{stream}_bytes", getattr(command, f"{stream}_bytes") + len(piece))
            command.save()
            if self.steps[command.step.key].live_update and stream == "stdout":
                self._milestones(piece)

    def ends(self, command: RunCommand, status: int) -> None:
        """The command ended, and its step with it."""
        command.state, command.status, command.ended_at = RunCommand.State.ENDED, status, now()
        command.save()
        self._say_command(command)
        state = StepState.SUCCEEDED if status == 0 else StepState.FAILED
        message = "" if status == 0 else f"It ended with status {status}, where 0 was expected."
        RunStep.objects.filter(pk=command.step_id).update(state=state, ended_at=now(), message=message)
        self._say(RunEvent.Kind.STEP, key=command.step.key, state=state.value, message=message)

    def live_update(self, until: bytes = b"") -> RunCommand:
        """Live Update runs, and has printed everything, or what comes before the first `until`."""
        row = next(row for row in self._rows() if self.steps[row.key].live_update)
        command = self.start(row)
        shown = self.live_output[: self.live_output.index(until)] if until else self.live_output
        self.prints(command, shown)
        return command

    def looks(self, *lines: str, problem: str = "") -> "Story":
        """The HMC was asked."""
        shown = list(lines) or [line.format(self.run.lpar.name) for line in HMC_LINES]
        self._say(RunEvent.Kind.HMC, host="hmc01", lines=[] if problem else shown, problem=problem)
        return self

    def in_blackout(self, seconds: int = 7) -> "Story":
        """The workload has stood still for some seconds."""
        self.up_to_update().live_update(until=b"Blackout Time end")
        Run.objects.filter(pk=self.run.pk).update(blackout_started_at=now() - timedelta(seconds=seconds))
        return self.looks()

    def finishes(self) -> "Story":
        """Everything goes well to the end."""
        command = self.up_to_update().live_update()
        self.ends(command, 0)
        for row in [*self._rows(), *self._rows(StepPart.RESTORATION)]:
            if row.state == StepState.PENDING:
                self.perform(row, f"{row.title}: done\n".encode())
        Run.objects.filter(pk=self.run.pk).update(level_after="7200-05-04-2220", blackout_ms=12_640)
        return self.over(RunState.SUCCEEDED, "The LPAR runs 7200-05-04-2220.")

    def over(self, state: RunState, outcome: str) -> "Story":
        """The run is over; what has not begun was skipped."""
        self.run.refresh_from_db()
        self.run.steps.filter(state=StepState.PENDING).update(state=StepState.SKIPPED)
        self._move(state, outcome=outcome)
        return self

    def fails(self, output: bytes | None = None) -> "Story":
        """Live Update gives up; the preparations are taken back."""
        self.live_output = output or (OUTPUTS / "failed_in_blackout_72.txt").read_bytes()
        command = self.up_to_update().live_update()
        self.ends(command, 1)
        self.run.refresh_from_db()
        store_diagnoses(self.run)
        return self.over(
            RunState.FAILED, "The step “Update” failed: it ended with status 1. What was changed is restored."
        )

    def explains(self) -> "Story":
        """The logs of the failed Live Update were brought home."""
        for row in self._rows(StepPart.FAILURE):
            if isinstance(self.steps[row.key].action, Fetch):
                command = self.perform(row, self.live_output)
                RunCommand.objects.filter(pk=command.pk).update(stdout_digest=digest(self.live_output))
        return self

    def needs_person(self) -> "Story":
        """Nobody can know how Live Update ended."""
        command = self.up_to_update().live_update(until=b"Blackout Time end")
        command.state = RunCommand.State.UNKNOWN
        command.save()
        self._say_command(command)
        RunStep.objects.filter(pk=command.step_id).update(
            state=StepState.UNKNOWN, message="The process is gone and left no exit status."
        )
        self.run.refresh_from_db()
        self._move(
            RunState.NEEDS_PERSON,
            reason="The update's process on pay01 is gone and left no exit status. Look at the LPAR.",
        )
        return self.looks()

    def _move(self, state: RunState, **why: str) -> None:
        with transaction.atomic():
            enter_state(self.run, state, **why)

    def _rows(self, part: StepPart = StepPart.STEPS) -> Iterator[RunStep]:
        return self.run.steps.filter(part=part).order_by("position").iterator()

    def _milestones(self, piece: bytes) -> None:
        for milestone in self.recogniser.feed(piece):
            self._say(RunEvent.Kind.MILESTONE, **milestone.as_dict(), at=now().isoformat())
            run = Run.objects.filter(pk=self.run.pk)
            match milestone.meaning:
                case Meaning.POINT_OF_NO_RETURN:
                    run.update(point_of_no_return_at=now())
                case Meaning.BLACKOUT_STARTED:
                    run.update(blackout_started_at=now())
                case Meaning.BLACKOUT_ENDED:
                    run.update(blackout_ended_at=now(), blackout_ms=12_640)

    def _say(self, kind: RunEvent.Kind, **data: object) -> None:
        RunEvent.objects.create(run=self.run, kind=kind, data=data)

    def _say_command(self, command: RunCommand) -> None:
        self._say(
            RunEvent.Kind.COMMAND,
            number=command.number,
            step=command.step.key,
            host=command.host,
            account=command.account,
            line=command.line,
            state=RunCommand.State(command.state).value,
            status=command.status,
            watch=command.watch,
        )
