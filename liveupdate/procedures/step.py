"""The words of a plan: steps, what each does, and what it must answer.

A plan is plain data with a digest (of `Plan.document()`); the engine executes nothing else. It holds no
time and no opinion, so the same facts render the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from inventory.accounts import AccountClass
from inventory.command import Command, aix
from liveupdate.states import StepPart

PLAN_SCHEMA = "live-update-plan/1"


class Phase(StrEnum):
    """The stretch of the procedure that a step belongs to, in order."""

    CHECK = "check"
    MEDIA = "media"
    AUTHENTICATE = "authenticate"
    PREPARE = "prepare"
    PREVIEW = "preview"
    UPDATE = "update"
    VERIFY = "verify"
    RESTORE = "restore"
    COLLECT = "collect"


class StepKind(StrEnum):
    """How a step may be repeated: `READ` freely, `IDEMPOTENT` after a check, `ONCE` never."""

    READ = "read"
    IDEMPOTENT = "idempotent"
    ONCE = "once"


class StepHost(StrEnum):
    """Which of the plan's hosts a step runs on."""

    LPAR = "lpar"
    HMC = "hmc"
    NIM_MASTER = "nim_master"


class OnFailure(StrEnum):
    """What the engine does when a step's expectation is not met.

    `CHOOSE` puts the branches that the plan prepared for this step before a person.
    """

    RESTORE = "restore"
    CONTINUE = "continue"
    CHOOSE = "choose"


@dataclass(frozen=True, slots=True)
class Run:
    """Send one command."""

    command: Command


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt to wait for (regex), and what is typed: a credential's secret, or `text` without one."""

    pattern: str
    credential: str
    text: str = ""

    def document(self) -> dict[str, str]:
        """The prompt as the plan's canonical JSON holds it."""
        return {"pattern": self.pattern, "credential": self.credential, "text": self.text}


@dataclass(frozen=True, slots=True)
class Answer:
    """Send one command on a terminal and answer its prompts; secrets are named, never held."""

    command: Command
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Put a text file in place, whole or not at all. `mode` is octal text, e.g. `0600`."""

    path: str
    content: str
    mode: str = "0600"


@dataclass(frozen=True, slots=True)
class Fetch:
    """Bring a file's bytes home as evidence, called `name` there; the file stays as it is."""

    path: str
    name: str

    @property
    def command(self) -> Command:
        """What brings the bytes."""
        return aix("cat", self.path)


Action = Run | Answer | WriteFile | Fetch


@dataclass(frozen=True, slots=True)
class Expect:
    """What must hold of a step's outcome; patterns are regexes searched in both streams, and `^`
    and `$` match at lines.

    `equals_saved` names an earlier step whose output this one must repeat (order of lines and
    trailing blanks aside): the proof that a before-image is back.
    """

    statuses: tuple[int, ...] = (0,)
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    equals_saved: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a plan.

    `patience_s`: a look whose expectation is not met yet is repeated for at most so many seconds.
    `undoes` names the step whose effect this one takes back: it runs only if that step was begun.
    `cures` names the readiness checks (RQ-…) that the step answers. `live_update` marks the command
    whose output carries Live Update's milestones and its point of no return. `restarts` marks a
    command that restarts its host: it has succeeded when the host answers again. `account` says as whom it
    is done on a host that has an account for looking.
    """

    id: str
    phase: Phase
    title: str
    why: str
    host: StepHost
    kind: StepKind
    action: Action
    expect: Expect = field(default_factory=Expect)
    deadline_s: int = 120
    on_failure: OnFailure = OnFailure.RESTORE
    undoes: str = ""
    cures: tuple[str, ...] = ()
    reversible: bool = True
    live_update: bool = False
    restarts: bool = False
    patience_s: int = 0
    account: AccountClass = AccountClass.EXECUTE

    @property
    def launched(self) -> bool:
        """Whether its command runs detached on its host, begun at most once; no HMC's shell can do that."""
        return self.kind is StepKind.ONCE and isinstance(self.action, Run) and self.host is not StepHost.HMC

    @property
    def works_elsewhere(self) -> bool:
        """Whether its command makes another host work, which goes on there when the command is ended."""
        return self.launched and self.host is StepHost.NIM_MASTER

    def document(self) -> dict[str, Any]:
        """The step as the plan's canonical JSON holds it; a step that only looks says so."""
        looks = {"account": self.account.value} if self.account is AccountClass.LOOK else {}
        return {
            **looks,
            "id": self.id,
            "phase": self.phase.value,
            "title": self.title,
            "why": self.why,
            "host": self.host.value,
            "kind": self.kind.value,
            "action": _action_document(self.action),
            "expect": {
                "statuses": list(self.expect.statuses),
                "has": list(self.expect.has),
                "lacks": list(self.expect.lacks),
                "equals_saved": self.expect.equals_saved,
            },
            "deadline_s": self.deadline_s,
            "on_failure": self.on_failure.value,
            "undoes": self.undoes,
            "cures": list(self.cures),
            "reversible": self.reversible,
            "live_update": self.live_update,
            "restarts": self.restarts,
            "patience_s": self.patience_s,
        }


def _command_document(command: Command) -> dict[str, Any]:
    return {"argv": list(command.argv), "locale": command.locale}


def _action_document(action: Action) -> dict[str, Any]:
    match action:
        case Run(command):
            return {"do": "run", **_command_document(command)}
        case Answer(command, prompts):
            asked = [prompt.document() for prompt in prompts]
            return {"do": "answer", **_command_document(command), "prompts": asked}
        case WriteFile(path, content, mode):
            return {"do": "write_file", "path": path, "content": content, "mode": mode}
        case Fetch(path, name):
            return {"do": "fetch", "path": path, "name": name}


