"""Which account a command is for, and that the guide for administrators says the same."""

import re
from pathlib import Path

import pytest

from inventory.accounts import OPEN_COMMANDS, OPEN_PROGRAMS, AccountClass, account_class
from inventory.command import aix, hmc
from inventory.facts.base import HostKind
from inventory.imports.reader import Row
from inventory.imports.schema import check_row


@pytest.mark.threat("T7")
@pytest.mark.parametrize(
    ("argv", "looks"),
    [
        (("oslevel", "-s"), True),
        (("/usr/sbin/emgr", "-l"), True),
        (("emgr", "-r", "-L", "IJ1"), False),
        (("emgr", "-l", "-L", "IJ1"), False),
        (("lspv",), True),
        (("lspv", "hdisk0"), False),
        (("mount",), True),
        (("mount", "nim01:/export", "/mnt"), False),
        (("cat", "/proc/version"), True),
        (("cat", "/etc/security/passwd"), False),
        (("id",), False),
        (("viosvrcmd", "-m", "system"), False),
    ],
)
def test_a_command_is_for_looking_only_in_the_form_that_answers_anyone(
    argv: tuple[str, ...], looks: bool
) -> None:
    wanted = AccountClass.LOOK if looks else AccountClass.EXECUTE
    assert account_class(aix(*argv), HostKind.LPAR) is wanted
    assert account_class(aix(*argv), HostKind.NIM_MASTER) is wanted


@pytest.mark.threat("T7")
@pytest.mark.parametrize(
    ("program", "looks"), [("lssyscfg", True), ("date", True), ("viosvrcmd", False), ("chsysstate", False)]
)
def test_an_hmcs_viewer_lists(program: str, looks: bool) -> None:
    is_open = account_class(hmc(program, "-m", "system"), HostKind.HMC) is AccountClass.LOOK
    assert is_open is looks


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"looking_account": "luview"}, "looking_credential"),
        ({"looking_credential": "look"}, "looking_account"),
        ({"looking_account": "root", "looking_credential": "look"}, "looking_account"),
        ({"looking_account": "lu view", "looking_credential": "look"}, "looking_account"),
        ({"reads_beyond_looking": "yes"}, "reads_beyond_looking"),
        (
            {"looking_account": "luview", "looking_credential": "look", "reads_beyond_looking": "maybe"},
            "reads_beyond_looking",
        ),
        ({"looking_account": "luview", "looking_credential": "look", "reads_beyond_looking": "yes"}, ""),
    ],
)
def test_a_row_has_a_whole_account_for_looking_or_none(cells: dict[str, str], column: str) -> None:
    host = {"kind": "hmc", "name": "hmc01", "address": "10.0.0.1", "account": "root", "credential": "key"}
    problems = check_row(Row(2, host | cells))
    assert [problem.column for problem in problems] == ([column] if column else [])


def test_the_guide_lists_the_commands_for_looking() -> None:
    guide = Path("docs/admin-guide.md").read_text(encoding="utf-8")
    row = re.search(r"^\| LPAR, NIM master \| (.*) \|$", guide, re.MULTILINE)
    assert row is not None
    told = set(re.findall(r"`([^`]+)`", row[1])) - {"cat"}
    commands = {command[1] if command[0] == "cat" else " ".join(command) for command in OPEN_COMMANDS}
    assert told == OPEN_PROGRAMS | commands
