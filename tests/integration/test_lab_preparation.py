"""What a preparation changes in the lab, and how the lab refuses: as the handbook says of real machines."""

from collections.abc import Iterator

import pytest

from inventory.lab.estate import RunningLab, running_lab
from tests.chaos.workers import wait_for
from tests.lab_ssh import Session, session

pytestmark = pytest.mark.deep

FILTERS = "/var/adm/ras/filters"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=600, scenario="unprepared") as running:
        yield running


@pytest.fixture
def lpar(lab: RunningLab) -> Iterator[Session]:
    with session(lab, "pay01") as opened:
        yield opened
    lab.clear("pay01")


def test_filters_live_and_die_with_their_device(lab: RunningLab, lpar: Session) -> None:
    before = lpar.run("lsfilt -v4 -O").out
    assert len(before.splitlines()) == 2
    assert lpar.run(f"mkdir -p {FILTERS}; expfilt -v4 -f {FILTERS}").status == 0
    assert "0514-062" in lpar.run("rmdev -dl ipsec_v4 -R").err
    assert lpar.run("mkfilt -v4 -d; rmdev -dl ipsec_v4 -R").out == "ipsec_v4 deleted\n"
    assert lpar.run("lsfilt -v4 -O").status == 1
    lpar.run("mkdev -c ipsec -t 4")
    assert len(lpar.run("lsfilt -v4 -O").out.splitlines()) == 1
    lab.fault("pay01", "filters_lost")
    lpar.run(f"impfilt -v4 -f {FILTERS}")
    assert lpar.run("lsfilt -v4 -O").out != before
    lab.clear("pay01")
    lpar.run(f"impfilt -v4 -f {FILTERS}; mkfilt -v4 -u")
    assert lpar.run("lsfilt -v4 -O").out == before


def test_agents_answer_before_they_have_ended(lab: RunningLab, lpar: Session) -> None:
    assert "0513-044" in lpar.run("stopsrc -s dsmcad").out
    wait_for(lambda: "inoperative" in lpar.run("lssrc -s dsmcad").out)
    lab.fault("pay01", "stays_down")
    assert "0513-059" in lpar.run("startsrc -s dsmcad").out
    assert lpar.run("/opt/zabbix/bin/agent stop").status == 0
    wait_for(lambda: "zabbix_agentd" not in lpar.run("ps -ef").out)
    lpar.run("/opt/zabbix/bin/agent start")
    assert lpar.run("/opt/zabbix/bin/agent status").status == 3
    assert "inoperative" in lpar.run("lssrc -s dsmcad").out
    lab.clear("pay01")
    lpar.run("/opt/zabbix/bin/agent start; startsrc -s dsmcad")
    assert lpar.run("/opt/zabbix/bin/agent status").status == 0
    lab.fault("pay01", "keeps_running")
    lpar.run("/opt/zabbix/bin/agent stop; stopwpar -F wpar1")
    assert "wpar1:A\n" in lpar.run("lswpar -c -q -a name,state").out
    assert lpar.run("/opt/zabbix/bin/agent status").status == 0


def test_a_script_is_registered_once(lpar: Session) -> None:
    words = "-n AUTOFS_UMOUNT -d orig -P LVUP_CHECK"
    add = f"lvupdateRegScript -a {words} -s '/usr/lpp/nfs/autofs/autofs_lku orig' -p 8"
    before = lpar.run("lvupdateRegScript -l").out
    assert lpar.run(add).status == 1
    assert lpar.run(f"lvupdateRegScript -r {words}").status == 0
    assert "AUTOFS_UMOUNT" not in lpar.run("lvupdateRegScript -l").out
    assert lpar.run(add).status == 0
    assert lpar.run("lvupdateRegScript -l").out == before


def test_a_mapped_disk_is_found(lab: RunningLab, lpar: Session) -> None:
    lab.defect("pay01", "mapped_disk")
    assert "hdisk12" not in lpar.run("lspv").out
    lpar.run("cfgmgr -v")
    assert "hdisk12" in lpar.run("lspv").out


def test_nims_method_is_that_of_the_level(lab: RunningLab, lpar: Session) -> None:
    method = "/usr/lpp/bos.sysmgt/nim/methods/c_cust_lku"
    assert lpar.run(f"grep -n -e '-k\"$' {method}").out.startswith("892:")
    with session(lab, "web02") as repaired:
        assert repaired.run(f"grep -c -e '-k\"$' {method}").out == "0\n"


def test_a_restart_ends_mounts_and_follows_inittab(lab: RunningLab, lpar: Session) -> None:
    with session(lab, "web01") as other:
        assert "/aha" in other.run("mount").out
        other.run("wlmcntrl -o; shutdown -Fr")
    lab.speed(3000)

    def up() -> bool:
        try:
            with session(lab, "web01") as again:
                return "/aha" not in again.run("mount").out
        except (OSError, EOFError):
            return False

    wait_for(up)
    lab.speed(600)
    with session(lab, "web01") as again:
        assert again.run("wlmcntrl -q").out == "WLM is running in passive mode\n"
        assert "/iso" not in again.run("mount").out
