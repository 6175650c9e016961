"""PowerVC in the lab: its logon, and a Live Update for which it lends the disks."""

from collections.abc import Iterator

import pytest

from inventory.lab.estate import RunningLab, running_lab
from tests.lab_ssh import session

pytestmark = pytest.mark.deep

DATA = "pvc:\n\tmanagement_console = pvc01\n\tuser = lku\n\tproject = ibm-default\n"
FILE = "/var/adm/ras/liveupdate/lvupdate.data"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("estate") / "lab", speed=3000, scenario="powervc") as running:
        yield running


def test_sessions_with_powervc(lab: RunningLab) -> None:
    password = lab.description["powervc_password"]
    with session(lab, "vc01") as lpar, session(lab, "pay01") as other:
        assert other.run("pvcauth -l").status == 127
        assert (lpar.run("pvcauth -l").status, lpar.run("pvcauth -l").out) == (0, "")
        wrong = lpar.run("pvcauth -u lku -a pvc01 -p wrong")
        assert (wrong.status, "HTTP 401" in wrong.err) == (1, True)
        assert lpar.run(f"pvcauth -u lku -a pvc01 -o other -p {password}").status == 1
        lab.fault("vc01", "powervc_down")
        assert "Connection timed out" in lpar.run(f"pvcauth -u lku -a pvc01 -p {password}").err
        lab.clear("vc01")
        assert lpar.run(f"pvcauth -u lku -a pvc01 -p {password}").status == 0
        assert lpar.run("pvcauth -l").out == (
            "Address  : 10.254.0.9\nUser name: lku\nProject  : ibm-default\nPort     : 5000\n"
        )
        assert lpar.run("pvcauth -r -a pvc01").status == 0
        assert lpar.run("pvcauth -r -a pvc01").status == 1


@pytest.mark.deep
def test_powervc_lends_the_disks_and_takes_them_back(lab: RunningLab) -> None:
    with session(lab, "vc01") as lpar:
        before = lpar.run("lspv").out
        lpar.run(f"cat > {FILE}", DATA.encode())
        refused = lpar.run("geninstall -k -p")
        assert (refused.status, "1430-246 FAILED" in refused.out) == (1, True)
        lpar.run(f"pvcauth -u lku -a pvc01 -p {lab.description['powervc_password']}")
        for fault in ("powervc_session_lost", "surrogate_hang"):
            lab.fault("vc01", fault)
            failed = lpar.run("geninstall -k")
            assert (failed.status, "1430-045" in failed.out) == (1, True)
            assert lpar.run("lspv").out == before
            lab.clear("vc01")
            lpar.run(f"pvcauth -u lku -a pvc01 -p {lab.description['powervc_password']}")
        done = lpar.run("geninstall -k")
        assert (done.status, "The live update operation succeeded." in done.out) == (0, True)
        assert "PowerVC: pvc01" in done.out
        assert lpar.run("lspv").out == before
        assert "PVC=pvc01" in lpar.run("cat /var/adm/ras/liveupdate/liveupdate.cf").out
