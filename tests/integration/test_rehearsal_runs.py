"""Rehearsals and previews from request to report on the lab, and the failures that teach something."""

from collections.abc import Iterator
from typing import Any

import pytest

from inventory.lab.estate import RunningLab, running_lab
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import DiskReservation, Run
from liveupdate.pages.run import files_of
from liveupdate.states import RequestState, RunState
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.deep, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """One estate for all: each test has an LPAR of its own."""
    with running_lab(tmp_path_factory.mktemp("rehearsal") / "lab", speed=1500) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Estate:
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    return import_lab(lab)


def carried_out(estate: Estate, name: str, procedure: str, fault: str = "", **changes: Any) -> Run:
    """A request planned, approved, and its run at an end."""
    request = estate.planned(name, procedure=procedure, **changes)
    assert request.state == RequestState.PLANNED, request.state_reason
    if fault:
        estate.lab.fault(name, fault)
    run = start_run(estate.decided(request).pk)
    execute(run.pk, "w1")
    run.refresh_from_db()
    return run


def problems(run: Run) -> list[tuple[str, str]]:
    return [(s.key, s.message) for s in run.steps.exclude(state__in=["succeeded", "skipped"])]


def test_a_rehearsal_moves_the_lpar_and_leaves_what_is_installed(estate: Estate) -> None:
    with session(estate.lab, "pay02") as lpar:
        before = {
            command: lpar.run(command).out
            for command in ("oslevel -s", "cat /proc/version", "emgr -P", "wlmcntrl -q", "lsitab rcnetwlm")
        }
    assert "IJ" in before["emgr -P"], "interim fixes lock filesets, and may stay"
    assert before["wlmcntrl -q"] == "WLM is running in passive mode\n"
    run = carried_out(estate, "pay02", "local_rehearsal", consents=("trusted_execution_off", "wlm_off"))
    assert run.state == RunState.SUCCEEDED, (run.reason, run.outcome, problems(run))
    assert run.blackout_ms
    assert run.outcome.startswith(f"Done; the level is {before['oslevel -s'].strip()} as before.")
    with session(estate.lab, "pay02") as lpar:
        for command, said in before.items():
            assert lpar.run(command).out == said, command
        assert "lvup_rootvg" not in lpar.run("lspv").out
        assert lpar.run("ls /var/adm/ras/liveupdate/lvupdate.data").status != 0
    moved = [one["argv"] for one in estate.lab.ran("pay02", "geninstall")]
    assert [argv[1:] for argv in moved] == [["-k", "-p"], ["-k"]]


def test_a_failed_rehearsal_is_explained_and_taken_back(estate: Estate) -> None:
    run = carried_out(estate, "pay01", "local_rehearsal", fault="kernel_failure")
    assert run.state == RunState.FAILED
    explained = {file.file_name: file.stdout_bytes for file in files_of(run)}
    assert explained.get("lvupdlog"), (run.outcome, problems(run))
    assert run.steps.get(key="hmc_session_is_gone").state == "succeeded"
    estate.lab.clear("pay01", "kernel_failure")


def test_a_preview_finds_what_is_in_the_way_and_changes_nothing(estate: Estate) -> None:
    with session(estate.lab, "web01") as lpar:
        before = {command: lpar.run(command).out for command in ("lspv", "mount", "hmcauth -l")}
    run = carried_out(estate, "web01", "local_preview")
    assert run.state == RunState.SUCCEEDED, (run.reason, run.outcome, problems(run))
    assert run.outcome.startswith("Done") and run.blackout_ms is None
    assert not DiskReservation.objects.filter(request=run.request).exists()
    assert (run.surrogate_memory_mb, run.request.choices) == (0, {})
    alone = carried_out(estate, "web01", "local_rehearsal_preview")
    assert alone.state == RunState.SUCCEEDED, (alone.reason, alone.outcome, problems(alone))
    with session(estate.lab, "web01") as lpar:
        for command, said in before.items():
            assert lpar.run(command).out == said, command
    previews = [one["argv"][1:] for one in estate.lab.ran("web01", "geninstall")]
    assert previews == [["-k", "-p", "-d", "/mnt", "update_all"], ["-k", "-p"]]


def test_a_preview_that_is_not_passed_says_why(estate: Estate) -> None:
    run = carried_out(estate, "pay02", "local_preview")
    assert run.state == RunState.FAILED
    assert "The live update preview succeeded." in run.outcome
    assert run.steps.get(key="media_is_unmounted").state == "succeeded"
