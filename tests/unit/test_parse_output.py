"""`manage.py parse_output`: the value of a captured output, or the line that is refused."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from inventory.facts.base import HostKind
from inventory.facts.catalogue import FACTS
from inventory.formats.catalogue import FORMATS, formats_of, similar
from inventory.formats.spelling import invocation
from inventory.management.commands.parse_output import Command

LSPV = "hdisk0          00fa343b8f050a76                    rootvg          active\n"


def run(*words: str, expect: int = 0) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        Command(stdout=out, stderr=err).run_from_argv(["manage.py", "parse_output", *words])
    except SystemExit as end:
        status = int(end.code or 0)
    assert status == expect, err.getvalue()
    return out.getvalue(), err.getvalue()


@pytest.fixture
def capture(tmp_path: Path) -> Any:
    def write(text: str | bytes, name: str = "capture.txt") -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def names(line: str, host: HostKind | None = None) -> list[str]:
    return [each.name for each in formats_of(invocation(line), host)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("lspv", "lspv"),
        ("LC_ALL=C /usr/sbin/lspv 2>&1", "lspv"),
        ("sudo lspv | cat", "lspv"),
        ("lsvg -p rootvg", "lsvg_disks"),
        ("lsvg -p", "lsvg_groups"),
        ("lsvg -l 'data vg'", "lsvg_volumes"),
        ("lsdev -C -c adapter", "adapters"),
        ("lsdev -Cc adapter", "adapters"),
        ("emgr -l", "emgr_list"),
        ("/usr/sbin/emgr -d -v2 -e /tmp/x.epkg.Z", "ifix_package"),
        ("getconf DISK_SIZE /dev/hdisk7", "disk_size"),
        ("bootlist -o -m normal", "bootlist"),
        ("grep -p ^start: /etc/security/audit/config", "audit_config"),
        ("lssyscfg -r sys -F name,serial_num,state", "managed_systems"),
        ("lssyscfg -r sys", "managed_systems"),
        ("lssyscfg -m 'Server 9080' -r lpar", "partition_attributes"),
        ("lshwres -r mem --level sys", "memory_system"),
        ("lshmcusr", "hmc_users"),
    ],
)
def test_a_command_is_known_however_it_is_written(line: str, name: str) -> None:
    assert names(line)[0] == name


@pytest.mark.parametrize("line", ["lspv -Z", "lspvx", "lsvg -p rootvg datavg", "bootlist -m service -o"])
def test_another_command_is_not_taken_for_it(line: str) -> None:
    assert names(line) == []


def test_every_fact_is_found_by_its_own_command() -> None:
    for fact in FACTS:
        command = fact.build(*(f"some{name}" for name in fact.params))
        assert fact.name in names(command.wire(), fact.host), command.wire()


def test_every_listed_command_finds_its_format() -> None:
    for each in FORMATS:
        for command in each.commands:
            assert each.name in names(command.removesuffix("…"), each.host), command


def test_a_command_that_is_known_word_for_word_is_no_general_one() -> None:
    assert names("cat /etc/niminfo") == ["niminfo"]
    assert names("lsdev -Cc disk") == ["disk_devices"]


def test_what_an_hmc_lets_a_vios_run_is_the_command_of_the_vios() -> None:
    assert names('viosvrcmd -m SYS -p vios1 -c "lsmap -all -npiv"') == ["lsmap_npiv"]
    assert names('viosvrcmd -m SYS -p vios1 -c "ioslevel"')[0] == "vios_level"


def test_what_is_missing_as_a_whole_is_told_with_the_last_line(capture: Any) -> None:
    out, _ = run("--json", "emgr -d -e x.epkg.Z -v2", capture("PACKAGE: x\nLOCATION: y\n"), expect=1)
    assert (json.loads(out)["line"], json.loads(out)["line_number"]) == ("LOCATION: y", 2)


def test_a_record_with_quotes_is_found_by_its_beginning(capture: Any) -> None:
    text = 'name=normal,lpar_name=a\nname=backup,"io_slots=1,2",odd\n,x\n'
    out, _ = run("--json", "lssyscfg -r prof -m SYS", capture(text), expect=1)
    assert json.loads(out)["line_number"] in (2, 3)


def test_the_host_narrows() -> None:
    assert names("lspv", HostKind.HMC) == []


def test_a_value_with_its_provenance(capture: Any) -> None:
    out, _ = run("--json", "lspv", capture(LSPV))
    assert json.loads(out) == {
        "fact": "lspv",
        "command": "lspv",
        "host_kind": "lpar",
        "parser_version": next(fact.version for fact in FACTS if fact.name == "lspv"),
        "value": [
            {"name": "hdisk0", "pvid": "00fa343b8f050a76", "volume_group": "rootvg", "state": "active"}
        ],
    }


def test_a_refusal_names_the_line(capture: Any) -> None:
    out, err = run("--json", "lspv", capture(LSPV + "\nlspv: 0516-1 failed  \n"), expect=1)
    said = json.loads(out)
    assert (said["line"], said["line_number"]) == ("lspv: 0516-1 failed", 3)
    assert said["error"]
    assert "line 3" in err


def test_levels_and_numbers_are_written_as_people_do(capture: Any) -> None:
    assert json.loads(run("oslevel -s", capture("7200-05-03-2148\n"))[0]) == "7200-05-03-2148"
    line = "curr_avail_sys_proc_units=1.50,configurable_sys_proc_units=2.0\n"
    assert json.loads(run("lshwres -r proc --level sys", capture(line))[0]) == {
        "configurable": 2,
        "available": 1.5,
        "installed": None,
    }


def test_standard_input_status_and_error_output(capture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + LSPV.encode())))
    assert json.loads(run("lspv", "-")[0])[0]["name"] == "hdisk0"
    none = capture("There is no efix data on this system.\n", "stderr.txt")
    assert json.loads(run("emgr -l", capture(""), "--status", "1", "--stderr", none)[0]) == []
    run("lspv", capture(LSPV), "--status", "1", expect=1)


def test_other_encodings_are_read_or_refused(capture: Any) -> None:
    run("lspv", capture(LSPV.encode("utf-16")), expect=1)
    out, _ = run("--json", "lspv", capture(LSPV.encode() + b"\xe9t\xe9\n"), expect=1)
    assert json.loads(out)["line"] == "\\xe9t\\xe9"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lspvx", "-"], "Near it: lspv"),
        (["'", "-"], "not a command line"),
        (["lspv"], "are needed"),
        (["lspv", "/no/such/file"], "cannot be read"),
    ],
)
def test_wrong_usage_is_told(words: list[str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert told in run(*words, expect=2)[1]


def test_a_known_program_is_told_with_all_its_forms() -> None:
    assert {"lsvg -p <volume_group>", "lsvg -l <volume_group>"} <= set(similar("lsvg --what"))


def test_the_list_names_every_command() -> None:
    lines = run("--list")[0].splitlines()
    assert lines == [command for each in FORMATS for command in each.commands]
    listed = json.loads(run("--list", "--json", "--host-kind", "hmc")[0])
    assert {"hmc"} == {each["host_kind"] for each in listed}
