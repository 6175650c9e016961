"""`ls -l FILE`: the keystore with the password that the NIM master logs on to an HMC with (`dpasswd`)."""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

KEYSTORE = "/export/nim/hmc_liveupdate_passwd"
"""Where the keystore lies unless an HMC's object names another file."""
_ABSENT = ("0653-341", "No such file or directory", "does not exist")
_ROW = re.compile(r"(-[-rwxsStT]{9})[-+.@]?\s.*\s(/\S+)")


def _build(password_file: str) -> Command:
    return aix("ls", "-l", password_file)


def _parse(output: Output) -> str:
    """The file's mode (`-rw-------`); empty when there is no such file."""
    complaint = first_line(output.stderr + output.stdout)
    if output.status and any(sign in complaint for sign in _ABSENT):
        return ""
    lines = filled(answer(output, "ls -l"))
    row = _ROW.fullmatch(lines[0]) if len(lines) == 1 else None
    if row is None:
        raise Unparsable("not one file of ls -l", lines[0] if lines else "")
    return row[1]


NIM_KEYSTORE = Fact(
    name="nim_keystore",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    params=("password_file",),
    discovery=True,
)
