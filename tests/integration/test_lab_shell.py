"""The lab's shells and files over SSH: what a host's own world keeps in, and what faults do to it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from inventory.lab.estate import LabFailed, RunningLab, running_lab
from inventory.lab.servers.processes import host_processes
from tests.lab_ssh import session

SYSTEM = "9080-M9S-78A1234"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("estate") / "lab", speed=300) as running:
        yield running


@pytest.mark.parametrize(
    ("text", "out", "status"),
    [
        ("printf '%s|' 'a b' \"c'd\" e\\ f '$HOME' 'ü'", "a b|c'd|e f|$HOME|ü|", 0),
        ("echo one > /tmp/x; echo two >> /tmp/x; cat < /tmp/x | wc -l | tr -d ' '", "2\n", 0),
        ("cd /var/adm && pwd; exit 9", "/var/adm\n", 9),
        ("pwd", "/\n", 0),
        ("df -m | grep -c /var", "2\n", 0),
        ("mount | awk '$2==\"/var\" {print $1}'", "/dev/hd9var\n", 0),
        ("sed -n 's/^cron:\\([0-9]*\\):.*/\\1/p' /etc/inittab", "23456789\n", 0),
        ("d=/var/tmp/deep; mkdir -p \"$d\"; cd $d; pwd -P; [ -d $d ] && echo yes", "/var/tmp/deep\nyes\n", 0),
        ("ksh -c 'echo in > /tmp/y; cat \"$1\"; exit 4' sh /tmp/y", "in\n", 4),
        ("echo 'echo $1 > /tmp/z; cat /tmp/z' > /tmp/script; sh /tmp/script word", "word\n", 0),
        ("grep -p '^start:' /etc/security/audit/config | grep -c mode", "2\n", 0),
        ("cat > /tmp/here <<'END'\n/etc/passwd $x\nEND\ncat /tmp/here", "/etc/passwd $x\n", 0),
        ("sleep 30 & kill -TERM $!; wait $!; echo $?", "143\n", 0),
        ("no_such_command", "", 127),
        ("wlmcntrl -q", "WLM is stopped\n", 1),
    ],
)  # fmt: skip
def test_the_shell_is_a_real_one_inside_the_hosts_root(
    lab: RunningLab, text: str, out: str, status: int
) -> None:
    with session(lab, "web01") as lpar:
        done = lpar.run(text)
    assert (done.out, done.status) == (out, status), done


def test_errors_look_like_those_of_ksh(lab: RunningLab) -> None:
    with session(lab, "web01") as lpar:
        assert lpar.run("foo").err == "ksh: foo:  not found.\n"


def test_files_over_sftp_are_the_shells_files(lab: RunningLab) -> None:
    with session(lab, "web01") as lpar:
        lpar.run("cat > /var/tmp/bytes", bytes(range(256)) * 300)
        with lpar.client.open_sftp() as files, files.open("/var/tmp/bytes", "rb") as file:
            file.seek(256 * 299)
            assert file.read() == bytes(range(256))
            assert files.stat("/var/tmp/bytes").st_size == 256 * 300


def test_detached_command_outlives_its_connection(lab: RunningLab) -> None:
    with session(lab, "web01") as lpar:
        lpar.launch("k9", "sleep 2; echo later; exit 5\n")
    with session(lab, "web01") as lpar:
        assert lpar.wait_for("/var/adm/ras/lu-portal/k9/status") == "5\n"
        assert lpar.read("/var/adm/ras/lu-portal/k9/stdout") == "later\n"


def test_signals_come_back_as_signals(lab: RunningLab) -> None:
    with session(lab, "web01") as lpar:
        assert lpar.run("kill -TERM $$").status == -1


def test_sign_in_by_password_and_refusal_of_others(lab: RunningLab) -> None:
    host = lab.host("web01")
    with paramiko.Transport((host["address"], host["port"])) as transport:
        transport.connect(username="root", password=host["password"])
        assert transport.is_authenticated()
    with (
        paramiko.Transport((host["address"], host["port"])) as transport,
        pytest.raises(paramiko.AuthenticationException),
    ):
        transport.connect(username="root", password="wrong")


@pytest.mark.parametrize(
    ("text", "err"),
    [
        ("/bin/ls", "hmcbash: /bin/ls: restricted: cannot specify `/' in command names\n"),
        ("lshmc -V > /tmp/x", "hmcbash: /tmp/x: restricted: cannot redirect output\n"),
        ("lshmc -V; id", "hmcbash: ;: restricted\n"),
        ("lshmc -V $(id)", "hmcbash: $(: restricted\n"),
    ],
)
def test_restricted_shell_refuses(lab: RunningLab, text: str, err: str) -> None:
    with session(lab, "hmc01") as hmc:
        done = hmc.run(text)
    assert (done.out, done.err, done.status) == ("", err, 1)


def test_restricted_shell_has_filters_and_no_files(lab: RunningLab) -> None:
    with session(lab, "hmc01") as hmc:
        names = hmc.run(f"lssyscfg -r lpar -m {SYSTEM} -F name | grep '^pay0[12]' | sort -r | head -1")
        assert (names.out, names.status) == ("pay02\n", 0)
        missing = hmc.run("foo")
        assert (missing.err, missing.status) == ("hmcbash: foo: command not found\n", 127)
        none = hmc.run(f"lssyscfg -r lpar -m {SYSTEM} --filter lpar_names=nobody")
        assert none.out == "No results were found.\n"
        quoted = hmc.run("lshmcusr --filter 'names=liveupdate;>'")
        assert quoted.status == 0
        with pytest.raises(paramiko.SSHException):
            hmc.client.open_sftp()


def test_truth_log_holds_what_ran(lab: RunningLab) -> None:
    with session(lab, "web02") as lpar:
        lpar.run("oslevel -s; getconf DISK_SIZE /dev/hdisk2")
        lpar.run("cat > /tmp/f", b"x")
        lpar.run("/usr/sbin/lsvg nosuchvg")
    ran = lab.truth("web02")
    assert [one["argv"] for one in ran] == [
        ["oslevel", "-s"],
        ["getconf", "DISK_SIZE", "/dev/hdisk2"],
        ["lsvg", "nosuchvg"],
    ]
    assert [one["status"] for one in ran] == [0, 0, 1]
    assert all(one["start"] <= one["end"] for one in ran)


def test_changes_stick(lab: RunningLab) -> None:
    with session(lab, "pay02") as lpar:
        assert lpar.run("trustchk -p TE").out == "TE=ON\n"
        line = lpar.run("lsitab rcnetwlm").out
        assert line == "rcnetwlm:23456789:wait:/etc/rc.netwlm start> /dev/console 2>&1 # Start netwlm\n"
        off = "rcnetwlm:23456789:off:/etc/rc.netwlm start > /dev/console 2>&1 # disable netwlm"
        assert lpar.run(f'chitab "{off}"; wlmcntrl -o; trustchk -p te=off').status == 0
        assert lpar.run("lsitab rcnetwlm").out == f"{off}\n"
        assert lpar.run("trustchk -p TE; wlmcntrl -q").out == "TE=OFF\nWLM is stopped\n"
        assert "0513-044 The pfcdaemon" in lpar.run("stopsrc -s pfcdaemon").out
        assert "inoperative" in lpar.run("lssrc -s pfcdaemon").out
        assert "0513-059 The pfcdaemon Subsystem has been started." in lpar.run("startsrc -s pfcdaemon").out


def test_clone_for_rollback(lab: RunningLab) -> None:
    with session(lab, "web02") as lpar:
        busy = lpar.run("alt_disk_copy -B -d hdisk11")
        assert "0505-126 alt_disk_install: target disk hdisk11 has a volume group" in busy.err
        assert lpar.run("alt_rootvg_op -X altinst_rootvg").status == 0
        assert lpar.run("lspv | grep hdisk11").out.split()[2] == "None"
        assert lpar.run("alt_disk_copy -B -d hdisk11").status == 0
        assert lpar.run("lspv | grep hdisk11").out.split()[2] == "altinst_rootvg"


def test_faults_of_status_disk_and_language(lab: RunningLab) -> None:
    with session(lab, "web01") as lpar:
        lab.fault("web01", "wrong_status", "lost")
        assert lpar.run("oslevel -s").status == -1
        lab.fault("web01", "wrong_status", 3)
        assert lpar.run("oslevel -s").status == 3
        lab.clear("web01", "wrong_status")
        lab.fault("web01", "disk_full")
        assert lpar.run("echo text > /var/tmp/full").status != 0
        assert lpar.run("df -m /var").out.splitlines()[1].split()[2] == "0.00"
        with lpar.client.open_sftp() as files, pytest.raises(OSError), files.open("/tmp/full", "wb") as file:
            file.set_pipelined(False)
            file.write(b"x")
        lab.clear("web01")
        lab.fault("web01", "localized")
        assert "Capacité autorisée" in lpar.run("lparstat -i").out
        assert "Entitled Capacity                          : 0.50" in lpar.run("LC_ALL=C lparstat -i").out
        lab.clear("web01")
    with pytest.raises(LabFailed, match="no fault is called nonsense"):
        lab.fault("web01", "nonsense")


def test_capacity_and_hmc_can_go_away(lab: RunningLab) -> None:
    lab.fault("hmc01", "capacity_gone")
    with session(lab, "hmc01") as hmc:
        free = hmc.run(f"lshwres -r mem -m {SYSTEM} --level sys -F curr_avail_sys_mem").out
        assert free == "1024\n"
    lab.clear("hmc01")
    lab.fault("hmc01", "hmc_down")
    with pytest.raises(paramiko.ssh_exception.NoValidConnectionsError), session(lab, "hmc01", timeout=3):
        pass
    lab.clear()


def test_everything_is_kept_over_a_restart_and_ends_with_the_lab(tmp_path: Path) -> None:
    place = tmp_path / "lab"
    with running_lab(place, speed=300) as lab:
        with session(lab, "pay02") as lpar:
            lpar.run("trustchk -p te=off; echo kept > /var/tmp/kept")
            lpar.launch("k1", "sleep 600\n")
            lpar.wait_for("/var/adm/ras/lu-portal/k1/pid")
        first = lab.description
        assert host_processes(place, "pay02")
    assert not host_processes(place)
    with running_lab(place, speed=300) as lab:
        assert [host["port"] for host in lab.description["hosts"]] == [
            host["port"] for host in first["hosts"]
        ]
        assert lab.description["hmc_password"] == first["hmc_password"]
        with session(lab, "pay02") as lpar:
            assert lpar.run("trustchk -p TE; cat /var/tmp/kept").out == "TE=OFF\nkept\n"


def test_stops_on_interrupt_and_describes_its_hosts(tmp_path: Path) -> None:
    place = tmp_path / "lab"
    lab = subprocess.Popen((sys.executable, "-m", "inventory.lab", "--dir", str(place)))
    deadline = time.monotonic() + 30
    while not (place / "lab.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(lab.pid, signal.SIGINT)
    assert lab.wait(timeout=10) == 0
    description = json.loads((place / "lab.json").read_text())
    kinds = [host["kind"] for host in description["hosts"]]
    assert kinds == ["hmc", "nim_master", "lpar", "lpar", "lpar", "lpar"]
    header, *rows = (place / "inventory.csv").read_text().splitlines()
    assert header.split(",")[:4] == ["kind", "name", "address", "port"]
    assert [row.split(",")[0] for row in rows] == [
        "hmc", "managed_system", "nim_master", "lpar", "lpar", "lpar", "lpar",
    ]  # fmt: skip


def test_kill_reaches_simulated_processes(lab: RunningLab) -> None:
    with session(lab, "web01") as lpar:
        pid = next(line.split()[1] for line in lpar.run("ps -ef").out.splitlines() if "httpd" in line)
        assert lpar.run(f"kill -0 {pid} && kill {pid}").status == 0
        assert lpar.run(f"ps -p {pid} -o pid=").out == ""
        assert lpar.run(f"kill {pid}").status == 1
        assert lpar.run("sleep 60 & kill $! && wait $!; echo $?").out == "143\n"


def test_reboot_ends_sessions_and_loses_the_hmc_session(lab: RunningLab) -> None:
    with session(lab, "pay02") as lpar:
        command = f"hmcauth -u liveupdate -a hmc01 -p {lab.description['hmc_password']}"
        assert lpar.run(command).status == 0
        lpar.launch("before", "sleep 600\n")
        deadline = time.monotonic() + 20
        while "sleep 600" not in lpar.run("ps -ef").out:
            assert time.monotonic() < deadline
    lab.fault("pay02", "reboot")
    with session(lab, "pay02") as lpar:
        assert lpar.run("hmcauth -l").out == ""
        assert lpar.run("errpt").out.splitlines()[1].startswith("9DBCFDEE")
        assert lpar.read("/var/adm/ras/lu-portal/before/status") == ""
        assert "sleep 600" not in lpar.run("ps -ef").out
