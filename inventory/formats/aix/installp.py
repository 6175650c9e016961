"""`installp`, `geninstall`, `install_all_updates`: what became of each fileset.

The Installation Summary is looked for in the output; what comes before it is progress.
"""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_TITLE = re.compile(r"Name\s+Level\s+Part\s+Event\s+Result")
_ROW = (
    r"(?P<fileset>\S+)\s+(?P<level>[0-9]+(?:\.[0-9]+){3})\s+(?P<part>USR|ROOT|SHARE)\s+"
    r"(?P<event>APPLY|COMMIT|CLEANUP|DEINSTALL|REJECT)\s+(?P<result>SUCCESS|FAILED|CANCELLED)"
)
_LIKE_ROW = re.compile(r"\S+\s+[0-9]+(?:\.[0-9]+){3}\s+[A-Z]{3,}\b.*")
_RESULT = re.compile(r"(?:install_all_updates|geninstall): Result = (SUCCESS|FAILURE)")
_STATISTIC = re.compile(r"\s*([0-9]+)\s+((?:Selected|FAILED|Total|Already|Deferred|Additional)\b.*)")


def parse(output: Output) -> Row:
    """The summary's `filesets`, the `statistics` of the verification, and the `result` if one is told."""
    lines = filled(answer(output, "installp", statuses=range(256)))
    titles = [place for place, line in enumerate(lines) if _TITLE.fullmatch(line.strip())]
    results = [match[1] for line in lines if (match := _RESULT.fullmatch(line.strip()))]
    statistics = {match[2].rstrip(): int(match[1]) for line in lines if (match := _STATISTIC.fullmatch(line))}
    if not titles and not results and not statistics:
        raise Unparsable("neither an installation summary nor a result", lines[-1] if lines else "")
    if not titles and (rows := [line for line in lines if _LIKE_ROW.fullmatch(line)]):
        raise Unparsable("a row without the title of the installation summary", rows[0])
    return {
        "result": results[-1] if results else None,
        "statistics": statistics,
        "filesets": _filesets(lines[titles[-1] + 1 :]) if titles else [],
    }


def _filesets(lines: list[str]) -> list[Row]:
    """The rows under the title; the table ends with the first line that is no row at all."""
    rows: list[Row] = []
    for line in lines:
        if _LIKE_ROW.fullmatch(line):
            rows.append(read_row(line, _ROW, "the installation summary"))
        elif line.strip("- "):
            break
    return rows


INSTALLP = plain(
    "installp", HostKind.LPAR, "installp …", "geninstall …", "install_all_updates …", parse=parse
)
