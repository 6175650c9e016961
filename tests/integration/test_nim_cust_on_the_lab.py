"""`nim -o cust` of the lab: what it does on a client, and what it refuses."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from paramiko import SSHException

from inventory.lab.estate import RunningLab, running_lab
from tests.lab_ssh import Done, Session, session

LIVE = "-a live_update=yes -a live_update_data=liveupdate_data_{}"
LPP = "-a lpp_source=7200-05-04_lpp -a fixes=update_all"
pytestmark = [pytest.mark.deep, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=2000) as running:
        yield running


@pytest.fixture
def master(lab: RunningLab) -> Iterator[Session]:
    with session(lab, "nim01") as opened:
        yield opened
    lab.clear()


def cust(master: Session, words: str, client: str) -> Done:
    return master.run(f"nim -o cust {words} {LIVE.format(client)} {client}", timeout=120)


def shown(master: Session, name: str) -> str:
    return master.run(f"lsnim -l {name}").out


def test_a_preview_runs_on_the_client_without_its_own_session(lab: RunningLab, master: Session) -> None:
    done = cust(master, f'{LPP} -a installp_flags="-p"', "pay01")
    assert done.status == 0, done.err
    assert "The live update preview succeeded." in done.out
    ran = lab.ran("pay01", "geninstall")[-1]
    assert ran["argv"][:3] == ["geninstall", "-k", "-p"] and ran["argv"][-1] == "update_all"
    assert ran["status"] == 0 and not lab.ran("pay01", "hmcauth")
    assert "Cstate_result  = success" in shown(master, "pay01")
    with session(lab, "pay01") as client:
        assert "There are no" in (listed := client.run("hmcauth -l").out) or not listed.strip()
        assert "nhdisk = hdisk2" in client.run("cat /var/adm/ras/liveupdate/lvupdate.data").out
        assert "_nim_dir" not in client.run("mount").out


@pytest.mark.parametrize(
    ("host", "fault", "says"),
    [
        ("pay01", "nimsh_down", "0042-006 m_cust: (From_Master) connect Connection timed out"),
        ("pay01", "lud_busy", "0042-207 m_cust: Unable to allocate the liveupdate_data_pay01 resource"),
        ("pay01", "nim_licence", "installp: The license agreements"),
        ("pay01", "preview_failure", "1430-143 FAILED: Audit in stream mode is not supported."),
    ],
)
def test_a_fault_refuses_it_in_the_words_of_nim(
    lab: RunningLab, master: Session, host: str, fault: str, says: str
) -> None:
    lab.fault(host, fault)
    done = cust(master, f'{LPP} -a installp_flags="-p"', "pay01")
    assert done.status == 1 and says in done.err
    assert done.err.startswith('0042-001 nim: processing error encountered on "master":')


def test_accepted_licences_are_handed_on(lab: RunningLab, master: Session) -> None:
    lab.fault("pay01", "nim_licence")
    assert cust(master, f'{LPP} -a accept_licenses=yes -a installp_flags="-p"', "pay01").status == 0
    assert "-Y" in lab.ran("pay01", "geninstall")[-1]["argv"]


def test_an_identity_of_yesterday_is_refused(lab: RunningLab, master: Session) -> None:
    change = "nim -o change -a identity={} -a mgmt_source=9080-M9S_78A1234 web01"
    assert master.run(change.format(31)).status == 0
    done = cust(master, '-a installp_flags="-p"', "web01")
    assert done.status == 1 and "HSCL8012 The partition with ID 31" in done.err
    assert master.run(change.format(27)).status == 0
    assert cust(master, '-a installp_flags="-p"', "web01").status == 0


def test_what_is_missing_is_named(master: Session) -> None:
    assert (
        '0042-053 m_cust: there is no NIM object named "nowhere"'
        in cust(master, "-a lpp_source=nowhere", "pay01").err
    )
    assert (
        '0042-053 m_cust: there is no NIM object named "liveupdate_data_pay02"'
        in cust(master, "", "pay02").err
    )


def test_a_live_update_data_is_defined_checked_and_removed(master: Session) -> None:
    file = "/export/nim/liveupdate/liveupdate_data_pay02"
    define = f"nim -o define -t live_update_data -a server=master -a location={file} liveupdate_data_pay02"
    assert master.run(define).status == 1
    assert master.run(f"cp /export/nim/liveupdate/liveupdate_data_pay01 {file} && {define}").status == 0
    assert "Rstate      = ready for use" in shown(master, "liveupdate_data_pay02")
    assert "0042-032" in master.run(define).err
    assert "0042-081" in master.run(f"{define}_again").err
    assert master.run("nim -o check liveupdate_data_pay02").status == 0
    assert master.run("nim -o remove liveupdate_data_pay02").status == 0


def test_a_client_that_got_stuck_is_reset_and_lets_go(lab: RunningLab, master: Session) -> None:
    lab.fault("pay01", "nim_stuck")
    lab.fault("pay01", "preview_failure", "F09")
    failed = cust(master, "", "pay01")
    assert failed.status == 1 and "1430-246 FAILED" in failed.err
    assert re.search(r"Cstate += customization is being performed", shown(master, "pay01"))
    lab.clear()
    assert "prevents this operation" in cust(master, "", "pay01").err
    assert "currently allocated" in master.run("nim -o remove liveupdate_data_pay01").err
    assert master.run("nim -Fo reset pay01").status == 0
    assert master.run("nim -o deallocate -a live_update_data=liveupdate_data_pay01 pay01").status == 0
    assert cust(master, '-a installp_flags="-p"', "pay01").status == 0


def test_a_classic_update_changes_the_disk_alone(lab: RunningLab, master: Session) -> None:
    done = master.run(f"nim -o cust {LPP} -a accept_licenses=yes web01", timeout=120)
    assert done.status == 0 and "install_all_updates: Result = SUCCESS" in done.out
    with session(lab, "web01") as client:
        assert client.run("oslevel -s").out == "7200-05-04-2220\n"
        assert "2148A" in client.run("cat /proc/version").out


@pytest.mark.deep
def test_the_client_goes_on_when_the_master_restarts(lab: RunningLab, master: Session) -> None:
    lab.speed(400)
    lab.fault("nim01", "nim_master_reboot", "M17")
    with suppress(OSError, EOFError, SSHException):
        assert cust(master, LPP, "pay01").status != 0
    with session(lab, "pay01") as client:
        client.wait_for("/var/adm/ras/liveupdate/logs/lvupdlog", "operation succeeded", timeout=120)
        assert client.run("oslevel -s").out == "7200-05-04-2220\n"
    assert lab.ran("pay01", "geninstall")[-1]["status"] == 0
    assert lab.ran("nim01", "nim")[-1]["status"] is None
