"""The lab's own word on which faults a course of events came by."""

from collections.abc import Iterator

import pytest

from inventory.lab.estate import LabFailed, RunningLab, running_lab
from inventory.lab.faults import FAULTS
from tests.lab_ssh import session

NETWORK = {"drop_connections", "reboot", "refuse", "hang", "changed_host_key"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=2000) as running:
        yield running


def test_a_host_that_nobody_met_met_no_fault(lab: RunningLab) -> None:
    assert lab.met("pay01") == {}


def test_a_session_meets_the_faults_of_its_host_and_of_what_it_runs(lab: RunningLab) -> None:
    with session(lab, "pay02") as there:
        there.run("emgr -r -L IJ36810s3a")
    met = set(lab.met("pay02"))
    assert met >= NETWORK | {"ifix_failure", "wrong_status", "disk_full"}
    assert met <= set(FAULTS)
    assert "kernel_failure" not in met


def test_switching_a_fault_on_is_no_meeting(lab: RunningLab) -> None:
    before = lab.met("web02")
    lab.fault("web02", "kernel_failure")
    lab.clear("web02")
    assert lab.met("web02") == before


def test_a_control_that_is_refused_says_why(lab: RunningLab) -> None:
    with pytest.raises(LabFailed, match="no fault is called nothing"):
        lab.fault("web02", "nothing")


def test_the_world_is_that_of_now(lab: RunningLab) -> None:
    lab.fault("web02", "procfs_open")
    assert lab.world()["faults"]["web02"] == {"procfs_open": "on"}
    lab.clear()
    assert not any(lab.world()["faults"].values())
