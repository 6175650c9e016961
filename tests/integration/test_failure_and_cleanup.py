"""Failed Live Updates in the lab: explained, cleaned up by the state's own procedure, and done again."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.planning import do_plan
from liveupdate.actions.requests import create_request
from liveupdate.actions.runs import Decision, decide, start_run
from liveupdate.actions.starting import do_start
from liveupdate.engine.execution import execute
from liveupdate.models import Leftover, Request, Run
from liveupdate.offers import offers
from liveupdate.states import LparState, RequestState, RunState
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.errors import Invalid
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600), pytest.mark.deep]

DATA = "general:\n\tkext_check = yes\n\ndisks:\n\tnhdisk = {}\n\tmhdisk = {}\n\nhmc:\n"
DATA += "\tmanagement_console = hmc01\n\tuser = liveupdate\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=600) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Estate:
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.2, 0.5
    monkeypatch.setattr("liveupdate.procedures.rmc.RESTART_S", 5)
    monkeypatch.setattr("liveupdate.procedures.rmc.HMC_SEES_S", 60)
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    made = import_lab(lab)
    for team in ("payroll", "webshop"):
        Membership.objects.create(
            user=User.objects.get(username="adm"), team_id=_team(team), role=Role.OPERATOR
        )
    return made


def _team(slug: str) -> int:
    return Team.objects.get(slug=slug).pk


def state_of(name: str) -> LparState:
    lpar = Lpar.objects.get(host__name=name)
    look_at(lpar_with_hosts(lpar.pk), Actor.worker("w1"))
    lpar.refresh_from_db()
    return LparState(lpar.update_state)


def ran(estate: Estate, request: Request) -> Run:
    run = start_run(request.pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def repaired(estate: Estate, name: str, procedure: str) -> Run:
    return ran(estate, estate.approved(name, procedure=procedure, media="", target_level=""))


def told(run: Run) -> str:
    steps = {step.key: f"{step.state} {step.message}" for step in run.steps.exclude(message="")}
    return f"{run.state}: {run.outcome} {run.reason} {steps}"


def chosen(run: Run, branch: str) -> Run:
    operator = User.objects.get(username="adm")
    decide(run.pk, operator, Decision.BRANCH, "the output asks for it", branch)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def files_of(run: Run) -> set[str]:
    return set(run.commands.exclude(file_name="").values_list("file_name", flat=True))


def rehearse(lab: RunningLab, name: str, nhdisk: str, mhdisk: str) -> str:
    """A Live Update without media, begun by somebody on the LPAR."""
    with session(lab, name) as lpar:
        lpar.run("cat > /var/adm/ras/liveupdate/lvupdate.data", DATA.format(nhdisk, mhdisk).encode())
        assert lpar.run(f"hmcauth -u liveupdate -a hmc01 -p {lab.description['hmc_password']}").status == 0
        done = lpar.run("geninstall -k")
        assert done.status == 1
        return done.out


def test_a_dirty_failure_is_explained_and_cleaned_up_after_a_restart(estate: Estate) -> None:
    lab = estate.lab
    lab.fault("pay01", "kernel_failure")
    lab.fault("pay01", "dirty_failure")
    run = ran(estate, estate.approved("pay01"))
    lab.clear("pay01")
    assert run.state == RunState.FAILED, told(run)
    assert {"lvupdlog", "liveupdate.cf", "install_all_updates.log", "liveupdate_logs.tar"} <= files_of(run)

    assert state_of("pay01") is LparState.FAILED_DIRTY
    with pytest.raises(Invalid, match="clean up first"):
        create_request(estate.owner, Lpar.objects.get(host__name="pay01").pk, estate.wish())

    approved = estate.approved("pay01", procedure="cleanup", media="", target_level="")
    lab.fault("pay01", "reboot")
    _comes_back(lab, "pay01")
    assert state_of("pay01") is LparState.FAILED_DIRTY_REBOOTED
    do_start(approved.pk, "w1")
    approved.refresh_from_db()
    assert (approved.state, Run.objects.filter(request=approved).count()) == (RequestState.PLANNING, 0)

    lab.fault("pay01", "clvupdate_prompts")
    run = repaired(estate, "pay01", "cleanup")
    assert run.state == RunState.NEEDS_PERSON, told(run)
    run = chosen(run, "answer_yes")
    assert run.state == RunState.SUCCEEDED, told(run)
    executed = [each["argv"] for each in lab.truth("pay01") if each["argv"][0] == "clvupdate"]
    assert executed == [["clvupdate", "-e"], ["clvupdate", "-e"]]
    assert state_of("pay01") is LparState.FAILED_CLEAN
    assert offers(LparState.FAILED_CLEAN)["local_live_update"] == ""


def _comes_back(lab: RunningLab, name: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            with session(lab, name) as lpar:
                if lpar.run("who -b").status == 0:
                    return
        except OSError:
            assert time.monotonic() < end
        time.sleep(0.3)


def test_an_original_that_stays_goes_and_the_next_update_succeeds(estate: Estate) -> None:
    lab = estate.lab
    lab.fault("web01", "original_not_deleted")
    said = rehearse(lab, "web01", "hdisk2", "hdisk10")
    lab.clear("web01")
    assert "1430-041" in said
    assert state_of("web01") is LparState.MOVED_DIRTY
    run = repaired(estate, "web01", "collect_logs")
    assert run.state == RunState.SUCCEEDED, told(run)
    assert "liveupdate_logs.tar" in files_of(run)

    with session(lab, "web01") as lpar:
        assert lpar.run("clvupdate").status == 1
        again = lpar.run("geninstall -k")
        assert again.status == 1 and "1430-257" in again.out
        kept = lpar.run("ls /var/adm/ras/liveupdate/liveupdate.cf.*").out.split()[0]
    run = repaired(estate, "web01", "cleanup")
    assert run.state == RunState.NEEDS_PERSON and "is not that of the operation" in told(run), told(run)
    decide(run.pk, User.objects.get(username="adm"), Decision.RESTORE, "it needs the older file")
    execute(run.pk, "w1")

    older = f"/var{kept.partition('/var')[2]}"
    wish = {"procedure": "cleanup", "media": "", "target_level": "", "choices": {"configuration": older}}
    run = ran(estate, estate.approved("web01", **wish))
    assert run.state == RunState.SUCCEEDED, told(run)
    assert state_of("web01") is LparState.FAILED_CLEAN
    assert Leftover.objects.filter(closed_at=None, kind__in=["original", "lvup_rootvg"]).count() == 0
    assert Leftover.objects.exclude(closed_at=None).filter(kind="original").exists()

    run = ran(estate, estate.approved("web01"))
    assert run.state in (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE), told(run)
    assert state_of("web01") is LparState.DONE


def test_rmc_comes_back_by_a_rebuild_but_never_on_a_node_of_a_cluster(estate: Estate) -> None:
    lab = estate.lab
    lab.defect("pay02", "rmc_identity")
    lab.defect("web02", "peer_domain")
    request = create_request(
        estate.owner,
        Lpar.objects.get(host__name="web02").pk,
        estate.wish(procedure="rmc_repair", media="", target_level=""),
    )
    do_plan(request.pk, "w1")
    request.refresh_from_db()
    assert request.state == RequestState.BLOCKED
    assert "node of a cluster" in request.state_reason

    run = repaired(estate, "pay02", "rmc_repair")
    assert run.state == RunState.NEEDS_PERSON, told(run)
    run = chosen(run, "rebuild")
    assert run.state == RunState.SUCCEEDED, told(run)
    run = repaired(estate, "pay02", "rmc_check")
    assert run.state == RunState.SUCCEEDED, told(run)
