"""A NIM master that is not the lab's: it lists by name alone, has no csum, and real files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.discovery.nim_estate import nim_estate_of
from inventory.discovery.nim_master import read_master
from tests.ssh_server import Server, in_process_server

LSNIM = """\
case "$*" in
"") echo "nimp01 machines master"; echo "erp_prd machines standalone"; echo "sp4 resources lpp_source" ;;
"-l nimp01") printf 'nimp01:\\n   class = machines\\n   type  = master\\n' ;;
"-l erp_prd") printf 'erp_prd:\\n   class    = machines\\n   type     = standalone\\n   err_info =\\n' ;;
"-l sp4") printf 'sp4:\\n   class    = resources\\n   type     = lpp_source\\n'
          printf '   location = @PLACE@\\n   server   = master\\n' ;;
*) echo "usage: lsnim [-l] [name]" >&2; exit 2 ;;
esac
"""
NIM = """\
echo "  Fileset Name                Level                     I/U Q Content"
echo "  ===================================================================="
echo "  bos.mp64                    7.3.2.2                    S  b usr,root"
echo "#   Base Operating System 64-bit Multiprocessor Runtime"
"""

OPENSSL = 'shift 3; exec sha256sum -b "$@"'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    place, programs = tmp_path / "lpp source", tmp_path / "programs"
    (place / "emgr/ppc").mkdir(parents=True)
    (place / ".toc").write_text("0 toc\n")
    (place / "emgr/ppc/IJ12345s2a.250101.epkg.Z").write_bytes(b"\x1f\x9d fix")
    programs.mkdir()
    scripts = {"lsnim": LSNIM.replace("@PLACE@", str(place)), "nim": NIM, "openssl": OPENSSL}
    for name, script in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}")
        (programs / name).chmod(0o755)
    with in_process_server(tmp_path / "host") as running:
        running.path = f"{programs}:/usr/bin:/bin"
        yield running


def test_what_it_does_not_know_costs_nothing_else(server: Server) -> None:
    read = read_master(server.endpoint(name="nimp01"), set(), lambda _done, _of: None)
    assert read.problem is None
    estate = nim_estate_of(read.facts)
    assert estate.is_whole and set(estate.objects) == {"nimp01", "erp_prd", "sp4"}
    source = estate.sources["sp4"]
    assert [package.level for package in source.packages or ()] == ["7.3.2.2"]
    assert (source.files, source.problem) == (2, "")
    assert source.contents_digest.startswith("sha256:") and source.toc_digest.startswith("sha256:")
    (fix,) = source.ifixes or ()
    assert (fix.label, fix.lu_capable, fix.digest[:7]) == ("IJ12345s2a", None, "sha256:")
