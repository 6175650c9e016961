"""`lsnim -Z -a Cstate -a info -a Cstate_result NAME`: how NIM's last operation on a client goes or went."""

from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

HEADER = "#name:Cstate:info:Cstate_result:"
RESULTS = frozenset({"success", "failure", "reset"})


@dataclass(frozen=True, slots=True)
class NimOperation:
    """The client's control state, what NIM says of it, and the result of the operation once it has one."""

    name: str
    state: str
    info: str
    result: str


def _build(nim_name: str) -> Command:
    attributes = ("-a", "Cstate", "-a", "info", "-a", "Cstate_result")
    return aix("lsnim", "-Z", *attributes, nim_name)


def _parse(output: Output) -> NimOperation:
    """The state. lsnim leaves blank fields out, and `info` may hold colons and go on over several lines."""
    lines = filled(answer(output, "lsnim -Z"))
    if not lines or lines[0] != HEADER:
        raise Unparsable("not the header of lsnim -Z", lines[0] if lines else "")
    row = " ".join(line.strip() for line in lines[1:])
    name, *fields = row.removesuffix(":").split(":")
    if not row.endswith(":") or not name or " " in name or not fields or not fields[0]:
        raise Unparsable("not a row of lsnim -Z", row)
    state, *rest = fields
    result = rest.pop() if rest and rest[-1] in RESULTS else ""
    return NimOperation(name, state, ":".join(rest).strip(), result)


NIM_OPERATION = Fact(
    name="nim_operation", host=HostKind.NIM_MASTER, build=_build, parse=_parse, params=("nim_name",)
)
