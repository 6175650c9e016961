"""Runs, their steps and commands, and every byte that commands print."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse

from inventory.models import Lpar
from liveupdate.models.requests import Plan, Request
from liveupdate.states import RUN_LIVE, RunState, StepPart, StepState
from portal.access.models import User


def new_uid() -> str:
    """A name for a run that no other installation or restored database gives again."""
    return uuid.uuid4().hex


class Run(models.Model):
    """One execution of one plan.

    A worker owns it while `lease_until` lies ahead; each claim raises `epoch`, and writes that
    carry an older one are refused. One live run per LPAR, by a database constraint.

    `ending` is the final state that the run heads for while it restores (empty before that);
    `outcome` says in sentences what became of it; `reason` why it waits or is out of contact.
    `level_…` is what `oslevel -s` said (the disk), `kernel_…` the build of the kernel that ran.
    `uid` names the run on the target, so that nothing is started there twice. `surrogate_…` is what its
    surrogate takes of the managed system (memory in MB, cores) while the run is not over; null is unknown.
    """

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="run")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="runs")
    lpar = models.ForeignKey(Lpar, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(
        max_length=24, choices=[(s.value, s.value) for s in RunState], default=RunState.QUEUED
    )
    ending = models.CharField(max_length=24, blank=True)
    outcome = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    epoch = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    abort_asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    abort_asked_at = models.DateTimeField(null=True, blank=True)
    point_of_no_return_at = models.DateTimeField(null=True, blank=True)
    blackout_started_at = models.DateTimeField(null=True, blank=True)
    blackout_ended_at = models.DateTimeField(null=True, blank=True)
    blackout_ms = models.PositiveIntegerField(null=True, blank=True)
    level_before = models.CharField(max_length=20, blank=True)
    level_after = models.CharField(max_length=20, blank=True)
    kernel_before = models.CharField(max_length=60, blank=True)
    kernel_after = models.CharField(max_length=60, blank=True)
    surrogate_memory_mb = models.PositiveBigIntegerField(null=True, blank=True)
    surrogate_cores = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lpar"],
                condition=Q(state__in=sorted(s.value for s in RUN_LIVE)),
                name="one_live_run_per_lpar",
            )
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="run_claimable")]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.request}"

    def get_absolute_url(self) -> str:
        """The run's page: live while it runs, its record afterwards."""
        return reverse("run", args=[self.pk])

    @property
    def blackout_s(self) -> float | None:
        """Seconds in which the workload stood still, or None while that is not known."""
        return None if self.blackout_ms is None else self.blackout_ms / 1000


class RunStep(models.Model):
    """One step of a run, copied from the plan when the run is created.

    `branch` names the branch that the step belongs to; `chosen` the branch whose steps take this step's
    place since it failed, as a person decided. Past `deadline_at` a step that still runs is put before a
    person; nothing is stopped for it.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    phase = models.CharField(max_length=20)
    part = models.CharField(
        max_length=12, choices=[(p.value, p.value) for p in StepPart], default=StepPart.STEPS
    )
    branch = models.CharField(max_length=40, blank=True)
    chosen = models.CharField(max_length=40, blank=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in StepState], default=StepState.PENDING
    )
    message = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="step_position_once"),
            models.UniqueConstraint(fields=["run", "key"], name="step_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run} step {self.position} {self.key}"

    @property
    def took(self) -> timedelta | None:
        """How long the step took, or None while it is not over."""
        return self.ended_at - self.started_at if self.ended_at and self.started_at else None


class RunCommand(models.Model):
    """One remote invocation. `status` is as seen; None while running or when nobody can know it.

    One that is *unsent* was intended and held back, because its intent could not be kept twice.

    `launch_key` is the once-launcher's directory on the target (empty: sent directly); `watch` marks
    a look beside the step: at the HMC, or at when the host started. `file_name` is what the file at
    `file_path`, which the command brings home as its standard output, is called as evidence (empty: none).
    Of each stream `…_bytes` are stored, `…_recorded` of them stand in the ledger; `masked` is what goes with
    their masked bytes (`engine.redactor.Known`), for a worker that takes over.
    """

    class State(models.TextChoices):
        """How far the invocation came."""

        INTENDED = "intended", "intended"
        STARTED = "started", "started"
        ENDED = "ended", "ended"
        UNKNOWN = "unknown", "unknown"
        UNSENT = "unsent", "unsent"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="commands")
    step = models.ForeignKey(RunStep, on_delete=models.PROTECT, related_name="commands")
    number = models.PositiveIntegerField()
    host = models.CharField(max_length=100)
    account = models.CharField(max_length=32)
    line = models.TextField()
    launch_key = models.CharField(max_length=120, blank=True)
    watch = models.BooleanField(default=False)
    file_name = models.CharField(max_length=100, blank=True)
    file_path = models.CharField(max_length=300, blank=True)
    epoch = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.INTENDED)
    status = models.IntegerField(null=True, blank=True)
    intended_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    stdout_bytes = models.PositiveBigIntegerField(default=0)
    stderr_bytes = models.PositiveBigIntegerField(default=0)
    stdout_recorded = models.PositiveBigIntegerField(default=0)
    stderr_recorded = models.PositiveBigIntegerField(default=0)
    stdout_digest = models.CharField(max_length=71, blank=True)
    stderr_digest = models.CharField(max_length=71, blank=True)
    masked = models.JSONField(default=dict)

    class Meta:
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="command_number_once")]

    def __str__(self) -> str:
        return f"{self.run} command {self.number}"


class OutputChunk(models.Model):
    """A piece of one stream of a command, at its byte offset, as received (after redaction)."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="output")
    command = models.ForeignKey(RunCommand, on_delete=models.PROTECT, related_name="output")
    stream = models.CharField(max_length=6, choices=[("stdout", "stdout"), ("stderr", "stderr")])
    offset = models.PositiveBigIntegerField()
    content = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["command", "stream", "offset"], name="output_offset_once")
        ]
        indexes = [models.Index(fields=["run", "id"], name="output_of_run")]

    def __str__(self) -> str:
        return f"{self.command} {self.stream}@{self.offset}"


class RunEvent(models.Model):
    """What the live page is told besides output: states, milestones, sightings on the HMC, notes."""

    class Kind(models.TextChoices):
        """What the event speaks of."""

        STATE = "state", "state of the run"
        STEP = "step", "state of a step"
        COMMAND = "command", "state of a command"
        MILESTONE = "milestone", "milestone of Live Update"
        HMC = "hmc", "what the HMC sees"
        NOTE = "note", "note"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "id"], name="event_of_run")]

    def __str__(self) -> str:
        return f"{self.run} {self.kind} {self.pk}"