@dataclass(frozen=True, slots=True)
class Looking:
    """The account for looking of a host, and its credential's name."""

    account: str
    credential: str

    def document(self) -> dict[str, str]:
        """The account as the plan's canonical JSON holds it."""
        return {"account": self.account, "credential": self.credential}


@dataclass(frozen=True, slots=True)
class HostRef:
    """Where a step goes: the host's name, address, port, account, pinned key and credential name.

    `looking` is who looks there, if another does than executes.
    """

    name: str
    address: str
    port: int
    account: str
    host_key: str
    credential: str
    looking: Looking | None = None

    def reached_as(self, account: AccountClass) -> "HostRef":
        """The host as one of its accounts reaches it."""
        if self.looking is None:
            return self
        if account is AccountClass.EXECUTE:
            return replace(self, looking=None)
        return replace(self, account=self.looking.account, credential=self.looking.credential, looking=None)

    def document(self) -> dict[str, Any]:
        """The host as the plan's canonical JSON holds it."""
        return {
            **({"looking": self.looking.document()} if self.looking else {}),
            "name": self.name,
            "address": self.address,
            "port": self.port,
            "account": self.account,
            "host_key": self.host_key,
            "credential": self.credential,
        }


@dataclass(frozen=True, slots=True)
class Branch:
    """A way out that the plan prepared for the failure of the step `after`.

    When a person chooses it, its steps take that step's place and the plan goes on behind it.
    """

    name: str
    after: str
    title: str
    why: str
    steps: tuple[Step, ...]

    def document(self) -> dict[str, Any]:
        """The branch as the plan's canonical JSON holds it."""
        return {
            "name": self.name,
            "after": self.after,
            "title": self.title,
            "why": self.why,
            "steps": [step.document() for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """A procedure rendered for one LPAR.

    `steps` run in order; `restoration` runs afterwards in any case, each step only if what it
    undoes was begun (a step that undoes nothing always runs). `failure` runs before it when a step
    failed after a Live Update was begun: it collects what explains the failure. `branches` are the
    ways out that a person may choose from when their step fails. `parameters` are the choices a reader
    wants at a glance (disks, media, level). `watch` is sent to the HMC again and again while a
    `live_update` step runs, so that the record holds both sides: it reads and changes nothing.

    Raises ValueError when two steps share an id, a step refers to one that is not there, or one that
    changes something is to be repeated.
    """

    procedure: str
    version: int
    lpar: dict[str, str]
    hosts: dict[StepHost, HostRef]
    parameters: dict[str, Any]
    steps: tuple[Step, ...]
    restoration: tuple[Step, ...]
    warnings: tuple[str, ...] = ()
    watch: Command | None = None
    failure: tuple[Step, ...] = ()
    branches: tuple[Branch, ...] = ()

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Every step of the plan, those of its branches and of its failure too, in the order of reading."""
        branched = tuple(step for branch in self.branches for step in branch.steps)
        return (*self.steps, *branched, *self.failure, *self.restoration)

    def branches_after(self, step_id: str) -> tuple[Branch, ...]:
        """What a person may choose from when this step fails."""
        return tuple(branch for branch in self.branches if branch.after == step_id)

    def placed(self) -> Iterator[tuple[Step, StepPart, str]]:
        """Every step with its part of the plan and its branch, in the order in which they may run."""
        for step in self.steps:
            yield step, StepPart.STEPS, ""
            for branch in self.branches_after(step.id):
                yield from ((each, StepPart.BRANCH, branch.name) for each in branch.steps)
        yield from ((step, StepPart.FAILURE, "") for step in self.failure)
        yield from ((step, StepPart.RESTORATION, "") for step in self.restoration)

    def __post_init__(self) -> None:
        self._check_branches()
        seen: set[str] = set()
        for step in self.all_steps:
            if step.restarts and not step.launched:
                raise ValueError(f"{step.id} restarts its host and must run once there.")
            if step.id in seen:
                raise ValueError(f"Two steps of {self.procedure} are called {step.id}.")
            for other in (step.undoes, step.expect.equals_saved):
                if other and other not in seen:
                    raise ValueError(f"{step.id} refers to {other}, which is no earlier step.")
            if step.patience_s and step.kind is not StepKind.READ:
                raise ValueError(f"{step.id} changes something and cannot be repeated until it is met.")
            seen.add(step.id)

    def _check_branches(self) -> None:
        choosing = {step.id for step in self.all_steps if step.on_failure is OnFailure.CHOOSE}
        offered = {branch.after for branch in self.branches}
        names = [(branch.after, branch.name) for branch in self.branches]
        if choosing != offered or not choosing <= {step.id for step in self.steps}:
            raise ValueError(f"The branches of {self.procedure} are not those that its steps offer.")
        if len(set(names)) < len(names):
            raise ValueError(f"Two branches of {self.procedure} after one step have the same name.")

    def document(self) -> dict[str, Any]:
        """The plan as canonical JSON holds it; its digest is what people approve."""
        return {
            "schema": PLAN_SCHEMA,
            "procedure": {"name": self.procedure, "version": self.version},
            "lpar": self.lpar,
            "hosts": {role.value: host.document() for role, host in self.hosts.items()},
            "parameters": self.parameters,
            "steps": [step.document() for step in self.steps],
            "restoration": [step.document() for step in self.restoration],
            "warnings": list(self.warnings),
            "watch": None if self.watch is None else _command_document(self.watch),
            "failure": [step.document() for step in self.failure],
            "branches": [branch.document() for branch in self.branches],
        }
