"""Clone, former rootvg and leftovers in the lab: made, refused, given up, each with what comes next."""

from collections.abc import Iterator
from typing import Any

import pytest

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.runs import Decision, decide, start_run
from liveupdate.actions.sign_offs import sign_off
from liveupdate.engine.execution import execute
from liveupdate.models import Run
from liveupdate.states import RequestState, RunState
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.deep, pytest.mark.timeout(500)]
CONSENTS = ("replace_clone", "remove_leftovers")
DONE = (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE)


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=2000) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Estate:
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.1, 1
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    made = import_lab(lab)
    for team in Team.objects.all():
        Membership.objects.create(user=User.objects.get(username="adm"), team=team, role=Role.OPERATOR)
    return made


def wish(procedure: str) -> dict[str, Any]:
    more = {} if procedure == "local_live_update" else {"media": "", "target_level": ""}
    return {"procedure": procedure, "consents": CONSENTS, **more}


def ran(estate: Estate, name: str, procedure: str) -> Run:
    run = start_run(estate.approved(name, **wish(procedure)).pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def refused(estate: Estate, name: str, procedure: str) -> str:
    request = estate.planned(name, **wish(procedure))
    assert request.state == RequestState.BLOCKED
    return request.state_reason


def signed_off(estate: Estate, run: Run) -> None:
    sign_off(run.pk, estate.approver, reason="all is well", keep_days=0)


def group_of(lab: RunningLab, name: str, disk: str) -> str:
    with session(lab, name) as lpar:
        rows = {row.split()[0]: row.split()[2] for row in lpar.run("lspv").out.splitlines()}
    return rows[disk]


def test_a_target_that_somebody_took_is_left_alone_and_named(estate: Estate) -> None:
    lab = estate.lab
    lab.fault("web01", "disk_taken")
    run = ran(estate, "web01", "rollback_clone")
    lab.clear("web01")
    assert run.state == RunState.FAILED and "0505-126" in run.outcome
    first = run.diagnoses.first()
    assert first is not None and (first.signature, first.values["disk"]) == ("F21", "hdisk11")
    assert group_of(lab, "web01", "hdisk11") == "scratchvg"
    assert "scratchvg" in refused(estate, "web01", "rollback_clone") or "hdisk11" in refused(
        estate, "web01", "rollback_clone"
    )
    assert Lpar.objects.get(host__name="web01").clone_level == ""


def test_leftovers_go_and_where_clvupdate_will_not_a_person_decides(estate: Estate) -> None:
    lab = estate.lab
    assert "lspv shows no lvup_rootvg" in refused(estate, "pay01", "remove_leftovers")
    assert ran(estate, "pay01", "local_live_update").state in DONE
    assert group_of(lab, "pay01", "hdisk2") == "lvup_rootvg"

    lab.fault("pay01", "leftover_stays")
    run = ran(estate, "pay01", "remove_leftovers")
    assert run.state == RunState.NEEDS_PERSON and "PowerVC" in run.reason
    operator = User.objects.get(username="adm")
    decide(run.pk, operator, Decision.BRANCH, "it wants a PowerVC session", "alternate_rootvg")
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, run.outcome
    assert group_of(lab, "pay01", "hdisk2") == "None"


def test_clone_and_former_rootvg_go_after_sign_off_alone(estate: Estate) -> None:
    lab = estate.lab
    assert "lspv shows no old_rootvg" in refused(estate, "web01", "remove_old_rootvg")
    made = ran(estate, "web01", "rollback_clone")
    assert made.state == RunState.SUCCEEDED, made.outcome
    update = ran(estate, "web01", "local_live_update")
    assert update.state in DONE, update.outcome
    assert "Nobody has signed off" in refused(estate, "web01", "remove_clone")

    back = ran(estate, "web01", "rollback")
    assert back.state == RunState.SUCCEEDED, back.outcome
    assert group_of(lab, "web01", "hdisk0") == "old_rootvg"
    assert "Nobody has signed off" in refused(estate, "web01", "remove_old_rootvg")
    signed_off(estate, back)
    gone = ran(estate, "web01", "remove_old_rootvg")
    assert gone.state == RunState.SUCCEEDED and group_of(lab, "web01", "hdisk0") == "None"


def test_a_clone_that_the_boot_list_begins_with_stays(estate: Estate) -> None:
    lab = estate.lab
    assert ran(estate, "web01", "rollback_clone").state == RunState.SUCCEEDED
    with session(lab, "web01") as lpar:
        assert lpar.run("bootlist -m normal hdisk11").status == 0
        assert "The boot list begins with hdisk11" in refused(estate, "web01", "remove_clone")
        assert lpar.run("bootlist -m normal hdisk0").status == 0
    run = ran(estate, "web01", "remove_clone")
    assert run.state == RunState.SUCCEEDED, run.outcome
    assert group_of(lab, "web01", "hdisk11") == "None"
