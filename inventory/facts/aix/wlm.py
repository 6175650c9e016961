"""`wlmcntrl -q`: whether Workload Manager runs.

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
_RUNNING = re.compile(r"WLM is running(?: in [A-Za-z ]+ mode)?\.?")


class WlmState(StrEnum):
    """Whether Workload Manager runs, in whatever mode."""

    RUNNING = "running"
    STOPPED = "stopped"


def parse(output: Output) -> WlmState:
    """Running or stopped."""
    lines = [*answer(output, "wlmcntrl -q", statuses=range(256), closed=_CLOSED), *printed(output.stderr)]
    line = only_line([line for line in lines if not _DETAIL.fullmatch(line)], "state of WLM").strip()
    if _STOPPED.fullmatch(line):
        return WlmState.STOPPED
    if _RUNNING.fullmatch(line):
        return WlmState.RUNNING
    raise Unparsable("not a state of WLM", line)


WLM = Fact("wlm", HostKind.LPAR, lambda: aix("wlmcntrl", "-q"), parse, version=2)
