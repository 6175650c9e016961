"""A lab, an approved request for one of its LPARs as a queued run, and workers that may be killed."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.approvals import approve
from liveupdate.actions.planning import do_plan
from liveupdate.actions.requests import Wish, create_request, submit_request
from liveupdate.actions.runs import start_run
from liveupdate.models import Request, Run
from liveupdate.states import RequestState
from portal.access.actions import grant
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from tests.chaos.workers import Workers
from tests.redis_server import RedisServer, redis_server
from tests.ssh_server import Server, in_process_server

HMC_PASSWORD = "LAB_HMC_PASSWORD"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


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
    grant(ana, Role.REQUESTER, team, by=Actor.command("tests"))
    grant(ivy, Role.APPROVER, team, by=Actor.command("tests"))
    grant(adm, Role.ADMINISTRATOR, None, by=Actor.command("tests"))
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
