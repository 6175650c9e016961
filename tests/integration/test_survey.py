"""Asking an LPAR and its HMC at the same time, also when one of them does not answer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import FactMissing, ReadingState
from inventory.facts.hmc.lpars import LPARS
from inventory.facts.hmc.memory_lpar import MEMORY_LPAR
from inventory.facts.nim.nim_management import NIM_MANAGEMENT
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.survey import Known, survey, system_name
from inventory.transport import Endpoint
from inventory.transport.errors import Unreachable
from tests.ssh_server import Server, in_process_server

KNOWN = Known(name="pay01", managed_system="as bought", serial="78A1234", hmc_user="liveupdate")
PROGRAMS = {
    "uname": "echo '26 PAY 01'",
    "lssyscfg": 'case "$*" in *sys*) echo rack7,78A1234,Operating ;; '
    "*) echo 'PAY 01,26,Running,active,normal,1' ;; esac",
    "lsnim": (
        'case "$*" in '
        '"-l pay01.nim") printf "pay01.nim:\\n  class = machines\\n  mgmt_profile1 = hmc01 26 p9\\n" ;; '
        '"-l "*) printf "%s:\\n  class = management\\n" "$2" ;; '
        "*management) echo hmc01 management hmc ;; esac"
    ),
    "cat": 'case "$1" in /etc/niminfo) echo export NIM_NAME=pay01.nim ;; *) exit 1 ;; esac',
    "lshwres": 'echo "lpar_name=PAY 01,curr_min_mem=1,curr_mem=2,curr_max_mem=3"',
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        programs = tmp_path / "programs"
        programs.mkdir()
        for name, script in PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name).chmod(0o755)
        running.path = f"{programs}:/usr/bin:/bin"
        yield running


def closed(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, port=1)


def test_the_hmc_is_asked_by_the_names_that_hold_today(server: Server) -> None:
    lpar, console = survey(server.endpoint(), server.endpoint(name="hmc01"), KNOWN)
    assert lpar.problem is None and console.problem is None
    assert lpar.facts.value(UNAME_L).name == "PAY 01"
    assert system_name(console.facts, "78A1234", "as bought") == "rack7"
    assert console.facts.value(LPARS, "rack7")[0].name == "PAY 01"
    assert console.facts.value(MEMORY_LPAR, "rack7,PAY 01").current_mb == 2


def test_an_lpar_that_is_away_leaves_its_hmc_to_be_asked(server: Server) -> None:
    lpar, console = survey(closed(server.endpoint()), server.endpoint(name="hmc01"), KNOWN)
    assert isinstance(lpar.problem, Unreachable) and console.problem is None
    assert {reading.state for reading in lpar.facts.readings.values()} == {ReadingState.UNREACHABLE}
    assert console.facts.reading(MEMORY_LPAR, "rack7,pay01") is not None


def test_an_hmc_that_is_away_costs_only_its_own_facts(server: Server) -> None:
    lpar, console = survey(server.endpoint(), closed(server.endpoint(name="hmc01")), KNOWN)
    assert lpar.problem is None and isinstance(console.problem, Unreachable)
    assert lpar.facts.value(UNAME_L).name == "PAY 01"
    with pytest.raises(FactMissing, match="hmc01"):
        console.facts.value(MEMORY_LPAR, "as bought,PAY 01")


def test_a_fact_whose_parameter_nobody_knows_is_not_read(server: Server) -> None:
    lpar, _ = survey(server.endpoint(), closed(server.endpoint()), KNOWN)
    read = {reading.fact for reading in lpar.facts.readings.values()}
    assert "uname_l" in read and "lsvg" in read
    assert not read & {"ifix_package", "disk_size"}


def test_the_nim_master_is_asked_for_what_the_lpar_calls_itself_there(server: Server) -> None:
    *_, master = survey(
        server.endpoint(), server.endpoint(name="hmc01"), KNOWN, server.endpoint(name="nim01")
    )
    assert master.problem is None
    assert master.facts.keys(NIM_OBJECT) == ["hmc01", "liveupdate_data_pay01.nim", "p9", "pay01.nim"]
    client = master.facts.value(NIM_OBJECT, "pay01.nim")
    assert client is not None and client.get("mgmt_profile1") == "hmc01 26 p9"
    assert master.facts.value(NIM_MANAGEMENT)[0].type == "hmc"


def test_a_nim_master_that_is_away_costs_only_its_own_facts(server: Server) -> None:
    lpar, console, master = survey(
        server.endpoint(), server.endpoint(name="hmc01"), KNOWN, closed(server.endpoint(name="nim01"))
    )
    assert lpar.problem is None and console.problem is None and isinstance(master.problem, Unreachable)
    assert master.facts.keys(NIM_OBJECT) == ["pay01.nim"]
    with pytest.raises(FactMissing, match="nim01"):
        master.facts.value(NIM_MANAGEMENT)


def test_a_discovery_knows_the_name_better_than_the_lpar(server: Server) -> None:
    known = replace(KNOWN, nim_name="payroll")
    *_, master = survey(server.endpoint(), closed(server.endpoint()), known, server.endpoint(name="nim01"))
    assert master.facts.reading(NIM_OBJECT, "payroll") is not None


def test_a_name_that_no_shell_takes_costs_what_is_asked_by_it(server: Server) -> None:
    (Path(server.path.split(":")[0]) / "uname").write_text("#!/bin/sh\nprintf '26 PAY\\02701\\n'\n")
    lpar, console = survey(server.endpoint(), server.endpoint(name="hmc01"), replace(KNOWN, name="a\nb"))
    assert lpar.problem is None and console.problem is None
    assert console.facts.value(LPARS, "rack7")[0].name == "PAY 01"
    unasked = console.facts.readings[MEMORY_LPAR.name, "rack7,a\nb"]
    assert unasked.state is ReadingState.UNPARSABLE
    assert MEMORY_LPAR.name in unasked.command
