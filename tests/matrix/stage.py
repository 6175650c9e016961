"""The estate and the tables as they are before a procedure's run, kept to begin from again and again.

What comes before the run (the look, the request, its plan, its approval, and what was done on the LPAR
earlier) is played once for a procedure. Each of its pairs begins with a copy of it: the lab is started
anew in a copy of its directory, and the tables are those of then.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from inventory.lab.estate import RunningLab, running_lab
from inventory.lab.world.scenario import load_scenario
from inventory.models import Lpar
from liveupdate.actions.agents import AgentEntry, approve_agent, write_agent
from liveupdate.lpar.agents import AgentKind
from liveupdate.lpar.consents import Consent
from liveupdate.models import Request
from liveupdate.states import LparState
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session
from tests.matrix.agreement import SUCCEEDED, changes_of, disagreements
from tests.matrix.bench import Bench, FaultCase, Played
from tests.matrix.cases import CASES
from tests.matrix.ports import own_ports

SPEED = 2000
PORTS = tuple(own_ports())
PASSWORDS = ("hmc_password", "powervc_password")
ALL_CONSENTS = frozenset(consent.value for consent in Consent)


class Stage:
    """One procedure, approved for an LPAR and not yet begun.

    `state` is where Live Update had left the LPAR, `undisturbed` the run without any fault, `logged` what
    Live Update's log of it says; what the tables held of it is read when it has ended.
    """

    def __init__(self, place: Path, name: str, case: dict[str, Any]) -> None:
        self.case_name = name
        self.procedure = case.get("procedure", name)
        self.case = case
        self._lab, self._kept = place / name / "lab", place / name / "kept"
        self._scenario = case.get("scenario", "demo")
        self._ports = dict(zip(load_scenario(self._scenario).hosts(), PORTS, strict=False))
        self._lab.mkdir(parents=True)
        (self._lab / "ports.json").write_text(json.dumps(self._ports))
        self._prepare()
        with self.begun() as (bench, request):
            logged = bench.log_of(case["lpar"])
            self.undisturbed = bench.play(request)
            self.logged = bench.log_of(case["lpar"]).removeprefix(logged)
            self.disagreements = list(disagreements(self.undisturbed, case.get("changes", ())))
            self.told, self.outcome = told(self.undisturbed), outcome(self.undisturbed)

    @property
    def all_met(self) -> set[str]:
        """The faults that the undisturbed run came by, as `host: fault`."""
        return {f"{host}: {fault}" for host, faults in self.undisturbed.met.items() for fault in faults}

    @contextlib.contextmanager
    def begun(self) -> Iterator[tuple[Bench, Request]]:
        """The estate as it was when the request had been approved, with that request."""
        shutil.rmtree(self._lab, ignore_errors=True)
        _copy(self._kept / "lab", self._lab)
        _bring_back(self._kept / "tables")
        with self._running() as lab:
            yield _bench(lab), Request.objects.get(pk=self._request)

    def _prepare(self) -> None:
        with self._running() as lab:
            bench = _new_bench(lab)
            for host, typed in self.case.get("typed", {}).items():
                with session(lab, host) as there:
                    assert there.run(typed).status == 0
            _approve_agents(bench.estate, self.case.get("agents", ()))
            if self.case.get("discovered"):
                call_command("discover", "--json")
            bench.answer(self.case["lpar"], *self.case.get("answers", ()))
            for defect in self.case.get("defects", ()):
                lab.defect(self.case["lpar"], defect)
            for earlier in self.case.get("after", ()):
                self._comes_before(bench, earlier)
            request = bench.ask(self.case["lpar"], wish(self.procedure, self.case))
            self._request = request.pk
            self.state = LparState(Lpar.objects.get(host__name=self.case["lpar"]).update_state)
        self._kept.mkdir()
        _copy(self._lab, self._kept / "lab")
        _keep(self._kept / "tables")

    def _comes_before(self, bench: Bench, earlier: dict[str, Any]) -> None:
        faults = [FaultCase(name, "lpar") for name in earlier.get("faults", ())]
        request = bench.ask(self.case["lpar"], wish(earlier["procedure"], earlier))
        played = bench.play(request, faults, earlier.get("way", ""))
        assert played.run is not None, played.request.state_reason
        assert (played.run.state in SUCCEEDED) is not bool(faults), told(played)
        if earlier.get("sign_off"):
            bench.sign_off(played.run)

    @contextlib.contextmanager
    def _running(self) -> Iterator[RunningLab]:
        """The lab, with its passwords where the worker looks for them."""
        with running_lab(self._lab, speed=SPEED, scenario=self._scenario) as lab:
            assert self._ports == {host["name"]: host["port"] for host in lab.description["hosts"]}
            passwords = {f"LAB_{name.upper()}": lab.description[name] for name in PASSWORDS}
            with mock.patch.dict(os.environ, passwords):
                yield lab


class Stages:
    """A stage for each case, made when its first pair needs it; the last one is kept."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._last: tuple[str, Stage | Exception] = ("", KeyError(""))

    def of(self, name: str) -> Stage:
        """The stage of a case of `cases.yaml`. Raises again what kept it from being made."""
        if self._last[0] != name:
            shutil.rmtree(self._place / name, ignore_errors=True)
            self._last = name, _made(self._place, name)
        stage = self._last[1]
        if isinstance(stage, Exception):
            raise stage
        return stage


