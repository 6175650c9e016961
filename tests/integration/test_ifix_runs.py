"""Interim fixes from request to report on the lab: installed by Live Update and by emgr, removed, refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from inventory.lab.estate import RunningLab, running_lab
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Request, Run
from liveupdate.states import RequestState, RunState
from tests.integration.test_lab_ifixes import INCAPABLE, KERNEL, LATER, SECURITY, SOURCE, states
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.deep, pytest.mark.timeout(240)]
TOOLS = "1022104a.220520.epkg.Z"
CONSENTS = ("wlm_off", "trusted_execution_off")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """One estate for all: each test has an LPAR of its own."""
    with running_lab(tmp_path_factory.mktemp("runs") / "lab", speed=1500) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Estate:
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    return import_lab(lab)


def planned(estate: Estate, name: str, procedure: str, consents: Any = (), **choices: str) -> Request:
    """A request for a procedure with what it asks for, planned by a worker."""
    media = SOURCE if "ifixes" in choices and "lpp_source" not in choices else ""
    return estate.planned(
        name, procedure=procedure, media=media, target_level="", consents=consents, choices=choices
    )


def carried_out(estate: Estate, request: Request) -> Run:
    """The request approved and its run at an end."""
    run = start_run(estate.decided(request).pk)
    execute(run.pk, "w1")
    run.refresh_from_db()
    return run


def problems(run: Run) -> list[tuple[str, str]]:
    return [(s.key, s.message) for s in run.steps.exclude(state__in=["succeeded", "skipped"])]


def test_live_update_installs_a_kernel_fix_and_the_level_stays(estate: Estate) -> None:
    request = planned(estate, "pay01", "ifix_live_update", ifixes=KERNEL)
    assert request.state == RequestState.PLANNED, request.state_reason
    (finding,) = [each for each in request.findings if each["id"] == "RQ-013"]
    assert finding["state"] == "ok" and finding["evidence"][0]["host"] == "nim01"
    run = carried_out(estate, request)
    assert run.state == RunState.SUCCEEDED, (run.reason, problems(run))
    assert run.blackout_ms
    with session(estate.lab, "pay01") as lpar:
        assert states(lpar) == {"IJ43869m3a": "S"}
        assert lpar.run("cat /proc/version").out.splitlines()[2] == "IJ43869m3a stjohnr"
        assert lpar.run("ls /var/adm/ras/liveupdate/lvupdate.data").status != 0
    asked = [one["argv"] for one in estate.lab.ran("pay01", "geninstall")]
    assert [KERNEL in argv and "update_all" not in argv for argv in asked] == [True, True]


def test_a_failure_with_status_0_fails_the_run_and_is_explained(estate: Estate) -> None:
    request = planned(estate, "web01", "ifix_live_update", ifixes=f"{SECURITY}\n{TOOLS}")
    assert request.state == RequestState.PLANNED, request.state_reason
    estate.lab.fault("web01", "ifix_failure")
    run = carried_out(estate, request)
    estate.lab.clear("web01", "ifix_failure")
    assert run.state == RunState.FAILED
    assert "Return Status = FAILURE" in run.steps.get(key="update").message
    assert run.steps.get(key="fetched_emgr_log").state == "succeeded"
    assert run.steps.get(key="media_is_unmounted").state == "succeeded"
    with session(estate.lab, "web01") as lpar:
        assert states(lpar) == {}


def test_nim_installs_a_kernel_fix_from_an_lpp_source(estate: Estate) -> None:
    request = planned(
        estate,
        "web01",
        "nim_ifix_live_update",
        lpp_source="fixes",
        ifix_directory="/export/nim/lku-ifixes",
        ifixes=f"{KERNEL}\n{TOOLS}",
    )
    assert request.state == RequestState.PLANNED, request.state_reason
    run = carried_out(estate, request)
    assert run.state == RunState.SUCCEEDED, (run.reason, problems(run))
    with session(estate.lab, "web01") as lpar, session(estate.lab, "nim01") as master:
        assert states(lpar) == {"IJ43869m3a": "S", "1022104a": "S"}
        assert "= lpp_source" in master.run("lsnim -l fixes").out


def test_a_package_that_nobody_read_before_stops_the_run_before_anything_is_changed(estate: Estate) -> None:
    request = planned(
        estate, "pay02", "nim_ifix_live_update", CONSENTS, lpp_source="lku-ifixes", ifixes=INCAPABLE
    )
    assert request.state == RequestState.PLANNED, request.state_reason
    run = carried_out(estate, request)
    assert run.state == RunState.FAILED
    assert "LU CAPABLE" in run.steps.get(key="ifix_IJ41685m3a_described").message
    assert estate.lab.ran("pay02", "geninstall") == []


def test_what_does_not_suit_the_lpar_is_refused_with_its_line(estate: Estate) -> None:
    incapable = planned(estate, "web01", "ifix_live_update", ifixes=INCAPABLE)
    assert incapable.state == RequestState.BLOCKED
    assert "RQ-013: Live Update cannot apply IJ41685m3a." in incapable.state_reason
    later = planned(estate, "web01", "ifix_live_update", ifixes=LATER)
    assert later.state == RequestState.BLOCKED
    assert "needs bos.mp64 7.2.5.106 to 7.2.5.107, and 7.2.5.103 is installed" in later.state_reason
    absent = planned(estate, "web01", "ifix_live_update", ifixes="IJ1s1a.250101.epkg.Z")
    assert absent.state == RequestState.BLOCKED and "does not exist" in absent.state_reason


def test_removal_goes_backwards_and_proves_it(estate: Estate) -> None:
    request = planned(estate, "pay02", "remove_ifixes", labels="IJ36810s3a\nIJ40615m4b")
    assert request.state == RequestState.PLANNED, request.state_reason
    run = carried_out(estate, request)
    assert run.state == RunState.SUCCEEDED, (run.reason, problems(run))
    removed = [one["argv"][-1] for one in estate.lab.ran("pay02", "emgr") if "-r" in one["argv"]]
    assert removed == ["IJ40615m4b", "IJ36810s3a"]
    with session(estate.lab, "pay02") as lpar:
        assert states(lpar) == {}


def test_what_needs_no_restart_is_installed_by_emgr_alone(estate: Estate) -> None:
    run = carried_out(estate, planned(estate, "web02", "install_ifixes", ifixes=TOOLS))
    assert run.state == RunState.SUCCEEDED, (run.reason, problems(run))
    with session(estate.lab, "web02") as lpar:
        assert states(lpar) == {"1022104a": "S"}
    assert estate.lab.ran("web02", "geninstall") == []
