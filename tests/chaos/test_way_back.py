"""The way back and what follows an update, from request to the host and back, on the lab."""

from pathlib import Path
from typing import Any

import pytest

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.runs import start_run
from liveupdate.actions.sign_offs import sign_off
from liveupdate.engine.execution import execute
from liveupdate.lpar.consents import Consent
from liveupdate.models import Request, Run, RunStep
from liveupdate.procedures import rollback
from liveupdate.states import RequestState, RunState
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

OLD, NEW = "7200-05-03-2148", "7200-05-04-2220"
pytestmark = [pytest.mark.deep, pytest.mark.timeout(300)]


@pytest.fixture
def estate(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    with running_lab(tmp_path / "lab", speed=600) as lab:
        monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
        yield import_lab(lab)


def run_of(estate: Estate, name: str, procedure: str, **changes: Any) -> Run:
    request = estate.approved(name, procedure=procedure, **changes)
    run = start_run(request.pk, estate.owner)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def unmet(run: Run) -> list[str]:
    rows = RunStep.objects.filter(run=run).exclude(state__in=["succeeded", "skipped"])
    return [f"{row.key}: {row.message}" for row in rows]


def shown(lab: RunningLab, name: str, command: str) -> str:
    with session(lab, name) as host:
        return str(host.run(command).out)


def test_an_update_and_its_way_back(estate: Estate) -> None:
    lab = estate.lab
    replace = {"consents": (Consent.REPLACE_CLONE.value,), "media": "", "target_level": ""}
    nothing: dict[str, Any] = {"media": "", "target_level": ""}

    clone = run_of(estate, "pay01", "rollback_clone", **replace)
    assert (clone.state, unmet(clone)) == (RunState.SUCCEEDED, [])
    lpar = Lpar.objects.get(host__name="pay01")
    assert (lpar.clone_level, lpar.rollback_clone_disk) == (OLD, "hdisk11") and lpar.clone_made_at

    update = run_of(estate, "pay01", "local_live_update")
    assert (update.state, unmet(update)) == (RunState.SUCCEEDED, [])
    assert update.level_after == NEW

    refused = estate.planned("pay01", procedure="local_live_update", target_level=NEW)
    assert refused.state == RequestState.BLOCKED

    stale = run_of(estate, "pay01", "restart_stale", **nothing)
    left = {line.split()[-1] for line in shown(lab, "pay01", "genld -u").splitlines()}
    assert left <= {"paysrv", "paybatch", "sshd"} and "paysrv" in left
    assert stale.state == RunState.SUCCEEDED_WITH_RESIDUE
    assert [entry.split(":")[0] for entry in unmet(stale)] == ["stale_libraries"]

    kept = estate.planned("pay01", procedure="remove_clone", **nothing)
    assert kept.state == RequestState.BLOCKED and "Nobody has signed off" in kept.state_reason

    back = run_of(estate, "pay01", "rollback", **nothing)
    assert (back.state, unmet(back)) == (RunState.SUCCEEDED, [])
    assert back.level_after == OLD
    assert "hdisk11" in shown(lab, "pay01", "lspv | grep ' rootvg '")
    lpar.refresh_from_db()
    assert (lpar.rollback_clone_disk, lpar.clone_level, lpar.clone_made_at) == ("", "", None)

    sign_off(back.pk, estate.approver, reason="the payroll works", keep_days=0)
    gone = run_of(estate, "pay01", "remove_old_rootvg", **nothing)
    assert (gone.state, unmet(gone)) == (RunState.SUCCEEDED, [])
    assert "old_rootvg" not in shown(lab, "pay01", "lspv")

    checked = run_of(estate, "pay01", "post_check", **nothing)
    assert checked.state in (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE), unmet(checked)
    assert [entry.split(":")[0] for entry in unmet(checked)] == []


def test_each_failure_of_the_way_back(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = estate.lab
    replace = {"consents": (Consent.REPLACE_CLONE.value,), "media": "", "target_level": ""}

    lab.fault("web01", "alt_disk_failure")
    failed = run_of(estate, "web01", "rollback_clone", **replace)
    assert failed.state == RunState.FAILED and "0505-127" in failed.outcome
    lpar = Lpar.objects.get(host__name="web01")
    assert (lpar.clone_level, lpar.clone_made_at) == ("", None)
    lab.clear("web01", "alt_disk_failure")

    lab.fault("web01", "bootlist_touched")
    touched = run_of(estate, "web01", "rollback_clone", **replace)
    assert touched.state == RunState.FAILED and "boot_list_before" in touched.outcome
    lab.clear("web01", "bootlist_touched")
    assert Request.objects.get(pk=touched.request_id).state == RequestState.FINISHED

    assert lab.world()["lpars"]["web01"]["bootlist"] == ["hdisk0"]
    lab.fault("web01", "clone_no_boot")
    monkeypatch.setattr(rollback, "RESTART_DEADLINE_S", 10)
    run = run_of(estate, "web01", "rollback", media="", target_level="")
    assert run.state == RunState.NEEDS_PERSON and "console on the HMC" in run.reason