def _made(place: Path, name: str) -> Stage | Exception:
    try:
        return Stage(place, name, CASES["procedures"][name])
    except Exception as error:  # noqa: BLE001 - it is raised for each of the pairs
        return error


def wish(procedure: str, case: dict[str, Any]) -> dict[str, Any]:
    """What is asked for, with every consent given."""
    return {"procedure": procedure, "consents": ALL_CONSENTS, **case.get("wish", {})}


def told(played: Played) -> str:
    """The portal's word in full, for whoever has to find out why the two disagree."""
    run = played.run
    if run is None:
        return played.request.state_reason
    steps = [
        f"{step.key}: {step.state} {step.message}"
        for step in run.steps.exclude(state__in=["succeeded", "skipped"])
    ]
    said = [f"asked: {asked.reason} [{', '.join(asked.ways)}]" for asked in played.asked]
    causes = f"causes: {', '.join(played.causes)}; {played.lpar.name} is {played.lpar.update_state}"
    return "\n".join([f"{run.state}: {run.outcome} {run.reason}", causes, *said, *steps])


def outcome(played: Played) -> tuple[object, ...]:
    """What a run did and left, times aside."""
    assert played.run is not None, played.request.state_reason
    steps = tuple(played.run.steps.order_by("position").values_list("key", "state"))
    return played.run.state, played.lpar.update_state, played.lpar.level, steps, changes_of(played)


def _new_bench(lab: RunningLab) -> Bench:
    estate = import_lab(lab)
    operator = User.objects.create_user("kim")
    for team in Team.objects.all():
        Membership.objects.create(user=operator, team=team, role=Role.OPERATOR)
    return Bench(lab, estate, operator)


def _bench(lab: RunningLab) -> Bench:
    ana, ivy, kim = (User.objects.get(username=name) for name in ("ana", "ivy", "kim"))
    return Bench(lab, Estate(lab, ana, ivy), kim)


def _approve_agents(estate: Estate, entries: Sequence[dict[str, str]]) -> None:
    """Enter the agents that plans may stop, agreed by an approver of all teams."""
    if entries:
        Membership.objects.create(user=estate.approver, role=Role.APPROVER)
    for entry in entries:
        said = AgentEntry(None, **{**entry, "kind": AgentKind(entry["kind"])})
        agent = write_agent(User.objects.get(username="adm"), said)
        approve_agent(estate.approver, agent.pk, agent.digest)


def _copy(directory: Path, to: Path) -> None:
    """Copy an estate's directory: thousands of links, for which the system's own program takes a third."""
    subprocess.run(("cp", "-a", directory, to), check=True)


def _keep(file: Path) -> None:
    """Copy all tables into a file."""
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(file)) as kept:
        connection.connection.backup(kept)


def _bring_back(file: Path) -> None:
    """Make all tables what they were."""
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(file)) as kept:
        kept.backup(connection.connection)
    ContentType.objects.clear_cache()
