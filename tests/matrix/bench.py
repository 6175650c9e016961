"""One procedure under faults: an approved request, its run, and the estate's own record of both."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils.timezone import localdate

from inventory.lab.estate import RunningLab
from inventory.models import Lpar
from liveupdate.actions.answers import give_answer
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.runs import Decision, branches_offered, decide, start_run
from liveupdate.actions.sign_offs import sign_off
from liveupdate.engine.execution import execute
from liveupdate.models import Request, Run
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Plan
from liveupdate.states import RUN_TERMINAL, RequestState, RunState
from portal.access.models import User
from portal.audit.actor import Actor
from tests.lab_estate import Estate

PATIENCE_S = 250.0
"""How long a run may take until it is over or waits for a person."""
MOST_DECISIONS = 4
"""After so many a run that still asks is closed."""
LOG = "var/adm/ras/liveupdate/logs/lvupdlog"
SLOWLY = 150
"""The lab's speed where a fault has to strike within a phase of a Live Update."""
LOOK_EVERY_S = 0.005


@dataclass(frozen=True, slots=True)
class FaultCase:
    """A fault of the lab: on which host, from when on, and for how long.

    `at` is the number of commands that ran on the estate before it strikes, or a sentence of the Live
    Update's log; 0 is before the first. `lasts_s` are seconds; without them it lasts as long as the run.
    """

    name: str
    host: str
    value: str = ""
    at: int | str = 0
    lasts_s: float = 0.0


@dataclass
class Asked:
    """What a person was told who had to decide, and the ways out that the plan offered."""

    reason: str
    ways: tuple[str, ...]


@dataclass
class Played:
    """What came of it: the portal's word, and the estate's own record before and after.

    `met` are the faults that the lab asked for while the run went, by host.
    """

    request: Request
    run: Run | None
    before: dict[str, Any]
    after: dict[str, Any]
    executed: dict[str, list[dict[str, Any]]]
    met: dict[str, frozenset[str]]
    lpar: Lpar
    asked: list[Asked] = field(default_factory=list)

    @property
    def plan(self) -> Plan | None:
        """What was approved, if a plan was made."""
        return read_plan(self.request.plan.document) if self.request.plan else None

    @property
    def commands(self) -> int:
        """How many commands ran on the estate."""
        return sum(map(len, self.executed.values()))

    @property
    def causes(self) -> list[str]:
        """The signatures that the portal gives for the failure, the root cause first."""
        return [found.signature for found in self.run.diagnoses.all()] if self.run else []

    @property
    def first_lines(self) -> list[str]:
        """The lines shown first where no signature knows the failure."""
        first = self.run.diagnoses.first() if self.run else None
        return [line["text"] for line in first.lines] if first and not first.signature else []


