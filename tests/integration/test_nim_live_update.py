"""Live Updates through the lab's NIM master, as the portal runs them: request, plan, approval, run."""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.approvals import approve
from liveupdate.actions.approvals_together import Picked, approve_alike
from liveupdate.actions.planning import do_plan
from liveupdate.actions.requests import create_request, submit_request
from liveupdate.actions.runs import Decision, decide, start_run
from liveupdate.control.likeness import own_values
from liveupdate.engine.execution import execute
from liveupdate.lpar.consents import Consent
from liveupdate.models import Approval, Request, Run, RunEvent
from liveupdate.pages.inbox import inbox_of
from liveupdate.states import RunState, StepState
from portal.access.models import Membership, User
from portal.access.roles import Role
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

SOURCE = {"lpp_source": "7200-05-04_lpp"}
REFRESH = "nim -o change -a identity={} -a mgmt_source=9080-M9S_78A1234 {}"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.deep, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=300) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, settings: Any) -> Iterator[Estate]:
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.2, 1
    yield import_lab(lab)
    lab.clear()


def submitted(estate: Estate, name: str, procedure: str = "nim_live_update", *consents: str) -> Request:
    target = "" if procedure == "nim_rehearsal" else estate.lab.description["target_level"]
    given = {} if procedure == "nim_rehearsal" else SOURCE
    lpar = Lpar.objects.get(host__name=name)
    request = create_request(estate.owner, lpar.pk, estate.wish(consents=consents))
    Request.objects.filter(pk=request.pk).update(
        procedure=procedure, media="", target_level=target, choices=given
    )
    do_plan(request.pk, "w1")
    request.refresh_from_db()
    assert request.plan is not None, request.state_reason
    return submit_request(estate.owner, request.pk, request.plan.digest)


def asked(estate: Estate, name: str, procedure: str = "nim_live_update", *consents: str) -> Request:
    request = submitted(estate, name, procedure, *consents)
    assert request.plan is not None
    approve(estate.approver, request.pk, request.plan.digest)
    return Request.objects.get(pk=request.pk)


def carry_out(*requests: Request) -> list[Run]:
    """Run approved requests side by side, each by a worker of its own."""
    runs = [start_run(request.pk) for request in requests]

    def work(run: Run) -> None:
        try:
            execute(run.pk, f"worker-{run.pk}")
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=(run,)) for run in runs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    return [Run.objects.get(pk=run.pk) for run in runs]


def told(run: Run) -> str:
    steps = run.steps.exclude(state__in=(StepState.SUCCEEDED, StepState.SKIPPED))
    return f"{run.state} {run.reason} {run.outcome} {[(s.key, s.state, s.message) for s in steps]}"


def on_master(lab: RunningLab, command: str) -> str:
    with session(lab, "nim01") as master:
        done = master.run(command)
        return done.out + done.err


def cust(lab: RunningLab, name: str) -> list[dict[str, Any]]:
    """The customizations of a client that really ran on the master."""
    return [ran for ran in lab.ran("nim01", "nim") if "cust" in ran["argv"] and ran["argv"][-1] == name]


@pytest.mark.parametrize("procedure", ["nim_live_update", "nim_rehearsal"])
def test_plans_of_two_clients_are_read_as_one_and_decided_one_by_one(estate: Estate, procedure: str) -> None:
    requests = [submitted(estate, name, procedure) for name in ("pay01", "web01")]
    [entry] = inbox_of(estate.approver).shelves["waiting"]
    assert list(entry.requests) == requests
    own = [own_values(json.loads(request.plan.document)) for request in requests if request.plan]
    assert own[0].keys() == own[1].keys()
    assert [each["nim client"] for each in own] == ["pay01", "web01"]
    assert own[0]["partition id"] != own[1]["partition id"]
    picked = [Picked(one.pk, one.plan.digest, one.version) for one in requests if one.plan]
    outcomes = approve_alike(estate.approver, picked[0], picked, "Read the one of pay01.")
    assert [each.refused for each in outcomes] == ["", ""]
    digests = set(Approval.objects.values_list("plan__request", "digest"))
    assert digests == {(each.request_id, each.plan_digest) for each in picked}
    assert len({digest for _, digest in digests}) == 2


def test_a_preview_that_is_refused_leaves_everything_as_it_was(estate: Estate) -> None:
    lab = estate.lab
    before = on_master(lab, "cat /export/nim/liveupdate/liveupdate_data_pay01")
    lab.fault("pay01", "preview_failure", "F05")
    (run,) = carry_out(asked(estate, "pay01"))
    assert run.state == RunState.FAILED, told(run)
    assert "1430-143 FAILED" in run.outcome
    assert len(cust(lab, "pay01")) == 1 and "installp_flags=-p" in cust(lab, "pay01")[0]["argv"]
    assert on_master(lab, "cat /export/nim/liveupdate/liveupdate_data_pay01") == before
    assert "alloc_count = 0" in on_master(lab, "lsnim -l liveupdate_data_pay01")


