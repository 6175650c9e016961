"""`cat /etc/niminfo`: what the LPAR is to a NIM environment, and which master it has."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, printed

PATH = "/etc/niminfo"

_SETTING = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_CLOSED = r".*_CONFIGURATION=(?:standalone|master|diskless|dataless)\s*|.*=\".*\"\s*"
_WORD = re.compile(r"([\"']?)([A-Za-z0-9._:-]*)\1")
_ABSENT = re.compile(rf".*{re.escape(PATH)}\W.*(?:does not exist|[Nn]o such file).*|cat: 0652-050 .*{PATH}.*")


@dataclass(frozen=True, slots=True)
class NimInfo:
    """The LPAR's place in NIM; a setting that the file does not have is empty.

    `name` is what the master calls it, `hostname` the name NIM reaches it by, `configuration` its kind
    (`standalone`, `master`, `diskless`, `dataless`, …), `master` the master's host name.
    """

    name: str
    hostname: str
    configuration: str
    master: str


def parse(output: Output) -> NimInfo | None:
    """The settings, or None where there is no such file: the LPAR is unknown to NIM."""
    said = filled(printed(output.stderr) + printed(output.stdout))
    if output.status not in (0, None) and any(_ABSENT.fullmatch(line) for line in said):
        return None
    settings = {}
    for line in filled(answer(output, f"cat {PATH}", closed=_CLOSED)):
        if line.lstrip().startswith("#"):
            continue
        match = _SETTING.fullmatch(line.strip())
        if match is None:
            raise Unparsable("not a setting of /etc/niminfo", line)
        settings[match[1]] = (match[2], line)
    if not settings:
        raise Unparsable("no setting in /etc/niminfo")
    wanted = ("NIM_NAME", "NIM_HOSTNAME", "NIM_CONFIGURATION", "NIM_MASTER_HOSTNAME")
    return NimInfo(*(_word(*settings.get(key, ("", ""))) for key in wanted))


def _word(text: str, line: str) -> str:
    match = _WORD.fullmatch(text.strip())
    if match is None:
        raise Unparsable("not a single word", line)
    return match[2]


NIMINFO = Fact("niminfo", HostKind.LPAR, lambda: aix("cat", PATH), parse, also=("niminfo",))
