"""Interim fixes in the lab: emgr's words and refusals, and a Live Update that brings them."""

from collections.abc import Iterator

import pytest

from inventory.lab.estate import RunningLab, running_lab
from tests.integration.test_lab_live_update import DATA
from tests.lab_ssh import Session, session

pytestmark = pytest.mark.deep

SOURCE = "nim01:/export/nim/lku-ifixes"
KERNEL = "IJ43869m3a.221014.AIX72TL05SP03.epkg.Z"
SECURITY = "IJ36810s3a.211012.epkg.Z"
INCAPABLE = "IJ41685m3a.220815.epkg.Z"
LATER = "IJ44994m4a.230118.epkg.Z"
SUCCESS, FAILURE = "Return Status = SUCCESS", "Return Status = FAILURE"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """An estate whose LPARs have the directory of interim fixes mounted."""
    with running_lab(tmp_path_factory.mktemp("ifixes") / "lab", speed=1500) as running:
        for name in ("pay01", "pay02", "web01"):
            with session(running, name) as lpar:
                assert lpar.run(f"mount {SOURCE} /mnt").status == 0
        yield running


def states(lpar: Session) -> dict[str, str]:
    """The labels that emgr -l shows, with their states."""
    rows = [line.split() for line in lpar.run("emgr -l").out.splitlines()]
    return {row[2]: row[1] for row in rows if len(row) > 3 and row[0].isdigit()}


def test_a_fix_is_installed_listed_and_removed_as_emgr_does_it(lab: RunningLab) -> None:
    with session(lab, "pay01") as lpar:
        preview = lpar.run(f"emgr -e /mnt/{KERNEL} -p")
        assert preview.status == 0 and "IJ43869m3a          INSTALL PREVIEW        SUCCESS" in preview.out
        assert states(lpar) == {}

        installed = lpar.run(f"emgr -e /mnt/{KERNEL}")
        assert installed.status == 0 and SUCCESS in installed.out
        assert "   Actual Level: 7.2.5.103\n   Type: PREREQ\n   Requisite Met: yes\n" in installed.out
        assert "File 1: locking installp fileset bos.mp64.\n" in installed.out
        assert states(lpar) == {"IJ43869m3a": "*Q*"}
        assert lpar.run("cat /proc/version").out.splitlines()[2] == "2148A_72X"
        assert "bos.mp64" in lpar.run("emgr -P").out

        locked = lpar.run(f"emgr -e /mnt/{INCAPABLE}")
        assert locked.status == 1 and FAILURE in locked.out
        assert "installed efix IJ43869m3a is locking /usr/lib/boot/unix_64 preventing the" in locked.out
        again = lpar.run(f"emgr -e /mnt/{KERNEL}")
        assert again.status == 1 and FAILURE in again.out

        removed = lpar.run("emgr -r -L IJ43869m3a")
        assert removed.status == 0 and SUCCESS in removed.out
        assert "ATTENTION: system reboot is required." in removed.out
        assert lpar.run("emgr -l").out == "There is no efix data on this system.\n"
        assert FAILURE in lpar.run("emgr -r -L IJ43869m3a").out


def test_prerequisites_out_of_range_are_refused(lab: RunningLab) -> None:
    with session(lab, "pay01") as lpar:
        refused = lpar.run(f"emgr -e /mnt/{LATER} -p")
        assert refused.status == 1 and FAILURE in refused.out
        assert "   Maximum Level: 7.2.5.107\n   Actual Level: 7.2.5.103\n" in refused.out
        assert "Requisite Met: no" in refused.out


def test_a_failure_can_have_status_0_and_stands_in_the_log(lab: RunningLab) -> None:
    lab.fault("web01", "ifix_failure")
    with session(lab, "web01") as lpar:
        failed = lpar.run(f"emgr -e /mnt/{SECURITY}")
        assert failed.status == 0 and FAILURE in failed.out and states(lpar) == {}
        assert FAILURE in lpar.run("tail -3 /var/adm/ras/emgr.log").out
    lab.clear("web01")


@pytest.mark.deep
def test_live_update_brings_a_kernel_fix_and_activates_it(lab: RunningLab) -> None:
    with session(lab, "pay02") as lpar, session(lab, "hmc01") as hmc:
        lpar.run("cat > /var/adm/ras/liveupdate/lvupdate.data", DATA.encode())
        lpar.run(f"hmcauth -u liveupdate -a hmc01 -p {lab.description['hmc_password']}")
        lpar.run("wlmcntrl -o")
        unable = lpar.run(f"geninstall -k -p -d /mnt {INCAPABLE}")
        assert unable.status == 1 and "1430-260 FAILED: The interim fix IJ41685m3a" in unable.out

        done = lpar.run(f"geninstall -k -d /mnt {KERNEL}", timeout=120)
        assert done.status == 0 and "The live update operation succeeded." in done.out, done.out
        assert "IJ43869m3a          INSTALL PREVIEW        SUCCESS" in done.out
        assert "IJ43869m3a          INSTALL                SUCCESS" in done.out
        assert states(lpar) == {"IJ36810s3a": "S", "IJ40615m4b": "S", "IJ43869m3a": "S"}
        assert lpar.run("cat /proc/version").out.splitlines()[2] == "IJ43869m3a stjohnr"
        assert lpar.run("oslevel -s").out == "7200-05-03-2148\n"
        assert "Proc_pid:" in lpar.run("genld -u").out
        assert "pay02_lku0" not in hmc.run("lssyscfg -r lpar -m 9080-M9S-78A1234 -F name").out
