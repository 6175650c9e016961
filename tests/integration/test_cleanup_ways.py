"""Every way of the cleanup in the lab: from the failure by the state's own plan to the next Live Update."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.runs import Decision, decide, start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Request, Run
from liveupdate.offers import offers
from liveupdate.states import LparState, RunState
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600), pytest.mark.deep]

NOTHING = {"media": "", "target_level": ""}
CONSENTS = ("trusted_execution_off", "wlm_off", "remove_leftovers")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=1500, scenario="two_hmcs") as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Estate:
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.1, 0.5
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    made = import_lab(lab)
    for team in Team.objects.all():
        Membership.objects.create(user=User.objects.get(username="adm"), team=team, role=Role.OPERATOR)
    return made


def state_of(name: str) -> LparState:
    lpar = Lpar.objects.get(host__name=name)
    look_at(lpar_with_hosts(lpar.pk), Actor.worker("w1"))
    lpar.refresh_from_db()
    return LparState(lpar.update_state)


def ran(request: Request) -> Run:
    run = start_run(request.pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def decided(run: Run, decision: Decision, branch: str = "") -> Run:
    decide(run.pk, User.objects.get(username="adm"), decision, "by what its output says", branch)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def told(run: Run) -> str:
    steps = {step.key: f"{step.state} {step.message}" for step in run.steps.exclude(message="")}
    return f"{run.state}: {run.outcome} {run.reason} {steps}"


def failed(estate: Estate, name: str, *faults: str) -> LparState:
    """The state after a rehearsal that failed because of the faults, which are gone afterwards."""
    leave_the_minute_of_its_boot(estate.lab, name)
    for fault in faults:
        estate.lab.fault(name, fault)
    run = ran(estate.approved(name, procedure="local_rehearsal", consents=CONSENTS, **NOTHING))
    estate.lab.clear(name)
    assert run.state == RunState.FAILED, told(run)
    return state_of(name)


def leave_the_minute_of_its_boot(lab: RunningLab, name: str) -> None:
    """An LPAR that was restarted in the minute in which its Live Update began was so afterwards."""
    with session(lab, name) as lpar:
        booted = lpar.run("who -b").out.split()[-1]
        while lpar.run("date").out.split()[3].startswith(booted):
            time.sleep(1)


def cleanup(estate: Estate, name: str, **wish: Any) -> Run:
    return ran(estate.approved(name, procedure="cleanup", **NOTHING, **wish))


def clvupdates(lab: RunningLab, name: str) -> list[list[str]]:
    return [each["argv"][1:] for each in lab.truth(name) if each["argv"][0] == "clvupdate"]


def partitions(lab: RunningLab, name: str) -> list[str]:
    with session(lab, "hmc01") as hmc:
        listed = hmc.run(f"lssyscfg -r lpar -m {lab.description['managed_system']} -F name,state").out
    return [line for line in listed.splitlines() if line.startswith(name)]


def rehearses(estate: Estate, name: str) -> None:
    """The way is free: the next Live Update is offered, runs and completes."""
    assert offers(LparState.FAILED_CLEAN)["local_rehearsal"] == ""
    run = ran(estate.approved(name, procedure="local_rehearsal", consents=CONSENTS, **NOTHING))
    assert run.state in (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE), told(run)
    assert state_of(name) is LparState.DONE


def test_a_dirty_failure_by_itself(estate: Estate) -> None:
    assert failed(estate, "pay01", "procfs_open", "dirty_failure") is LparState.FAILED_DIRTY
    run = cleanup(estate, "pay01")
    assert run.state == RunState.SUCCEEDED, told(run)
    assert clvupdates(estate.lab, "pay01") == [[]]
    assert state_of("pay01") is LparState.FAILED_CLEAN
    rehearses(estate, "pay01")


def test_a_status_older_than_the_truth_is_ignored_after_a_proof(estate: Estate) -> None:
    state = failed(estate, "pay02", "procfs_open", "dirty_failure", "status_stuck")
    assert state is LparState.FAILED_DIRTY
    run = cleanup(estate, "pay02")
    assert run.state == RunState.NEEDS_PERSON and "may still be running" in told(run), told(run)
    run = decided(run, Decision.BRANCH, "ignore_status")
    assert run.state == RunState.SUCCEEDED, told(run)
    assert clvupdates(estate.lab, "pay02") == [[], ["-u"]]
    assert state_of("pay02") is LparState.FAILED_CLEAN
    rehearses(estate, "pay02")


def test_a_dead_surrogate_is_removed_and_the_original_gets_its_name_back(estate: Estate) -> None:
    lab = estate.lab
    assert failed(estate, "web01", "procfs_open", "dirty_failure") is LparState.FAILED_DIRTY
    lab.fault("web01", "partition_left")
    run = cleanup(estate, "web01", consents=("remove_left_partition",))
    assert run.state == RunState.NEEDS_PERSON, told(run)
    assert len(partitions(lab, "web01")) == 2
    run = decided(run, Decision.BRANCH, "remove_dead_partition")
    lab.clear("web01")
    assert run.state == RunState.SUCCEEDED, told(run)
    assert partitions(lab, "web01") == ["web01,Running"]
    assert state_of("web01") is LparState.FAILED_CLEAN
    rehearses(estate, "web01")


def test_a_dead_original_is_removed_and_never_without_consent(estate: Estate) -> None:
    lab = estate.lab
    assert failed(estate, "web02", "original_not_deleted") is LparState.MOVED_DIRTY
    lab.fault("web02", "partition_left")
    run = cleanup(estate, "web02", consents=("remove_left_partition",))
    assert run.state == RunState.NEEDS_PERSON, told(run)
    run = decided(run, Decision.BRANCH, "remove_dead_partition")
    lab.clear("web02")
    assert run.state == RunState.SUCCEEDED, told(run)
    assert clvupdates(lab, "web02") == [["-o"], ["-v"]]
    assert partitions(lab, "web02") == ["web02,Running"]
    assert state_of("web02") is LparState.FAILED_CLEAN
    rehearses(estate, "web02")


def test_another_hmc_where_the_one_of_the_attempt_is_silent(estate: Estate) -> None:
    lab = estate.lab
    assert failed(estate, "pay01", "procfs_open", "dirty_failure") is LparState.FAILED_DIRTY
    before = len(clvupdates(lab, "pay01"))
    lab.fault("hmc01", "rest_down")
    run = cleanup(estate, "pay01")
    assert run.state == RunState.FAILED, told(run)
    assert len(clvupdates(lab, "pay01")) == before

    with session(lab, "pay01") as lpar:
        password = next(host["password"] for host in lab.description["hosts"] if host["name"] == "hmc02")
        assert lpar.run(f"hmcauth -u hscroot -a hmc02 -p {password}").status == 0
    elsewhere = {"other_hmc": "127.0.0.2", "other_user": "hscroot"}
    run = cleanup(estate, "pay01", choices=elsewhere)
    assert run.state == RunState.SUCCEEDED, told(run)
    assert clvupdates(lab, "pay01")[before:] == [["-a", "127.0.0.2", "-U", "hscroot"]]
    lab.clear("hmc01")
    assert state_of("pay01") is LparState.FAILED_CLEAN
    rehearses(estate, "pay01")


def test_another_hmc_takes_the_place_of_one_that_is_lost(estate: Estate, tmp_path: Path) -> None:
    lab = estate.lab
    assert failed(estate, "pay02", "procfs_open", "dirty_failure") is LparState.FAILED_DIRTY
    lab.fault("hmc01", "hmc_down")
    assert state_of("pay02") is LparState.UNKNOWN
    refused = estate.planned("pay02", procedure="cleanup", **NOTHING)
    assert "hmc01" in refused.state_reason and "name another" in refused.state_reason

    head, *rows = (lab.directory / "inventory.csv").read_text().splitlines()
    system = next(row.replace("hmc01", "hmc01 hmc02") for row in rows if row.startswith("managed_system,"))
    lpar = next(row.replace("hmc01", "hmc02") for row in rows if row.startswith("lpar,pay02,"))
    (tmp_path / "moved.csv").write_text("\n".join([head, system, lpar, ""]))
    call_command("import_hosts", str(tmp_path / "moved.csv"), as_user="adm")
    assert state_of("pay02") is LparState.FAILED_DIRTY
    lab.clear("hmc01")
