"""Discovery over real SSH sessions: two simulated HMCs of one managed system, an old one and a new one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import CodPool, Discovered, FactReading, Hmc, Lpar, ManagedSystem, Vios
from tests.integration.test_lab_live_update import PLACE, UPDATE, prepare
from tests.lab_estate import import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=300, scenario="two_hmcs") as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> RunningLab:
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    import_lab(lab)
    return lab


def discover(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """Exit status and JSON of the command."""
    capsys.readouterr()
    status = 0
    try:
        call_command("discover", *words, "--json")
    except SystemExit as left:
        status = int(left.code or 0)
    except CommandError as failed:
        status = failed.returncode
    return status, json.loads(capsys.readouterr().out)


def test_two_hmcs_tell_of_one_managed_system(estate: RunningLab, capsys: pytest.CaptureFixture[str]) -> None:
    status, rows = discover(capsys, "--hmc", "hmc01", "hmc02")
    assert status == 0, rows
    assert [row["state"] for row in rows] == ["done", "done"]
    assert [row["commands"] for row in rows] == [5 + 7 + 2 + 1, 5 + 8 + 2 + 1]
    system = ManagedSystem.objects.get()
    assert {hmc.host.name for hmc in system.hmcs.all()} == {"hmc01", "hmc02"}
    assert {vios.level for vios in Vios.objects.all()} == {"3.1.4.21"}
    assert Vios.objects.count() == 2
    assert system.capacity.free_memory_mb and system.pools.count() == 2
    assert CodPool.objects.get().managed_systems.get() == system
    assert set(Hmc.objects.values_list("version", flat=True)) == {"V10R2", "V7R7.9.0"}
    assert Lpar.objects.filter(partition_state="Running", rmc_state="active").count() == 4
    waiting = Discovered.objects.filter(decision="open")
    assert {item.name for item in waiting} == {"nim01"}
    assert (
        not FactReading.objects.filter(current=True).exclude(state="ok").exclude(fact="partitions").exists()
    )


def test_what_an_old_hmc_asks_a_newer_one_answers(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    assert discover(capsys, "--hmc", "hmc02")[0] == 0
    asked = Discovered.objects.filter(decision="open", change="changed").values_list("name", flat=True)
    assert set(asked) == {"pay01", "pay02", "web01", "web02"}
    assert discover(capsys, "--hmc", "hmc01")[0] == 0
    assert {item.name for item in Discovered.objects.filter(decision="open")} == {"nim01"}


def test_one_that_is_down_changes_nothing(estate: RunningLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert discover(capsys, "--hmc", "hmc01")[0] == 0
    estate.fault("hmc01", "hmc_down")
    try:
        status, (row,) = discover(capsys, "--hmc", "hmc01")
    finally:
        estate.clear("hmc01", "hmc_down")
    assert (status, row["state"], row["items"], row["commands"]) == (1, "failed", [], 0)
    assert row["problems"]
    assert Lpar.objects.in_service().count() == 4
    assert Discovered.objects.filter(decision="open").count() == 1


def test_in_another_language_it_reads_the_same(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    estate.fault("hmc01", "localized")
    try:
        status, (row,) = discover(capsys, "--hmc", "hmc01")
    finally:
        estate.clear("hmc01", "localized")
    assert status == 0
    assert [item["name"] for item in row["items"] if item["change"] == "gone"] == []


def test_a_name_that_no_hmc_has(estate: RunningLab, capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = discover(capsys, "--hmc", "hmc01", "pay01")
    assert status == 2 and "There is no HMC pay01" in answer["error"]["message"]


@pytest.mark.deep
def test_a_live_update_makes_no_ghosts_while_it_goes_on_nor_afterwards(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ("--hmc", "hmc01", "hmc02")
    assert discover(capsys, *both)[0] == 0
    known = set(Lpar.objects.values_list("uuid", flat=True))
    with session(estate, "pay01") as lpar:
        prepare(estate, lpar)
        lpar.launch("k1", UPDATE)
        lpar.wait_for(f"{PLACE}/stdout", "Starting the surrogate LPAR.")
        status, rows = discover(capsys, *both)
        assert status == 0 and [row["found"]["updating"] for row in rows] == [1, 1]
        assert {item["name"] for row in rows for item in row["items"]} == {"nim01"}
        assert Lpar.objects.get(host__name="pay01").partition_state == "Live Update in progress"
        assert lpar.wait_for(f"{PLACE}/status") == "0\n"
    status, rows = discover(capsys, "--hmc", "hmc01")
    assert status == 0
    assert {(item["change"], item["name"]) for row in rows for item in row["items"]} == {("new", "nim01")}
    assert set(Lpar.objects.values_list("uuid", flat=True)) == known
    pay01 = Lpar.objects.get(host__name="pay01")
    assert (pay01.partition_name, pay01.partition_state, pay01.surrogate_uuid) == ("pay01", "Running", "")
    assert pay01.lpar_id != 26
