"""Records of Live Update's logs: `lvupdlog` as handbook 1.7 describes it, tolerant of wrapping and noise."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_COMPONENT = r"(?<![A-Z])[A-Z]{0,16}LVUPD[A-Z]{0,16}"
_LOGGED = re.compile(
    rf"(?P<component>{_COMPONENT}) (?P<epoch>\d{{9,11}}(?:[.,]\d{{1,9}})?) (?P<level>[A-Z]{{3,8}})\b"
    r"(?: (?P<function>[\w.:<>~]+))?(?: - | -$|: ?| )?(?P<message>.*)"
)
_CONSOLE = re.compile(r"\[RPP#(?P<function>[\w:~]+)\] ?(?:\((?P<component>[^)]{1,200})\): ?)?(?P<message>.*)")
_HTTP = re.compile(
    r"\[\d{4}-\d{2}-\d{2}\]\[\d{2}:\d{2}:\d{2}\](?P<component>\w{1,80}\.c):(?P<function>\w{1,120}):\d{1,6}:"
    r" ?(?P<message>.*)"
)
_CHECKPOINT = re.compile(r"\bmcr: (?P<message>cke_errno \d.*)")
GLUED = re.compile(rf"(?={_COMPONENT} \d{{9,11}}[ .,])|(?<=\S)\s?(?=\[RPP#)")
"""Where a record begins in the middle of a line, as when line ends were lost in copying."""
QUIET = frozenset({"DEBUG", "INFO", "TRACE", "NOTICE"})
LOUD = frozenset({"ERROR", "FATAL", "CRIT", "CRITICAL", "SEVERE"})


@dataclass(frozen=True, slots=True)
class Record:
    """One record of `lvupdlog`.

    `component` is the program (`OLVUPDMCR`, `KLVUPD`, …), the console that an RPP record speaks of, or
    the source file of an HTTP record. `level` is empty where the form has none. `at` is None where the
    record carries no epoch seconds.
    """

    component: str
    function: str
    level: str
    at: datetime | None
    message: str

    @property
    def is_quiet(self) -> bool:
        """Whether the level says that nothing went wrong."""
        return self.level in QUIET


def record_in(text: str) -> Record | None:
    """The record in a cleaned line, or None if it holds none."""
    if "LVUPD" in text and (match := _LOGGED.search(text)):
        seconds = float(match["epoch"].replace(",", "."))
        at = datetime.fromtimestamp(seconds, UTC)
        return Record(match["component"], match["function"] or "", match["level"], at, match["message"])
    if match := _CONSOLE.search(text) or _HTTP.search(text):
        return Record(match["component"] or "", match["function"], "", None, match["message"])
    if match := _CHECKPOINT.search(text):
        return Record("mcr", "", "", None, match["message"])
    return None
