"""What is approved starts only on the LPAR that it was approved for, as it was approved."""

from collections.abc import Iterator

import pytest

from inventory.lab.estate import RunningLab, running_lab
from liveupdate.actions.planning import do_plan
from liveupdate.actions.requests import plan_again, withdraw_request
from liveupdate.actions.starting import do_start, waiting_starts
from liveupdate.models import Request, Run
from liveupdate.states import RequestState
from portal.audit.models import Intake
from tests.lab_estate import Estate, import_lab

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=100) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Estate:
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    return import_lab(lab)


def test_an_unchanged_lpar_starts(estate: Estate) -> None:
    request = estate.approved("web01")
    assert waiting_starts() == [request.pk]
    do_start(request.pk, "w1")
    request.refresh_from_db()
    assert (request.state, Run.objects.get().request) == (RequestState.STARTED, request)
    assert waiting_starts() == []


@pytest.mark.deep
def test_a_changed_lpar_voids_the_approval_and_is_planned_again(estate: Estate) -> None:
    request = estate.approved("pay01")
    old = request.plan
    estate.lab.defect("pay01", "trusted_execution")
    do_start(request.pk, "w1")
    request.refresh_from_db()
    assert (request.state, request.plan, Run.objects.count()) == (RequestState.PLANNING, None, 0)
    assert list(Intake.objects.order_by("id").values_list("event", flat=True))[-2:] == [
        "drift.found",
        "plan.void",
    ]
    do_plan(request.pk, "w1")
    request.refresh_from_db()
    assert old is not None
    assert request.state == RequestState.BLOCKED
    assert "Trusted Execution" in request.state_reason


@pytest.mark.deep
def test_an_lpar_out_of_reach_is_held_not_started(estate: Estate) -> None:
    request = estate.approved("web01")
    estate.lab.fault("web01", "refuse")
    try:
        do_start(request.pk, "w1")
    finally:
        estate.lab.clear("web01")
    request.refresh_from_db()
    assert (request.state, Run.objects.count()) == (RequestState.APPROVED, 0)
    (reason,) = request.holds
    assert reason.code == "facts_unknown" and reason.message.startswith("web01 cannot be judged now:")
    assert request.held_since is not None
    assert waiting_starts() == []
    Request.objects.update(planning_until=None)
    do_start(request.pk, "w1")
    assert Run.objects.count() == 1


@pytest.mark.deep
def test_of_two_requests_for_one_lpar_the_second_finds_its_disks_held(estate: Estate) -> None:
    first, second = estate.approved("web01"), estate.planned("web01")
    assert (second.state, second.plan) == (RequestState.BLOCKED, None)
    assert f"hdisk2 is held for web01 by {first.number}" in second.state_reason
    withdraw_request(estate.owner, first.pk, "another day")
    plan_again(estate.owner, second.pk)
    do_plan(second.pk, "w1")
    second.refresh_from_db()
    assert second.state == RequestState.PLANNED


@pytest.mark.deep
def test_a_disk_that_is_another_one_by_its_pvid_voids_the_plan_by_name(estate: Estate) -> None:
    request = estate.approved("web01")
    estate.lab.defect("web01", "other_spare")
    do_start(request.pk, "w1")
    request.refresh_from_db()
    assert (request.state, Run.objects.count()) == (RequestState.PLANNING, 0)
    assert request.state_reason == (
        "hdisk2 had PVID 00fa343b9011b1e2 when the plan was made and has 00fa343b92310000 now."
    )
    assert not request.disk_reservations.filter(released_at=None).exists()


@pytest.mark.deep
def test_without_room_on_the_managed_system_it_waits_and_says_so(estate: Estate) -> None:
    request = estate.approved("web01")
    estate.lab.fault("hmc01", "capacity_gone")
    try:
        do_start(request.pk, "w1")
    finally:
        estate.lab.clear("hmc01")
    request.refresh_from_db()
    assert (request.state, Run.objects.count()) == (RequestState.APPROVED, 0)
    (reason,) = request.holds
    assert reason.code == "no_room"
    assert "has no room: The surrogate needs 8192 MB of memory, and 1024 MB are left" in reason.message
    Request.objects.update(planning_until=None)
    do_start(request.pk, "w1")
    run = Run.objects.get()
    assert (run.surrogate_memory_mb, str(run.surrogate_cores)) == (8192 + 256, "0.500")
    request.refresh_from_db()
    assert (request.held_by, request.held_since) == ([], None)
