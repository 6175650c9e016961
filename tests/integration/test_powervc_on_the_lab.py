"""Live Update through PowerVC from request to report: refusals, rehearsal, update."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from django.utils.timezone import localdate

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.answers import give_answer
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import DiskReservation, Request, Run
from liveupdate.states import RequestState, RunState
from portal.audit.models import Intake
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600), pytest.mark.deep]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=600, scenario="powervc") as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Estate:
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.2, 0.5
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    monkeypatch.setenv("LAB_POWERVC_PASSWORD", lab.description["powervc_password"])
    made = import_lab(lab)
    give_answer(
        made.owner,
        Lpar.objects.get(host__name="vc01").pk,
        "RQ-124",
        holds=True,
        reason="The pool has 4 TB free.",
        good_until=localdate() + timedelta(days=30),
    )
    return made


def ran(estate: Estate, request: Request) -> Run:
    assert request.state == RequestState.PLANNED, request.state_reason
    run = start_run(estate.decided(request).pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def told(run: Run) -> str:
    steps = {step.key: f"{step.state} {step.message}" for step in run.steps.exclude(message="")}
    return f"{run.state}: {run.outcome} {run.reason} {steps}"


def rehearsed(estate: Estate) -> Request:
    return estate.planned("vc01", procedure="powervc_rehearsal", media="", target_level="")


def test_an_lpar_without_a_powervc_gets_no_plan(estate: Estate) -> None:
    request = estate.planned("pay01", procedure="powervc_rehearsal", media="", target_level="")
    assert request.state == RequestState.BLOCKED
    assert "RQ-054" in request.state_reason


def test_wrong_password_expired_session_rehearsal_and_update(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = estate.lab
    with session(lab, "vc01") as lpar:
        before = lpar.run("lspv").out
        monkeypatch.setenv("LAB_POWERVC_PASSWORD", "certainly-wrong")
        run = ran(estate, rehearsed(estate))
        assert run.state == RunState.FAILED, told(run)
        assert run.steps.get(key="powervc_logon").state == "failed"
        assert not lab.ran("vc01", "geninstall")
        monkeypatch.setenv("LAB_POWERVC_PASSWORD", lab.description["powervc_password"])

        lab.fault("vc01", "powervc_session_lost")
        run = ran(estate, rehearsed(estate))
        lab.clear("vc01")
        assert run.state == RunState.FAILED, told(run)
        assert run.steps.get(key="update").state == "failed"
        assert lpar.run("lspv").out == before

        request = rehearsed(estate)
        assert not DiskReservation.objects.exists()
        run = ran(estate, request)
        assert run.state == RunState.SUCCEEDED, told(run)
        assert lpar.run("oslevel -s").out == "7200-05-03-2148\n"

        run = ran(estate, estate.planned("vc01", procedure="powervc_live_update"))
        assert run.state == RunState.SUCCEEDED, told(run)
        assert lpar.run("oslevel -s").out == "7200-05-04-2220\n"
        assert lpar.run("lspv").out == before
        assert lpar.run("pvcauth -l").out == ""
        assert lpar.run("ls /var/adm/ras/liveupdate/lvupdate.data").status != 0
    _no_secret_was_seen(estate, run)


def _no_secret_was_seen(estate: Estate, run: Run) -> None:
    secret = estate.lab.description["powervc_password"]
    assert secret not in json.dumps(estate.lab.truth("vc01"))
    pieces = (stored_output(each, stream) for each in run.commands.all() for stream in ("stdout", "stderr"))
    recorded = b"".join(chain.from_iterable(pieces))
    assert b"Address  : 10.254.0.9" in recorded and secret.encode() not in recorded
    assert not any(secret in str(values) for values in run.commands.values())
    assert not any(secret in str(values) for values in Intake.objects.values())
