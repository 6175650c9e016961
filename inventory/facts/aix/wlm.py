"""`wlmcntrl -q`: whether Workload Manager runs, and in which mode.

The exit status says how it runs (1 stopped, 2 passive), not whether the query worked; the text decides.
"""

import re
from enum import StrEnum

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line, printed

_DETAIL = re.compile(r"\s*(?:Rset bindings|Process total limits|Class total limits)\b.*")
_CLOSED = r"WLM is (?:stopped|running in (?:active|passive) mode)\.?\s*"
_STOPPED = re.compile(r"WLM is stopped\.?")
_RUNNING = re.compile(r"WLM is running(?: in (?P<mode>[A-Za-z ]+) mode)?\.?")


class WlmState(StrEnum):
    """How Workload Manager runs; RUNNING is in a mode of another name."""

    ACTIVE = "active"
    PASSIVE = "passive"
    CPU_ONLY = "cpu_only"
    RUNNING = "running"
    STOPPED = "stopped"

    @property
    def is_running(self) -> bool:
        """Whether it runs, in whatever mode."""
        return self is not WlmState.STOPPED


_MODES = {
    "": WlmState.ACTIVE,
    "active": WlmState.ACTIVE,
    "passive": WlmState.PASSIVE,
    "cpu only active": WlmState.CPU_ONLY,
}


def parse(output: Output) -> WlmState:
    """How it runs, or that it is stopped."""
    lines = [*answer(output, "wlmcntrl -q", statuses=range(256), closed=_CLOSED), *printed(output.stderr)]
    line = only_line([line for line in lines if not _DETAIL.fullmatch(line)], "state of WLM").strip()
    if _STOPPED.fullmatch(line):
        return WlmState.STOPPED
    if running := _RUNNING.fullmatch(line):
        return _MODES.get((running["mode"] or "").lower(), WlmState.RUNNING)
    raise Unparsable("not a state of WLM", line)


WLM = Fact("wlm", HostKind.LPAR, lambda: aix("wlmcntrl", "-q"), parse, version=3)