def test_a_resource_in_use_and_a_silent_client_stop_it_before_anything_moves(estate: Estate) -> None:
    lab = estate.lab
    lab.fault("pay01", "lud_busy")
    (run,) = carry_out(asked(estate, "pay01"))
    assert run.state == RunState.FAILED and "0042-207" in run.outcome, told(run)
    lab.clear()
    request = asked(estate, "pay01")
    lab.fault("pay01", "nimsh_down")
    (run,) = carry_out(request)
    assert run.state == RunState.FAILED and "0042-006" in run.outcome, told(run)
    assert not any("live_update=yes" in ran["argv"] and not ran["status"] for ran in cust(lab, "pay01"))


def test_a_failure_in_the_blackout_is_told_as_nim_shows_it_and_nim_is_made_ready(estate: Estate) -> None:
    lab = estate.lab
    lab.fault("web01", "kernel_failure")
    lab.fault("web01", "nim_stuck")
    (run,) = carry_out(asked(estate, "web01", "nim_rehearsal"))
    assert run.state == RunState.FAILED, told(run)
    assert "1430-045" in run.outcome and run.point_of_no_return_at and run.blackout_started_at
    assert run.blackout_ms is None
    assert run.steps.get(key="nim_client_reset").state == StepState.SUCCEEDED
    assert re.search(r"Cstate +=\s+ready for a NIM operation", on_master(lab, "lsnim -l web01"))
    assert "alloc_count = 0" in on_master(lab, "lsnim -l liveupdate_data_web01")
    assert sum("Fo" in str(ran["argv"][1]) for ran in lab.ran("nim01", "nim")) == 1


def test_two_lpars_are_updated_by_one_master_at_the_same_time(estate: Estate) -> None:
    lab = estate.lab
    on_master(lab, REFRESH.format(31, "web01"))
    paid, web = carry_out(asked(estate, "pay01"), asked(estate, "web01"))
    for run, name in ((paid, "pay01"), (web, "web01")):
        assert run.state in (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE), told(run)
        assert (run.level_before, run.level_after) == ("7200-05-03-2148", "7200-05-04-2220")
        assert run.kernel_after != run.kernel_before and run.blackout_ms
        assert RunEvent.objects.filter(run=run, kind=RunEvent.Kind.MILESTONE, data__id="M22").exists()
        live = [
            ran for ran in cust(lab, name) if ran["status"] == 0 and "installp_flags=-p" not in ran["argv"]
        ]
        assert len(live) == 1 and f"live_update_data=liveupdate_data_{name}" in live[0]["argv"]
        with session(lab, name) as lpar:
            number = lpar.run("uname -L").out.split()[0]
        assert f"mgmt_profile1  = hmc01 {number} 9080-M9S_78A1234" in on_master(lab, f"lsnim -l {name}")
    spans = [(ran["start"], ran["end"]) for name in ("pay01", "web01") for ran in cust(lab, name)[-1:]]
    assert max(start for start, _ in spans) < min(end for _, end in spans)
    assert web.steps.get(key="nim_identity").state == StepState.SUCCEEDED


def test_the_lpar_goes_on_when_the_master_restarts_and_nothing_is_taken_back_before(estate: Estate) -> None:
    lab = estate.lab
    operator = User.objects.create_user("olga")
    Membership.objects.create(user=operator, role=Role.OPERATOR)
    allowed = (Consent.TRUSTED_EXECUTION_OFF, Consent.WLM_OFF, Consent.REMOVE_IFIXES)
    request = asked(estate, "pay02", "nim_live_update", *allowed)
    lab.fault("nim01", "nim_master_reboot", "M17")
    (run,) = carry_out(request)
    assert run.state == RunState.NEEDS_PERSON, told(run)
    assert run.steps.get(key="update").state == StepState.UNKNOWN, told(run)
    decide(run.pk, operator, Decision.RESTORE, "The master restarted; the LPAR is to be seen.")
    execute(run.pk, "worker-2")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED_WITH_RESIDUE, told(run)
    assert "The updates are installed and active: 7200-05-04-2220" in run.outcome
    assert "The checks after an update did not run" in run.outcome
    assert run.steps.get(key="lpar_at_rest").state == StepState.SUCCEEDED
    assert run.steps.get(key="nim_client_reset").state == StepState.SUCCEEDED
    assert len([ran for ran in cust(lab, "pay02") if "installp_flags=-p" not in ran["argv"]]) == 1
    assert "0042-053" in on_master(lab, "lsnim -l liveupdate_data_pay02")
    with session(lab, "pay02") as lpar:
        assert "TE=ON" in lpar.run("trustchk -p").out
