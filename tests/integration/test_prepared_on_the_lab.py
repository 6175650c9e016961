"""LPARs that need every preparation, and updates in two parts, on the lab: the truth afterwards decides."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from inventory.lab.estate import RunningLab, running_lab
from liveupdate.actions.agents import AgentEntry, approve_agent, write_agent
from liveupdate.actions.runs import Decision, ask_abort, decide, start_run
from liveupdate.engine.execution import execute
from liveupdate.lpar.agents import AgentKind
from liveupdate.lpar.consents import Consent
from liveupdate.models import Run
from liveupdate.states import RunState, StepPart, StepState
from portal.access.models import Membership, User
from portal.access.roles import Role
from tests.chaos.workers import wait_for
from tests.lab_estate import Estate, import_lab

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]
AGENTS = (
    AgentEntry(None, "dsmcad", AgentKind.SUBSYSTEM),
    AgentEntry(
        None,
        "zabbix_agentd",
        AgentKind.COMMANDS,
        stop="/opt/zabbix/bin/agent stop",
        start="/opt/zabbix/bin/agent start",
        check="/opt/zabbix/bin/agent status",
    ),
)
ALL = tuple(consent.value for consent in Consent)
WORKLOAD = {
    "stop_workload": "/opt/payroll/bin/payctl stop",
    "start_workload": "/opt/payroll/bin/payctl start",
}
AS_IT_WAS = ("trust", "stanzas", "audit", "audit_stream", "ipsec", "filters", "filters_in_force", "wpars")
AS_IT_WAS += ("scripts", "tokens")
FILES = ("etc/inittab", "var/adm/ras/liveupdate/lvupdate.data")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=600, scenario="unprepared") as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Estate:
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    estate = import_lab(lab)
    Membership.objects.create(user=estate.approver, role=Role.APPROVER)
    Membership.objects.create(user=estate.owner, role=Role.OPERATOR)
    for entry in AGENTS:
        agent = write_agent(User.objects.get(username="adm"), entry)
        approve_agent(estate.approver, agent.pk, agent.digest)
    return estate


def truth(lab: RunningLab, name: str) -> dict[str, Any]:
    """What restoration has to bring back, as the estate itself knows it."""
    world = json.loads((lab.directory / "world.json").read_text())
    lpar, root = world["lpars"][name], lab.directory / "hosts" / name / "root"
    return {
        **{key: lpar[key] for key in AS_IT_WAS},
        "mounts": sorted(
            (m["node"], m["mounted"], m["over"], m["vfs"], m["options"]) for m in lpar["mounts"]
        ),
        "runs": sorted(process["command"] for process in lpar["processes"]),
        "active": sorted(s for s, one in lpar["subsystems"].items() if one["pid"] and s != "pfcdaemon"),
        "files": {file: (root / file).read_text() if (root / file).exists() else None for file in FILES},
    }


def settled(lab: RunningLab, name: str, wanted: dict[str, Any]) -> None:
    """The estate writes its state twice a second."""
    try:
        wait_for(lambda: truth(lab, name) == wanted, 10)
    except AssertionError:
        assert truth(lab, name) == wanted


def started(estate: Estate, name: str, **wish: Any) -> Run:
    return start_run(estate.approved(name, **wish).pk)


def ended(run: Run) -> Run:
    execute(run.pk, "w")
    run.refresh_from_db()
    return run


def unmet(run: Run, *parts: StepPart) -> list[tuple[str, str]]:
    """The steps that failed, of these parts of the plan or of all, with what was said."""
    failed = run.steps.filter(state=StepState.FAILED, part__in=parts or list(StepPart))
    return list(failed.values_list("key", "message"))


def test_everything_is_prepared_and_comes_back(lab: RunningLab, estate: Estate) -> None:
    before = truth(lab, "pay01")
    run = ended(started(estate, "pay01", consents=ALL))
    assert (run.state, unmet(run)) == (RunState.SUCCEEDED, []), run.outcome
    settled(lab, "pay01", before)
    assert (run.level_before, run.level_after) == ("7200-02-02-1810", "7200-05-04-2220")
    for program, words in (("stopsrc", "dsmcad"), ("rmdev", "ipsec_v4"), ("stopwpar", "wpar1")):
        assert [one for one in lab.ran("pay01", program) if words in one["argv"]], program


def test_what_is_prepared_comes_back_after_an_abort_and_after_a_failure(
    lab: RunningLab, estate: Estate
) -> None:
    before = truth(lab, "web01")
    run = started(estate, "web01", consents=ALL)
    worker = threading.Thread(target=_in_a_thread, args=(run.pk,))
    worker.start()
    wait_for(lambda: run.steps.exclude(started_at=None).filter(key="lvupdate_data").exists(), 120)
    ask_abort(run.pk, estate.owner)
    worker.join(200)
    run.refresh_from_db()
    assert (run.state, unmet(run, StepPart.RESTORATION)) == (RunState.ABORTED, []), run.outcome
    settled(lab, "web01", before)

    lab.fault("web01", "kernel_failure")
    run = ended(started(estate, "web01", consents=ALL))
    lab.clear("web01")
    assert (run.state, [key for key, _ in unmet(run)]) == (RunState.FAILED, ["update"]), run.outcome
    assert "installed but not active" in run.outcome
    settled(lab, "web01", before)

    refused = estate.planned("web01", consents=ALL)
    assert refused.plan is None
    run = ended(
        started(estate, "web01", procedure="live_update_only", media="", target_level="", consents=ALL)
    )
    assert (run.state, unmet(run)) == (RunState.SUCCEEDED, []), run.outcome
    settled(lab, "web01", before)


def test_an_agent_that_keeps_running_ends_the_run_before_the_update(
    lab: RunningLab, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveupdate.procedures.agents.PATIENCE_S", 2)
    before, updates = truth(lab, "pay02"), len(lab.ran("pay02", "geninstall"))
    lab.fault("pay02", "keeps_running")
    run = ended(started(estate, "pay02", consents=ALL))
    lab.clear("pay02")
    assert run.state == RunState.FAILED and "dsmcad" in run.outcome, run.outcome
    assert unmet(run, StepPart.RESTORATION) == []
    assert all("-p" in one["argv"] for one in lab.ran("pay02", "geninstall")[updates:])
    settled(lab, "pay02", before)


def test_the_workload_is_stopped_where_only_that_helps(lab: RunningLab, estate: Estate) -> None:
    before = truth(lab, "pay02")
    lab.fault("pay02", "kernel_failure")
    run = ended(started(estate, "pay02", procedure="separate_update", consents=ALL, choices=WORKLOAD))
    assert run.state == RunState.NEEDS_PERSON, run.outcome
    assert "Stop the workload and repeat the Live Update" in run.reason
    decide(run.pk, estate.owner, Decision.BRANCH, "P6 by the log", "workload_stopped")
    run = ended(run)
    lab.clear("pay02")
    assert run.state == RunState.SUCCEEDED, (run.outcome, unmet(run))
    assert "“Stop the workload and repeat the Live Update” took its place" in run.outcome
    before["runs"] = sorted([*before["runs"], "/opt/payroll/bin/paybatch"])
    settled(lab, "pay02", before)


def test_a_restart_activates_what_cannot_be_moved(lab: RunningLab, estate: Estate) -> None:
    before = truth(lab, "web02")
    lab.fault("web02", "kernel_failure")
    run = ended(started(estate, "web02", procedure="separate_update"))
    assert run.state == RunState.NEEDS_PERSON, run.outcome
    decide(run.pk, estate.owner, Decision.BRANCH, "the workload cannot stop alone", "restart")
    run = ended(run)
    lab.clear("web02")
    assert run.state == RunState.SUCCEEDED, (run.outcome, unmet(run))
    assert "“Activate by a restart, not live” took its place" in run.outcome
    settled(lab, "web02", before)
    assert [one["status"] for one in lab.ran("web02", "geninstall") if one["argv"][1:] == ["-k"]] == [1]


def _in_a_thread(run_id: int) -> None:
    try:
        execute(run_id, "w")
    finally:
        connections.close_all()
