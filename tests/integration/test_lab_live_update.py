"""A Live Update in the lab from beginning to end: over SSH, seen from the LPAR and the HMC."""

import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from inventory.lab.estate import RunningLab, running_lab
from tests.lab_ssh import Session, session

SYSTEM = "9080-M9S-78A1234"
DATA = "general:\n\tkext_check = yes\n\ndisks:\n\tnhdisk = hdisk2\n\tmhdisk = hdisk10\n\nhmc:\n"
DATA += "\tmanagement_console = hmc01\n\tuser = liveupdate\n"
PLACE = "/var/adm/ras/lu-portal/k1"
CONFIGURATION = "/var/adm/ras/liveupdate/liveupdate.cf"
UPDATE = "LC_ALL=C geninstall -Y -k -d /mnt update_all\n"
NAMES = f"lssyscfg -r lpar -m {SYSTEM} --filter lpar_names=pay01,pay01_lku0 -F name,lpar_id,state,rmc_state"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[RunningLab]:
    """An estate in its first state."""
    with running_lab(tmp_path / "lab", speed=1500) as running:
        yield running


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """An estate for rehearsals that fail one after the other and leave nothing behind."""
    with running_lab(tmp_path_factory.mktemp("estate") / "lab", speed=1500) as running:
        with session(running, "pay01") as lpar:
            prepare(running, lpar)
        yield running


def prepare(lab: RunningLab, lpar: Session) -> None:
    """What a procedure does before the update: data file, media, authentication."""
    lpar.run("cat > /var/adm/ras/liveupdate/lvupdate.data", DATA.encode())
    assert lpar.run("mount nim01:/export/aix72/7200-05-04-2220_full /mnt").status == 0
    command = f"hmcauth -u liveupdate -a hmc01 -p {lab.description['hmc_password']}"
    assert lpar.run(command).status == 0


def test_update_moves_the_lpar_and_leaves_what_a_real_one_leaves(lab: RunningLab) -> None:
    lab.speed(300)
    with session(lab, "pay01") as lpar, session(lab, "hmc01") as hmc:
        prepare(lab, lpar)
        preview = lpar.run("geninstall -k -p -d /mnt update_all")
        assert preview.status == 0
        assert "The live update preview succeeded." in preview.out
        assert "End of Live Update PREVIEW:" in preview.out
        assert lpar.run("oslevel -s").out == "7200-05-03-2148\n"
        assert lpar.run("errpt -N LVUPDATE").out == ""

        lpar.launch("k1", UPDATE)
        lpar.wait_for(f"{PLACE}/stdout", "Starting the surrogate LPAR.")
        seen = hmc.run(NAMES).out.splitlines()
        assert seen[0] == "pay01_lku0,26,Running,active"
        assert seen[1].startswith("pay01,30,")
        assert lpar.run("lspv | grep hdisk2 ").out.split()[2] == "lvup_rootvg"

        assert lpar.wait_for(f"{PLACE}/status") == "0\n"
        text = lpar.read(f"{PLACE}/stdout")
        assert "\tBlackout Time started.\n\n\tBlackout Time end.\n" in text
        assert "............................The live update operation succeeded.\n" in text
        assert text.index("install_all_updates: Result = SUCCESS") < text.index("begins in 10 seconds.")

        assert lpar.run("oslevel -s").out == "7200-05-04-2220\n"
        assert lpar.run("cat /proc/version").out.splitlines()[2] == "2218B_72X"
        assert lpar.run("uname -L").out == "30 pay01\n"
        assert hmc.run(NAMES).out == "pay01,30,Running,active\n"
        uuid = hmc.run(f"lssyscfg -r lpar -m {SYSTEM} --filter lpar_names=pay01 -F uuid").out.strip()
        assert uuid == lab.host("pay01")["uuid"]
        disks = {line.split()[0]: line.split()[2] for line in lpar.run("lspv").out.splitlines()}
        assert disks["hdisk2"] == "lvup_rootvg"
        assert disks["hdisk10"] == "None"
        errors = lpar.run("errpt -N LVUPDATE").out.splitlines()
        assert [line.split()[0] for line in errors[1:]] == ["12295E0B", "9A74C7AB"]
        assert "Proc_name: paysrv" in lpar.run("genld -u").out
        assert len(lab.ran("pay01", "geninstall")) == 2
        assert lab.ran("pay01", "geninstall")[-1]["status"] == 0


@pytest.mark.deep
def test_run_outlives_the_session_that_began_it(lab: RunningLab) -> None:
    lab.speed(300)
    with session(lab, "web01") as lpar:
        prepare(lab, lpar)
        lpar.launch("k1", UPDATE)
        lpar.wait_for(f"{PLACE}/stdout", "Requesting resources")
    lab.fault("web01", "drop_connections")
    with session(lab, "web01") as lpar:
        assert lpar.wait_for(f"{PLACE}/status") == "0\n"
    assert len(lab.ran("web01", "geninstall")) == 1


