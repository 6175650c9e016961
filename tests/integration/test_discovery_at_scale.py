"""Discovery of 2,000 LPARs from one HMC over one SSH session."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.discovery.console import OF_HMC, OF_SYSTEM, read_console
from inventory.discovery.estate import estate_of
from inventory.discovery.partitions import compare_partitions
from tests.hmc_answers import Cec, Console, Part, uuid
from tests.ssh_server import Server, in_process_server

SYSTEMS, EACH = 4, 500
SCRIPT = """#!/bin/sh
key=$(printf '%s' "$(basename "$0") $*" | tr ' /' '__')
cat "$(dirname "$0")/answers/$key" 2>/dev/null || { echo "hmcbash: $1: command not found" >&2; exit 127; }
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The HMC's commands, each of which answers from a file."""
    programs = tmp_path / "programs"
    (programs / "answers").mkdir(parents=True)
    systems = [
        Cec(
            f"78A000{n}",
            f"cec{n}",
            partitions=tuple(Part(f"lpar{n}-{i}", i, uuid(n * EACH + i)) for i in range(1, EACH + 1)),
        )
        for n in range(SYSTEMS)
    ]
    for reading in Console(systems).facts().readings.values():
        name = reading.command.replace(" ", "_").replace("/", "_")
        (programs / "answers" / name).write_text(reading.output.stdout)
    for program in ("lssyscfg", "lshwres", "lshmc", "lshmcusr", "lspartition", "lscodpool"):
        (programs / program).write_text(SCRIPT)
        (programs / program).chmod(0o755)
    return programs


@pytest.fixture
def server(tmp_path: Path, programs: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        running.path = f"{programs}:/usr/bin:/bin"
        yield running


def test_an_hmc_that_refuses_columns_is_asked_in_the_oldest_form(server: Server, programs: Path) -> None:
    answers = programs / "answers"
    for refused in answers.glob("lssyscfg_-r_sys_*"):
        refused.unlink()
    (answers / "lssyscfg_-r_sys_-F_name,serial_num,state").write_text("cec0,78A0000,Operating\n")
    for refused in answers.glob("lssyscfg_-r_lpar_-m_cec0_*"):
        refused.unlink()
    listed = "".join(
        f"name=lpar0-{i},lpar_id={i},lpar_env=aixlinux,state=Running\n" for i in range(1, EACH + 1)
    )
    (answers / "lssyscfg_-r_lpar_-m_cec0").write_text(listed)
    estate = estate_of(read_console(server.endpoint(name="hmc01"), lambda _done, _of: None).facts)
    (system,) = estate.systems
    assert (system.system.serial, system.system.type_model, system.is_whole) == ("78A0000", "", True)
    assert len(system.partitions or ()) == EACH


def test_the_number_of_commands_depends_on_systems_alone(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    progress: list[tuple[int, int]] = []
    started = time.perf_counter()
    answers = read_console(server.endpoint(name="hmc01"), lambda done, of: progress.append((done, of)))
    read = time.perf_counter() - started
    comparison = compare_partitions(estate_of(answers.facts), [])
    spent = time.perf_counter() - started
    with capsys.disabled():
        print(
            f"\n{len(comparison.differences):,} LPARs by {len(server.commands)} commands in one session: "
            f"read in {read:.2f} s, understood and compared in {spent - read:.2f} s"
        )
    assert answers.problem is None
    assert len(comparison.differences) == SYSTEMS * EACH
    assert len(server.commands) == len(OF_HMC) + SYSTEMS * (1 + len(OF_SYSTEM))
    assert len(server.sign_ins) == 1
    assert progress == [(number, SYSTEMS) for number in range(SYSTEMS)]
    assert spent < 20
