"""One procedure under one fault: an estate in its first state, an approved request, its run, the truth."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils.timezone import localdate

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.answers import give_answer
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.runs import Decision, decide, start_run
from liveupdate.actions.sign_offs import sign_off
from liveupdate.engine.execution import execute
from liveupdate.models import Request, Run
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Plan
from liveupdate.states import RUN_TERMINAL, RequestState, RunState
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from tests.lab_estate import Estate, import_lab

SPEED = 2000
PATIENCE_S = 100.0
"""How long a run may take until it is over or waits for a person."""


@dataclass(frozen=True, slots=True)
class FaultCase:
    """A fault of the lab: on which host, from when on (seconds after the start), and for how long."""

    name: str
    host: str = "lpar"
    value: str = ""
    after_s: float = 0.0
    lasts_s: float = 0.0


@dataclass
class Played:
    """What came of it: the portal's word, and the estate's own record before and after."""

    request: Request
    run: Run | None
    before: dict[str, Any]
    after: dict[str, Any]
    executed: dict[str, list[dict[str, Any]]]
    lpar: Lpar
    said: list[str]

    @property
    def plan(self) -> Plan | None:
        """What was approved, if a plan was made."""
        return read_plan(self.request.plan.document) if self.request.plan else None

    @property
    def first_cause(self) -> str:
        """The signature that the portal gives for the failure, empty without one."""
        first = self.run.diagnoses.first() if self.run else None
        return first.signature if first else ""


@dataclass(frozen=True)
class Bench:
    """A fresh estate with its people."""

    lab: RunningLab
    estate: Estate
    operator: User

    def world(self) -> dict[str, Any]:
        """The estate's own state, as the lab keeps it."""
        return dict(json.loads((self.lab.directory / "world.json").read_text()))

    def play(self, name: str, wish: dict[str, Any], faults: Sequence[FaultCase] = ()) -> Played:
        """Ask for a procedure on an LPAR, approve what was planned, and run it under the faults."""
        request = self.estate.planned(name, **{"media": "", "target_level": "", **wish})
        before, run, said = self.world(), None, []
        marks = {host: len(self.lab.truth(host)) for host in self._hosts()}
        if request.state == RequestState.PLANNED:
            run = start_run(self.estate.decided(request).pk)
            with contextlib.ExitStack() as strikes:
                for fault in faults:
                    strikes.enter_context(self._strikes(name, fault))
                said = self._carry_out(run)
        executed = {host: self.lab.truth(host)[mark:] for host, mark in marks.items()}
        self.lab.clear()
        request.refresh_from_db()
        return Played(request, run, before, self.world(), executed, self._looked_at(name), said)

    def answer(self, name: str, *checks: str) -> None:
        """The owner says of what no command can test that it holds."""
        lpar = Lpar.objects.get(host__name=name)
        for check in checks:
            give_answer(self.estate.owner, lpar.pk, check, holds=True, reason="asked", good_until=localdate())

    def sign_off(self, run: Run) -> None:
        """The owner says that the update is good and its way back may go at once."""
        sign_off(run.pk, self.estate.owner, reason="all is well", keep_days=0)

    def _looked_at(self, name: str) -> Lpar:
        lpar = lpar_with_hosts(Lpar.objects.get(host__name=name).pk)
        look_at(lpar, Actor.worker("matrix"))
        lpar.refresh_from_db()
        return lpar

    def _hosts(self) -> list[str]:
        return [host["name"] for host in self.lab.description["hosts"]]

    @contextlib.contextmanager
    def _strikes(self, name: str, fault: FaultCase) -> Iterator[None]:
        """The fault is on while the run goes; what would never end by itself ends after some seconds."""
        host = name if fault.host == "lpar" else fault.host
        timers = []
        if fault.after_s:
            timers.append(threading.Timer(fault.after_s, self.lab.fault, (host, fault.name, fault.value)))
        else:
            self.lab.fault(host, fault.name, fault.value)
        if fault.lasts_s:
            until = fault.after_s + fault.lasts_s
            timers.append(threading.Timer(until, self.lab.clear, (host, fault.name)))
        for timer in timers:
            timer.start()
        yield
        for timer in timers:
            timer.cancel()
            timer.join()

    def _carry_out(self, run: Run) -> list[str]:
        """The run to its end; what a person was told who had to decide, and had all taken back."""
        said: list[str] = []
        while True:
            _within(PATIENCE_S, lambda: execute(run.pk, "matrix"))
            run.refresh_from_db()
            if run.state in RUN_TERMINAL:
                return said
            assert run.state == RunState.NEEDS_PERSON, f"{run} is {run.state}, and nobody is asked"
            said.append(run.reason)
            decide(run.pk, self.operator, Decision.CLOSE if len(said) > 2 else Decision.RESTORE, "matrix")


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


@contextlib.contextmanager
def bench(place: Path, scenario: str = "demo") -> Iterator[Bench]:
    """An estate in its first state, imported, with an operator."""
    with running_lab(place / "lab", speed=SPEED, scenario=scenario) as lab:
        estate = import_lab(lab)
        operator = User.objects.create_user("kim")
        for team in Team.objects.all():
            Membership.objects.create(user=operator, team=team, role=Role.OPERATOR)
        yield Bench(lab, estate, operator)
