"""`ls -l …/liveupdate.cf`: whether an attempt or a preview left its generated configuration."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line, printed

PATH = "/var/adm/ras/liveupdate/liveupdate.cf"

_ENTRY = re.compile(r"-[rwxsStT-]{9}[+.-]?\s+[0-9]+\s+\S+\s+\S+\s+([0-9]+)\s+(\S.*\S)\s+" + re.escape(PATH))
_ABSENT = re.compile(rf".*{re.escape(PATH)}\W.*(?:does not exist|[Nn]o such file).*")


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """The file's size in bytes and its modification time as `ls` prints it (local, no seconds)."""

    size: int
    modified: str


def parse(output: Output) -> ConfigurationFile | None:
    """The file, or None when there is none."""
    said = printed(output.stderr) + printed(output.stdout)
    if output.status not in (0, None) and any(_ABSENT.fullmatch(line) for line in said):
        return None
    line = only_line(answer(output, "ls -l"), "file")
    match = _ENTRY.fullmatch(line)
    if match is None:
        raise Unparsable("not the file's entry", line)
    return ConfigurationFile(int(match[1]), match[2])


LIVEUPDATE_CF = Fact("liveupdate_cf", HostKind.LPAR, lambda: aix("ls", "-l", PATH), parse)
