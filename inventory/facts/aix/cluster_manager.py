"""`lssrc -ls clstrmgrES`: what PowerHA's cluster manager does on this node."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line, printed

_STATE = re.compile(r"Current state: (ST_[A-Z_]+|NOT_CONFIGURED|RP_FAILED)")
_FORCED_DOWN = re.compile(r"Forced down node list:(.*)")
_NOT_ACTIVE = re.compile(r"0513-(?:036|085)\b.*")


@dataclass(frozen=True, slots=True)
class ClusterManager:
    """The manager's `state` (`ST_STABLE`, `ST_INIT`, `NOT_CONFIGURED`; empty while it does not run).

    `unmanaged` names the nodes whose services were stopped while their resources stayed online.
    """

    state: str
    unmanaged: tuple[str, ...] = ()


def _build(cluster_manager: str) -> Command:
    return aix("lssrc", "-ls", cluster_manager)


def _parse(output: Output) -> ClusterManager:
    """The state; a manager that does not run answers with a message instead."""
    said = filled(printed(output.stdout) + printed(output.stderr))
    if output.status not in (None, 126, 127) and said and _NOT_ACTIVE.fullmatch(said[0].strip()):
        return ClusterManager("")
    lines = filled(answer(output, "lssrc -ls"))
    states = [match for line in lines if (match := _STATE.fullmatch(line.strip()))]
    if len(states) != 1:
        raise Unparsable("not the state of a cluster manager", first_line(output.stdout))
    forced = [match[1].split() for line in lines if (match := _FORCED_DOWN.fullmatch(line.strip()))]
    return ClusterManager(states[0][1], tuple(node for nodes in forced for node in nodes))


CLUSTER_MANAGER = Fact(
    name="cluster_manager", host=HostKind.LPAR, build=_build, parse=_parse, params=("cluster_manager",)
)
