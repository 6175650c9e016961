"""What the facts with parameters are asked for: only what is there, and never without bound."""

from datetime import UTC, datetime

import pytest

from inventory.facts.base import FactSet, Output, Reading
from inventory.facts.catalogue import fact_named
from inventory.lpar_parameters import MOST_READERS, MOST_SCRIPTS, lpar_parameters, site_scripts

PS = "     UID      PID     PPID   C    STIME    TTY  TIME CMD\n"
NO_LSOF = Output("", "ksh: lsof:  not found.\n", 127)


def facts(**said: str | Output) -> FactSet:
    known = FactSet()
    for name, text in said.items():
        output = text if isinstance(text, Output) else Output(text)
        command = fact_named(name).build().display()
        known.add(Reading(name, "", "pay01", command, output, datetime(2026, 11, 25, tzinfo=UTC)))
    return known


def processes(*arguments: str) -> str:
    rows = enumerate(arguments, start=70)
    return PS + "".join(
        f"    root {pid:>8}        1   0   Feb 01      -  0:24 {each}\n" for pid, each in rows
    )


def test_of_an_lpar_that_said_nothing_only_the_sure_things_are_asked() -> None:
    asked = {name: list(values) for name, values in lpar_parameters(FactSet(), "10.0.0.1").items() if values}
    assert asked == {"volume_group": ["rootvg"], "console": ["10.0.0.1"]}


@pytest.mark.parametrize(("wpars", "stanzas"), [("", []), ("web:D\n", ["WPARS"])])
def test_the_audited_wpars_are_asked_for_where_there_are_some(wpars: str, stanzas: list[str]) -> None:
    assert lpar_parameters(facts(wpars=wpars), "")["audit_stanza"] == stanzas


@pytest.mark.parametrize(
    ("command", "scripts"),
    [
        ("/opt/app/quiesce.sh orig", ["/opt/app/quiesce.sh"]),
        ("/usr/bin/ksh -x /opt/app/quiesce.sh orig", ["/opt/app/quiesce.sh"]),
        ('"/opt/app/quiesce.sh" orig', ["/opt/app/quiesce.sh"]),
        ("/usr/lpp/nfs/autofs/autofs_lku orig", []),
        ("/opt/rsct/bin/ctlvupdate -P LVUP_CHECK -d orig", []),
        ("/opt/triton/daemon-stop", []),
        ("aixpert_lku orig", []),
        ("/opt/app/\x1b[2Jx", []),
        ("", []),
    ],
)
def test_only_scripts_that_aix_did_not_bring_are_looked_at(command: str, scripts: list[str]) -> None:
    assert site_scripts([command, command]) == scripts


def test_scripts_and_readers_are_bounded() -> None:
    assert len(site_scripts(f"/opt/{number}" for number in range(99))) == MOST_SCRIPTS
    many = facts(proc_users=NO_LSOF, processes=processes(*["nmon -f"] * 99))
    assert len(lpar_parameters(many, "")["proc_reader"]) == MOST_READERS


def test_files_of_processes_are_looked_at_where_lsof_is_not_there_to_say_it() -> None:
    running = processes("/opt/app/srv", "/usr/bin/topas_nmon -f", "grep nmon")
    assert lpar_parameters(facts(proc_users=NO_LSOF, processes=running), "")["proc_reader"] == ["71"]
    none = Output("", "", 1)
    assert lpar_parameters(facts(proc_users=none, processes=running), "")["proc_reader"] == []
    assert lpar_parameters(facts(processes=running), "")["proc_reader"] == []
