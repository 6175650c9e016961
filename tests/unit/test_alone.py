"""Two portals never share one data directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.runner.alone import AlreadyRunning, alone_on

HOLD = """
import sys
from pathlib import Path
from portal.runner.alone import alone_on
with alone_on(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_portal_is_told_who_holds_the_data_until_the_first_is_gone(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLD, str(tmp_path / "var")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=rf"\(process {first.pid}\)"), alone_on(tmp_path / "var"):
            raise AssertionError("two hold one directory")
        first.kill()
        first.wait(10)
    with alone_on(tmp_path / "var"):
        assert (tmp_path / "var" / "portal.lock").read_text() == f"{os.getpid()}\n"
