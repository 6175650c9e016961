"""What a broken-off update leaves with NIM in the lab: a look names it, a plan gives it back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Leftover, Run
from liveupdate.states import RunState
from portal.audit.actor import Actor
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.deep, pytest.mark.timeout(400)]
SOURCE = {"lpp_source": "7200-05-04_lpp"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=1500) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, settings: Any) -> Estate:
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.2, 1
    made = import_lab(lab)
    call_command("discover", "--json")
    return made


def looked() -> None:
    lpar = Lpar.objects.get(host__name="pay01")
    look_at(lpar_with_hosts(lpar.pk), Actor.worker("w1"))


def ran(estate: Estate, procedure: str, **wish: Any) -> Run:
    request = estate.approved("pay01", procedure=procedure, media="", **{"target_level": "", **wish})
    run = start_run(request.pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def test_a_resource_that_stays_allocated_is_a_leftover_until_it_is_given_back(estate: Estate) -> None:
    lab, held = estate.lab, Leftover.objects.filter(kind="nim_resource", closed_at=None)
    lab.fault("pay01", "preview_failure")
    run = ran(estate, "nim_preview", target_level=lab.description["target_level"], choices=SOURCE)
    assert run.state == RunState.FAILED
    lab.fault("pay01", "nim_stuck")
    with session(lab, "nim01") as master:
        live = "-a live_update=yes -a live_update_data=liveupdate_data_pay01"
        assert master.run(f"nim -o cust -a installp_flags=-p {live} pay01").status == 1
        assert master.run(f"nim -o cust -a installp_flags=-p {live} pay01").status == 1
    lab.clear("pay01")

    looked()
    left = held.get()
    assert "liveupdate_data_pay01 is allocated to pay01" in left.text
    assert (left.owner, left.run_id) == (estate.owner, run.pk)

    run = ran(estate, "nim_release")
    assert run.state == RunState.SUCCEEDED, (run.reason, run.outcome)
    with session(lab, "nim01") as master:
        assert "alloc_count = 0" in " ".join(master.run("lsnim -l liveupdate_data_pay01").out.split())
    looked()
    assert not held.exists()
