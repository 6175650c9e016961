"""Clones of rootvg, restarts from them, and restarts of subsystems in the lab, as AIX would have them."""

import time
from collections.abc import Callable, Iterator

import paramiko
import pytest

from inventory.lab.estate import RunningLab, running_lab
from tests.lab_ssh import Session, session

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("estate") / "lab", speed=1500) as running:
        yield running


def wait_for(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def again(lab: RunningLab, name: str, command: str) -> str:
    """What a host says to a command, as soon as it takes sessions."""
    said: list[str] = []

    def answers() -> bool:
        try:
            with session(lab, name) as host:
                said.append(host.run(command).out)
        except (OSError, EOFError, paramiko.SSHException):
            return False
        return True

    wait_for(answers, f"{name} does not answer")
    return said[0]


def group_of(lpar: Session, disk: str) -> str:
    return str(lpar.run(f"lspv | grep '^{disk} '").out.split()[2])


def test_an_lpar_started_from_its_clone_is_what_it_was(lab: RunningLab) -> None:
    with session(lab, "web01") as lpar:
        assert "0505-126" in lpar.run("alt_disk_copy -B -d hdisk11").err
        assert "0505-102" in lpar.run("alt_disk_copy -B -d hdisk2").err
        assert lpar.run("alt_rootvg_op -X altinst_rootvg").status == 0
        lpar.run("echo then > /etc/marker; mkdir -p /data; echo data > /data/kept")
        assert lpar.run("alt_disk_copy -B -d hdisk11").status == 0
        assert "cmd: alt_disk_copy -B -d hdisk11" in lpar.run("cat /var/adm/ras/alt_disk_inst.log").out
        assert lpar.run("bootlist -m normal -o").out.startswith("hdisk0 ")
        lpar.run("echo now > /etc/marker; echo more >> /data/kept; installp -ug bos.net.tcp.bind")
        before = lpar.run("who -b").out
        assert lpar.run("bootlist -m normal hdisk11").status == 0
        lpar.run("shutdown -Fr")
    wait_for(lambda: "hdisk0" in again(lab, "web01", "lspv | grep old_rootvg"), "no old_rootvg")
    with session(lab, "web01") as lpar, session(lab, "hmc01") as hmc:
        assert group_of(lpar, "hdisk11") == "rootvg" and group_of(lpar, "hdisk0") == "old_rootvg"
        assert lpar.run("cat /etc/marker").out == "then\n"
        assert lpar.run("cat /data/kept").out == "data\nmore\n"
        assert lpar.run("lslpp -Lqc bos.net.tcp.bind").status == 0
        assert lpar.run("oslevel -s").out == "7200-05-03-2148\n" and before
        names = "lssyscfg -r lpar -m 9080-M9S-78A1234 --filter lpar_names=web01 -F name,state,rmc_state"
        wait_for(lambda: hmc.run(names).out == "web01,Running,active\n", "RMC is not in contact")
        assert lpar.run("alt_rootvg_op -X old_rootvg").status == 0
        assert group_of(lpar, "hdisk0") == "None"


def test_an_lpar_that_does_not_start_stays_in_firmware(lab: RunningLab) -> None:
    lab.fault("web02", "clone_no_boot")
    with session(lab, "web02") as lpar:
        lpar.run("bootlist -m normal hdisk11; shutdown -Fr")
    names = "lssyscfg -r lpar -m 9080-M9S-78A1234 --filter lpar_names=web02 -F state"
    with session(lab, "hmc01") as hmc:
        wait_for(lambda: hmc.run(names).out == "Open Firmware\n", "web02 is not in firmware")
    with pytest.raises((OSError, EOFError, paramiko.SSHException)), session(lab, "web02"):
        pass


def test_services_users_have(lab: RunningLab) -> None:
    with session(lab, "pay01") as lpar:
        assert "default" in lpar.run("netstat -rn").out
        ports = "netstat -an | awk '$NF == \"LISTEN\" { print $4 }'"
        assert "*.22" in lpar.run(ports).out.split()
        assert lpar.run("instfix -ciqk 72-05-032148_SP | grep ':-:'").out == ""
        behind = lpar.run("instfix -ciqk 72-05-042220_SP | grep ':-:'").out
        assert behind.startswith("72-05-042220_SP:")


def test_sshd_goes_and_its_sessions_stay(lab: RunningLab) -> None:
    with session(lab, "pay02") as lpar:
        assert lpar.run("stopsrc -s sshd").status == 0
        with pytest.raises((OSError, EOFError, paramiko.SSHException)), session(lab, "pay02"):
            pass
        assert "0513-059" in lpar.run("startsrc -s sshd").out
        with session(lab, "pay02") as other:
            assert "sshd: root@notty" in other.run("ps -ef").out


def test_init_starts_its_own_again(lab: RunningLab) -> None:
    with session(lab, "pay01") as lpar:
        find = "ps -ef | awk '/[/]usr[/]sbin[/]srcmstr/ { print $2 }'"
        old = lpar.run(find).out.strip()
        assert lpar.run(f"kill -9 {old}").status == 0
        assert lpar.run(find).out.strip() not in ("", old)
