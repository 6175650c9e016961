"""Agents that a plan may stop for the update: entries of the approved list, and which of them run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from inventory.facts.aix.lssrc import LSSRC, Subsystem
from inventory.facts.aix.processes import PROCESSES, Process
from inventory.programs import program_of
from liveupdate.lpar.subject import ListedAgent, Subject


class AgentKind(StrEnum):
    """How an agent is stopped and started: by the System Resource Controller, or by its own commands."""

    SUBSYSTEM = "subsystem"
    COMMANDS = "commands"


@dataclass(frozen=True, slots=True)
class RunningAgent:
    """A listed agent that runs, with the ids of its processes and of those that they began."""

    agent: ListedAgent
    pids: frozenset[int]


def running_agents(subject: Subject) -> list[RunningAgent]:
    """The agents of the approved list that run now, in the list's order. Raises FactMissing."""
    if not subject.agents:
        return []
    processes, subsystems = subject.value(PROCESSES), subject.value(LSSRC)
    found = [(agent, _roots(agent, processes, subsystems)) for agent in subject.agents]
    return [RunningAgent(agent, _with_children(pids, processes)) for agent, pids in found if pids is not None]


def unlisted(subject: Subject, pids: Iterable[int]) -> frozenset[int]:
    """Those of the processes that no agent of the approved list accounts for. Raises FactMissing."""
    listed = frozenset[int]().union(*(running.pids for running in running_agents(subject)))
    return frozenset(pids) - listed


def _roots(
    agent: ListedAgent, processes: Iterable[Process], subsystems: Iterable[Subsystem]
) -> frozenset[int] | None:
    """The processes that the agent itself began; None while it does not run."""
    if agent.kind == AgentKind.SUBSYSTEM:
        active = [one for one in subsystems if one.name == agent.name and one.status != "inoperative"]
        return frozenset(one.pid for one in active if one.pid is not None) if active else None
    program = re.compile(re.escape(agent.name))
    return frozenset(one.pid for one in processes if program_of(one, program)) or None


def _with_children(pids: frozenset[int], processes: Iterable[Process]) -> frozenset[int]:
    known, all_of_them = set(pids), list(processes)
    while more := {one.pid for one in all_of_them if one.ppid in known} - known:
        known |= more
    return frozenset(known)