@pytest.mark.deep
def test_end_before_the_point_of_no_return_undoes(lab: RunningLab) -> None:
    lab.speed(20)
    with session(lab, "pay01") as lpar, session(lab, "hmc01") as hmc:
        prepare(lab, lpar)
        lpar.launch("k1", UPDATE)
        lpar.wait_for(f"{PLACE}/stdout", "APPLYING software for:")
        assert lpar.run(f'kill -TERM -"$(cat {PLACE}/pid)"').status == 0
        time.sleep(1)
        assert "geninstall" not in lpar.run("ps -ef").out
        assert lpar.run("oslevel -s").out == "7200-05-03-2148\n"
        assert hmc.run(NAMES).out == "pay01,26,Running,active\n"
        assert lab.ran("pay01", "geninstall")[0]["status"] in (None, 1)  # 1: what it had begun died first


@pytest.mark.deep
def test_end_after_the_point_of_no_return_changes_nothing(lab: RunningLab) -> None:
    lab.speed(300)
    with session(lab, "pay01") as lpar, session(lab, "hmc01") as hmc:
        prepare(lab, lpar)
        lpar.launch("k1", UPDATE)
        lpar.wait_for(f"{PLACE}/stdout", "Validating original LPAR environment.")
        lpar.run(f'kill -KILL -"$(cat {PLACE}/pid)"')
        deadline = time.monotonic() + 30
        while "12295E0B" not in lpar.run("errpt").out:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert hmc.run(NAMES).out == "pay01,30,Running,active\n"


@pytest.mark.deep
def test_host_is_silent_in_the_blackout_and_keeps_its_connections(lab: RunningLab) -> None:
    lab.fault("pay01", "blackout", 4500)
    with session(lab, "pay01") as lpar:
        prepare(lab, lpar)
        lpar.launch("k1", UPDATE)
        ended, longest = "", 0.0
        while not ended:
            begun = time.monotonic()
            ended = lpar.read(f"{PLACE}/status")
            longest = max(longest, time.monotonic() - begun)
            time.sleep(0.02)
        assert longest > 2.0
        assert "Blackout Time end." in lpar.read(f"{PLACE}/stdout")


@pytest.mark.parametrize(
    ("fault", "value", "says"),
    [
        ("kernel_failure", "", "1020-007 System call mcrk_sys_spl_getfd error (50)"),
        ("procfs_open", "", "1020-311 The state of the LPAR is currently non-checkpointable"),
        ("hmc_lost", "", "1020-154 Resource /old/dev/nvram is not checkpointable"),
        ("notification_script", "P5", "autofs_lku orig' failed with exit status 127"),
        ("alt_disk_failure", "", "0505-127"),
    ],
)
@pytest.mark.deep
def test_failures_clean_up(troubled: RunningLab, fault: str, value: str, says: str) -> None:
    troubled.clear()
    troubled.fault("pay01", fault, value)
    place = f"/var/adm/ras/lu-portal/{fault}"
    with session(troubled, "pay01") as lpar, session(troubled, "hmc01") as hmc:
        lpar.launch(fault, "geninstall -k\n")
        assert lpar.wait_for(f"{place}/status") == "1\n"
        text = lpar.read(f"{place}/stdout")
        assert says in text
        assert text.endswith("1430-045 The Live Update operation failed. Initiating log capture.\n")
        assert hmc.run(NAMES).out == "pay01,26,Running,active\n"
        assert "None" in lpar.run("lspv | grep hdisk2").out
        assert "ERROR" in lpar.read("/var/adm/ras/liveupdate/logs/lvupdlog")


@pytest.mark.deep
def test_failure_after_the_install_leaves_the_old_kernel_in_memory(lab: RunningLab) -> None:
    lab.fault("pay01", "kernel_failure")
    with session(lab, "pay01") as lpar:
        prepare(lab, lpar)
        lpar.launch("k1", UPDATE)
        assert lpar.wait_for(f"{PLACE}/status") == "1\n"
        assert lpar.run("oslevel -s").out == "7200-05-04-2220\n"
        assert lpar.run("cat /proc/version").out.splitlines()[2] == "2148A_72X"
        assert lpar.run("errpt -N LVUPDATE").out.splitlines()[1].startswith("9A74C7AB")


