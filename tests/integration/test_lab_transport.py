"""The portal's own transport against the lab: sign-in, prompts, files, detached commands."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from inventory.command import Command, aix
from inventory.lab.estate import RunningLab, running_lab
from inventory.transport import Connection, Endpoint, Launched, ProbeState, connect
from inventory.transport.errors import HostKeyChanged, Unreachable

DATA = (
    "disks:\n\tnhdisk = hdisk2\n\tmhdisk = hdisk10\n\nhmc:\n\tmanagement_console = hmc01\n"
    "\tuser = liveupdate\n"
)
DATA_FILE = "/var/adm/ras/liveupdate/lvupdate.data"
UPDATE = aix("geninstall", "-Y", "-k", "-d", "/mnt", "update_all")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("estate") / "lab", speed=300) as running:
        yield running


def endpoint(lab: RunningLab, name: str) -> Endpoint:
    host = lab.host(name)
    return Endpoint(
        name,
        host["address"],
        host["port"],
        host["account"],
        host["host_key"],
        f"file:{host['key_file']}",
        networks=("127.0.0.0/8",),
    )


def test_password_is_typed_at_the_prompt_and_not_echoed(lab: RunningLab) -> None:
    secret = lab.description["hmc_password"]
    with connect(endpoint(lab, "web01")) as lpar:
        command = aix("hmcauth", "-u", "liveupdate", "-a", "hmc01")
        done = lpar.answer(command, [("Enter HMC password:", secret)], deadline_s=30)
        assert done.status == 0
        assert secret.encode() not in done.stdout
        listed = lpar.run(aix("hmcauth", "-l"), deadline_s=30).stdout.decode()
        assert listed == "Address  : 127.0.0.1\nUser name: liveupdate\nPort     : 12443\n"
        wrong = lpar.answer(command, [("Enter HMC password:", "nonsense")], deadline_s=30)
        assert wrong.status == 1
        assert b"PMCSS00G: The authentication has been rejected for user liveupdate." in wrong.stdout


@pytest.mark.threat("T8")
def test_no_list_of_processes_shows_the_password(lab: RunningLab) -> None:
    """Looked at about 100 times a second, on both ends at once: they are one machine."""
    secret = lab.description["hmc_password"].encode()
    stop, looks = threading.Event(), 0
    seen: list[Path] = []

    def look() -> None:
        nonlocal looks
        while not stop.wait(0.004):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    if secret in path.read_bytes():
                        seen.append(path)
            looks += 1

    watcher = threading.Thread(target=look)
    began = time.monotonic()
    watcher.start()
    try:
        with connect(endpoint(lab, "web01")) as lpar:
            command = aix("hmcauth", "-u", "liveupdate", "-a", "hmc01")
            typed = (secret.decode(), "no")
            said = [lpar.answer(command, [("Enter HMC password:", word)], deadline_s=60) for word in typed]
            left = lpar.run(aix("hmcauth", "-r", "-a", "hmc01"), deadline_s=60)
    finally:
        stop.set()
        watcher.join()
    assert [done.status for done in said] == [0, 1]
    assert left.status == 0, left.stderr
    assert seen == []
    assert looks > 3 * (time.monotonic() - began), "the watcher hardly looked"
    assert secret not in b"".join(done.stdout + done.stderr for done in said)


def test_update_is_launched_once_and_followed_to_the_last_byte(lab: RunningLab) -> None:
    got = {"stdout": b"", "stderr": b""}
    with connect(endpoint(lab, "pay01")) as lpar:
        prepare(lab, lpar)
        assert lpar.launch("r1", UPDATE) is Launched.STARTED
        assert lpar.launch("r1", UPDATE) is Launched.ALREADY_THERE

        def take(stream: str, offset: int, data: bytes) -> None:
            assert offset == len(got[stream])
            got[stream] += data

        probe = lpar.follow("r1", {"stdout": 0, "stderr": 0}, take, stop=lambda: False, poll_s=0.05)
        assert (probe.state, probe.status) == (ProbeState.ENDED, 0)
        assert lpar.read_file("/var/adm/ras/lu-portal/r1/stdout") == got["stdout"]
    assert b"The live update operation succeeded." in got["stdout"]
    assert len(lab.ran("pay01", "geninstall")) == 1


def test_stop_ends_the_process_group_and_says_so(lab: RunningLab) -> None:
    lab.speed(5)
    with connect(endpoint(lab, "web01")) as lpar:
        prepare(lab, lpar)
        lpar.launch("r2", UPDATE)
        while lpar.probe("r2").state is not ProbeState.RUNNING:
            pass
        probe = lpar.stop("r2")
        assert probe.state in (ProbeState.ENDED, ProbeState.VANISHED)
        assert lpar.run(aix("oslevel", "-s"), deadline_s=30).stdout == b"7200-05-03-2148\n"
    lab.speed(300)


def test_absolute_paths_in_a_launched_text_stay_on_the_host(lab: RunningLab) -> None:
    with connect(endpoint(lab, "web02")) as lpar:
        command = Command(("sh", "-c", "/usr/sbin/bootinfo -b > /var/tmp/where; cat /var/tmp/where; exit 3"))
        lpar.launch("r3", command)
        seen: list[bytes] = []
        probe = lpar.follow(
            "r3", {"stdout": 0, "stderr": 0}, lambda s, o, data: seen.append(data), stop=lambda: False
        )
        assert (probe.status, b"".join(seen)) == (3, b"hdisk0\n")
    assert not Path("/var/tmp/where").exists()


def test_many_connections_at_once(lab: RunningLab) -> None:
    answers: list[bytes] = []

    def ask() -> None:
        with connect(endpoint(lab, "web02")) as lpar:
            answers.append(lpar.run(aix("uname", "-L"), deadline_s=60).stdout)

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"29 web02\n"] * 10


def test_network_moods(lab: RunningLab) -> None:
    pinned = endpoint(lab, "web02")
    lab.fault("web02", "changed_host_key")
    with pytest.raises(HostKeyChanged), connect(pinned):
        pass
    lab.clear("web02")
    lab.fault("web02", "refuse")
    with pytest.raises(Unreachable), connect(pinned, timeout_s=3):
        pass
    lab.clear("web02")
    lab.fault("web02", "hang")
    with pytest.raises(Unreachable), connect(pinned, timeout_s=2):
        pass
    lab.clear("web02")
    with connect(pinned) as lpar:
        assert lpar.run(aix("uname", "-s"), deadline_s=30).stdout == b"AIX\n"


def prepare(lab: RunningLab, lpar: Connection) -> None:
    lpar.write_file(DATA_FILE, DATA.encode(), "0600")
    media = "nim01:/export/aix72/7200-05-04-2220_full"
    assert lpar.run(aix("mount", media, "/mnt"), deadline_s=30).status == 0
    secret = lab.description["hmc_password"]
    command = aix("hmcauth", "-u", "liveupdate", "-a", "hmc01")
    assert lpar.answer(command, [("Enter HMC password:", secret)], deadline_s=30).status == 0
