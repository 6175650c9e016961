"""The real plan on the lab, its worker killed where it hurts; the lab's truth log is the judge."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.approvals import approve
from liveupdate.actions.planning import do_plan
from liveupdate.actions.requests import Wish, create_request, submit_request
from liveupdate.actions.runs import start_run
from liveupdate.engine.tape import stored_output
from liveupdate.models import Request, Run, RunCommand, RunEvent
from liveupdate.states import RUN_TERMINAL, RequestState, RunState
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from tests.chaos.workers import Workers, wait_for

HMC_PASSWORD = "LAB_HMC_PASSWORD"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningLab]:
    with running_lab(tmp_path / "lab", speed=120) as lab:
        monkeypatch.setenv(HMC_PASSWORD, lab.description["hmc_password"])
        yield lab


@pytest.fixture
def run(transactional_db: None, lab: RunningLab) -> Run:
    """An approved request for pay01, planned from the lab's facts, as a queued run."""
    team = Team.objects.create(name="Payroll", slug="payroll")
    Team.objects.create(name="Webshop", slug="webshop")
    ana, ivy, adm = (User.objects.create(username=name) for name in ("ana", "ivy", "adm"))
    Membership.objects.create(user=ana, team=team, role=Role.REQUESTER)
    Membership.objects.create(user=ivy, team=team, role=Role.APPROVER)
    Membership.objects.create(user=adm, role=Role.ADMINISTRATOR)
    call_command("import_hosts", str(lab.directory / "inventory.csv"), as_user="adm")
    now = timezone.now()
    wish = Wish(
        procedure="local_live_update",
        media=lab.description["media"],
        target_level=lab.description["target_level"],
        consents=(),
        reason="security fixes",
        impact="a short pause",
        fallback="the clone",
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=2),
    )
    request = create_request(ana, Lpar.objects.get(host__name="pay01").pk, wish)
    do_plan(request.pk, "planner")
    request = Request.objects.get(pk=request.pk)
    assert request.state == RequestState.PLANNED, request.state_reason
    assert request.plan
    submit_request(ana, request.pk, request.plan.digest)
    approve(ivy, request.pk, request.plan.digest)
    return start_run(request.pk, ana)


@pytest.fixture
def workers(run: Run, tmp_path: Path) -> Iterator[Workers]:
    with contextlib.closing(Workers(tmp_path / "workers.log")) as crew:
        yield crew


def milestone(run: Run, name: str) -> Any:
    return RunEvent.objects.filter(run=run, kind=RunEvent.Kind.MILESTONE, data__id=name).exists


def is_over(run: Run) -> bool:
    return Run.objects.get(pk=run.pk).state in RUN_TERMINAL | {RunState.NEEDS_PERSON}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("moment", ["M01", "M20"])
def test_the_update_survives_its_worker(moment: str, lab: RunningLab, run: Run, workers: Workers) -> None:
    first = workers.start()
    if moment == "M20":
        wait_for(milestone(run, "M19"))
        lab.speed(2)
    wait_for(milestone(run, moment))
    first.kill()
    workers.start()
    wait_for(lambda: Run.objects.get(pk=run.pk).epoch == 2)
    lab.speed(120)
    wait_for(lambda: is_over(run), 100)
    run.refresh_from_db()
    failed = [(s.key, s.state, s.message) for s in run.steps.exclude(state__in=["succeeded", "skipped"])]
    assert run.state in (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE), (
        f"{run.reason} {run.outcome} {failed}"
    )
    assert (run.level_before, run.level_after) == ("7200-05-03-2148", lab.description["target_level"])
    assert run.blackout_ms
    updates = [one for one in lab.ran("pay01", "geninstall") if "-Y" in one["argv"]]
    assert len(updates) == 1
    for command in RunCommand.objects.filter(run=run).exclude(launch_key=""):
        files = lab.directory.glob(f"**/lu-portal/{command.launch_key}/stdout")
        assert b"".join(stored_output(command, "stdout")) == next(files).read_bytes()
