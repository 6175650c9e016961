"""`test -x SCRIPT`: whether a registered script is there and may be executed."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line


def _build(script: str) -> Command:
    return aix("test", "-x", script)


def parse(output: Output) -> bool:
    """Whether it is; `test` prints nothing and ends with 1 when it is not."""
    lines = filled(answer(output, "test -x", statuses=(0, 1)))
    said = lines[0] if lines else first_line(output.stderr)
    if said:
        raise Unparsable("test complains", said)
    return output.status == 0


SCRIPT_EXECUTABLE = Fact("script_executable", HostKind.LPAR, _build, parse, params=("script",))