@dataclass(frozen=True)
class Bench:
    """An estate with its people."""

    lab: RunningLab
    estate: Estate
    operator: User

    def ask(self, name: str, wish: dict[str, Any]) -> Request:
        """Ask for a procedure on an LPAR; what was planned is approved."""
        request = self.estate.planned(name, **{"media": "", "target_level": "", **wish})
        return self.estate.decided(request) if request.state == RequestState.PLANNED else request

    def play(self, request: Request, faults: Sequence[FaultCase] = (), way: str = "") -> Played:
        """Run an approved request under the faults; where it is offered, people choose this way out."""
        before, run, asked = self.lab.world(), None, []
        marks, met = self._over(self.lab.truth), self._over(self.lab.met)
        ran_before = sum(map(len, marks.values()))
        if request.state == RequestState.APPROVED:
            run = start_run(request.pk)
            with contextlib.ExitStack() as strikes:
                for fault in faults:
                    strikes.enter_context(self._strikes(request.lpar.name, fault, ran_before))
                asked = self._carry_out(run, way)
        executed = {host: ran[len(marks[host]) :] for host, ran in self._over(self.lab.truth).items()}
        now_met = self._over(self.lab.met)
        self.lab.clear()
        request.refresh_from_db()
        return Played(
            request, run, before, self.lab.world(), executed,
            {host: _grown(met[host], now_met[host]) for host in met},
            self.look(request.lpar.name), asked,
        )  # fmt: skip

    def answer(self, name: str, *checks: str) -> None:
        """The owner says of what no command can test that it holds."""
        lpar = Lpar.objects.get(host__name=name)
        for check in checks:
            give_answer(self.estate.owner, lpar.pk, check, holds=True, reason="asked", good_until=localdate())

    def sign_off(self, run: Run) -> None:
        """The owner says that the update is good and its way back may go at once."""
        sign_off(run.pk, self.estate.owner, reason="all is well", keep_days=0)

    def look(self, name: str) -> Lpar:
        """The LPAR as the portal knows it after a new look."""
        lpar = lpar_with_hosts(Lpar.objects.get(host__name=name).pk)
        look_at(lpar, Actor.worker("matrix"))
        lpar.refresh_from_db()
        return lpar

    def log_of(self, name: str) -> str:
        """The log of the last Live Update on an LPAR, empty without one."""
        log = self._root(name) / LOG
        return log.read_text() if log.exists() else ""

    def _root(self, name: str) -> Path:
        return Path(self.lab.host(name)["root"])

    def _over(self, record: Callable[[str], Any]) -> dict[str, Any]:
        return {host["name"]: record(host["name"]) for host in self.lab.description["hosts"]}

    @contextlib.contextmanager
    def _strikes(self, name: str, fault: FaultCase, ran_before: int) -> Iterator[None]:
        """The fault is on while the run goes, from its moment on and as long as it lasts."""
        host, over = name if fault.host == "lpar" else fault.host, threading.Event()
        moment = self._moment(name, fault, ran_before)

        def strike() -> None:
            while not moment():
                if over.wait(LOOK_EVERY_S):
                    return
            self.lab.fault(host, fault.name, fault.value)
            if fault.lasts_s:
                over.wait(fault.lasts_s)
                self.lab.clear(host, fault.name)

        if isinstance(fault.at, str):
            self.lab.speed(SLOWLY)
        striking = threading.Thread(target=strike)
        if fault.at or fault.lasts_s:
            striking.start()
        else:
            self.lab.fault(host, fault.name, fault.value)
        try:
            yield
        finally:
            over.set()
            if striking.ident:
                striking.join()

    def _moment(self, name: str, fault: FaultCase, ran_before: int) -> Callable[[], bool]:
        if isinstance(fault.at, str):
            log, words = self._root(name) / LOG, fault.at
            begun = log.stat().st_mtime if log.exists() else 0.0
            return lambda: log.exists() and log.stat().st_mtime > begun and words in log.read_text()
        wanted = ran_before + fault.at
        hosts = self.lab.directory / "hosts"
        logs = [hosts / one["name"] / "truth.log" for one in self.lab.description["hosts"]]
        return lambda: sum(_started(log.read_bytes()) for log in logs if log.exists()) >= wanted

    def _carry_out(self, run: Run, way: str) -> list[Asked]:
        """The run to its end; a person who has to decide takes the wanted way, else takes all back."""
        asked: list[Asked] = []
        while True:
            _within(PATIENCE_S, lambda: execute(run.pk, "matrix"))
            run.refresh_from_db()
            if run.state in RUN_TERMINAL:
                return asked
            assert run.state == RunState.NEEDS_PERSON, f"{run} is {run.state}; nobody is asked. {run.reason}"
            ways = tuple(branch.name for branch in branches_offered(run))
            asked.append(Asked(run.reason, ways))
            if way in ways:
                decide(run.pk, self.operator, Decision.BRANCH, "matrix", way)
            else:
                close = len(asked) >= MOST_DECISIONS
                decide(run.pk, self.operator, Decision.CLOSE if close else Decision.RESTORE, "matrix")


def _grown(before: dict[str, int], after: dict[str, int]) -> frozenset[str]:
    return frozenset(name for name, times in after.items() if times > before.get(name, 0))


def _started(log: bytes) -> int:
    return log.count(b'{"event":"start"')


def _within(seconds: float, work: Callable[[], None]) -> None:
    """Do the work in a thread of its own, as a worker does. Raises what it raises, and TimeoutError."""

    def go() -> None:
        try:
            work()
        finally:
            connections.close_all()

    worker = ThreadPoolExecutor(1, "worker")
    try:
        worker.submit(go).result(seconds)
    finally:
        worker.shutdown(wait=False)