@pytest.mark.parametrize(
    ("fault", "flags", "names"),
    [
        ("original_not_deleted", "-o", "pay01,30,Running,active\n"),
        ("dirty_failure", "", "pay01,26,Running,active\n"),
    ],
)
@pytest.mark.deep
def test_leftovers_need_the_right_cleanup(lab: RunningLab, fault: str, flags: str, names: str) -> None:
    lab.fault("pay01", fault)
    if fault == "dirty_failure":
        lab.fault("pay01", "surrogate_hang")
    with session(lab, "pay01") as lpar, session(lab, "hmc01") as hmc:
        prepare(lab, lpar)
        lpar.launch("k1", "geninstall -k\n")
        assert lpar.wait_for(f"{PLACE}/status") == "1\n"
        assert len(hmc.run(NAMES).out.splitlines()) == 2
        lab.clear()
        lpar.run(f"cp -p {CONFIGURATION} {CONFIGURATION}.kept")
        assert "needs to be cleaned up" in lpar.run("geninstall -k -p").out
        assert "is not that of the operation" in lpar.run(f"clvupdate {flags}").err
        kept = f"-f {CONFIGURATION}.kept"
        assert lpar.run(f"clvupdate {kept} {'' if flags else '-o'}").status == 1
        assert lpar.run(f"clvupdate {kept} {flags}").status == 0
        assert hmc.run(NAMES).out == names


def test_refusals_print_their_message_and_change_nothing(lab: RunningLab) -> None:
    with session(lab, "pay02") as lpar:
        assert "1430-237 FAILED: No management console specified." in lpar.run("geninstall -k -p").out
        prepare(lab, lpar)
        refused = lpar.run("geninstall -Y -k -d /mnt update_all")
        assert refused.status == 1
        assert "EFIX MANAGER LOCKS" in refused.out
        assert "The live update will not proceed because of an install failure." in refused.out
        assert lpar.run("oslevel -s").out == "7200-05-03-2148\n"
        for label in ("IJ40615m4b", "IJ36810s3a"):
            assert "Return Status = SUCCESS" in lpar.run(f"emgr -r -L {label}").out
        preview = lpar.run("geninstall -k -p -d /mnt update_all")
        assert "1430-144 FAILED: Trusted Execution is enabled." in preview.out
        assert "The live update preview failed." in preview.out
        assert lpar.run("trustchk -p te=off; /usr/sbin/wlmcntrl -o; wlmcntrl -q").status == 1
        assert lpar.run("geninstall -k -p -d /mnt update_all").status == 0


def test_media_that_bring_nothing_say_so(lab: RunningLab) -> None:
    with session(lab, "web02") as lpar:
        prepare(lab, lpar)
        preview = lpar.run("geninstall -k -p -d /mnt update_all")
        assert "Either the software is already at the same level as on the media" in preview.out
        missing = lpar.run("geninstall -k -p -d /nowhere update_all")
        assert missing.err == "0503-105 geninstall: The device or directory: /nowhere does not exist.\n"
        assert missing.status == 1


@pytest.mark.parametrize(
    ("defect", "says"),
    [
        ("audit_stream", "1430-143 FAILED: Audit in stream mode is not supported."),
        ("ahafs", "1430-244 FAILED: The following file system(s) of unsupported type are mounted: /aha"),
        ("ipsec", "1430-145 FAILED: IP Security is active."),
        ("wpar_active", "1430-254 FAILED: Workload partitions are active."),
        ("low_var", "1430-253 FAILED: The file system /var has less than 100 MB free."),
        ("spare_in_group", "1430-241 FAILED: The disk hdisk2 given as nhdisk belongs to a volume group."),
        ("rmc_inactive", "1430-250 FAILED: The RMC connection"),
        ("unsafe_extension", "1430-256 FAILED: The kernel extension /opt/vendor/drivers/agentke"),
    ],
)
@pytest.mark.deep
def test_preview_names_every_defect(troubled: RunningLab, defect: str, says: str) -> None:
    troubled.defect("web01", defect)
    with session(troubled, "web01") as lpar:
        if not lpar.run("hmcauth -l").out:
            prepare(troubled, lpar)
        preview = lpar.run("geninstall -k -p")
    assert preview.status == 1
    assert says in preview.out
    assert "The live update preview failed." in preview.out


@pytest.mark.deep
def test_connections_cut_in_the_blackout_do_not_end_the_update(lab: RunningLab) -> None:
    lab.fault("pay01", "blackout_drop")
    with session(lab, "pay01") as lpar:
        prepare(lab, lpar)
        lpar.launch("k1", "geninstall -k\n")
        with pytest.raises((paramiko.SSHException, OSError, EOFError)):
            lpar.wait_for(f"{PLACE}/status")
    with session(lab, "pay01") as lpar:
        assert lpar.wait_for(f"{PLACE}/status") == "0\n"
