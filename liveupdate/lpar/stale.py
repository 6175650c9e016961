"""Processes that still run replaced libraries, and whose they are (handbook 5.9)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from inventory.facts.aix.lssrc import LSSRC, Subsystem
from inventory.facts.aix.processes import PROCESSES, Process
from inventory.facts.aix.stale_libraries import STALE_LIBRARIES, StaleProcess
from liveupdate.lpar.agents import AgentKind, RunningAgent, running_agents
from liveupdate.lpar.subject import ListedAgent, Subject

CONTROLLER, SSH_DAEMON = "srcmstr", "sshd"
RESPAWNED = frozenset({CONTROLLER, "cron", "getty", "uprintfd"})
"""What AIX's own inittab lets init start again as soon as it has ended."""
_OF_AIX = re.compile(r"/(?:usr/s?bin|usr/lib|etc|sbin)/")


class StaleOwner(StrEnum):
    """Who can start a process again."""

    SUBSYSTEM = "subsystem"
    INIT = "init"
    SESSION = "session"
    AGENT = "agent"
    APPLICATION = "application"
    SYSTEM = "system"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stale:
    """One process on replaced libraries. `of` is the name of the subsystem or agent, or the user."""

    pid: int
    name: str
    owner: StaleOwner
    of: str
    arguments: str = ""


def stale_of(subject: Subject) -> tuple[Stale, ...]:
    """Those of an LPAR as it was looked at last. Raises FactMissing."""
    stale = subject.value(STALE_LIBRARIES)
    processes, subsystems = subject.value(PROCESSES), subject.value(LSSRC)
    owned = with_owners(stale, processes, subsystems)
    agents = {pid: one.agent.name for one in _with_commands(subject) for pid in one.pids}
    return tuple(
        replace(one, owner=StaleOwner.AGENT, of=agents[one.pid]) if one.pid in agents else one
        for one in owned
    )


def stale_agents(subject: Subject) -> tuple[ListedAgent, ...]:
    """The agents of the approved list with own commands of which a process is stale. Raises FactMissing."""
    stale = {one.pid for one in subject.value(STALE_LIBRARIES)}
    return tuple(one.agent for one in _with_commands(subject) if one.pids & stale)


def _with_commands(subject: Subject) -> list[RunningAgent]:
    return [one for one in running_agents(subject) if one.agent.kind == AgentKind.COMMANDS]


def with_owners(
    stale: Iterable[StaleProcess], processes: Iterable[Process], subsystems: Iterable[Subsystem]
) -> tuple[Stale, ...]:
    """Each process with its owner, in the order of their names and ids."""
    running = {process.pid: process for process in processes}
    controlled = {one.pid: one.name for one in subsystems if one.pid is not None}
    found = [_owned(one, running, controlled) for one in stale]
    return tuple(sorted(found, key=lambda one: (one.name, one.pid)))


def _owned(stale: StaleProcess, running: Mapping[int, Process], controlled: Mapping[int, str]) -> Stale:
    process = running.get(stale.pid)
    arguments = process.arguments if process else ""
    subsystem = _subsystem_of(stale.pid, running, controlled)
    if subsystem == SSH_DAEMON and stale.pid not in controlled:
        return Stale(stale.pid, stale.name, StaleOwner.SESSION, process.user if process else "", arguments)
    if subsystem:
        return Stale(stale.pid, stale.name, StaleOwner.SUBSYSTEM, subsystem, arguments)
    if process is None:
        return Stale(stale.pid, stale.name, StaleOwner.UNKNOWN, "")
    if stale.name in RESPAWNED:
        return Stale(stale.pid, stale.name, StaleOwner.INIT, process.user, arguments)
    of_aix = process.user == "root" and _OF_AIX.match(arguments)
    kind = StaleOwner.SYSTEM if of_aix else StaleOwner.APPLICATION
    return Stale(stale.pid, stale.name, kind, process.user, arguments)


def _subsystem_of(pid: int, running: Mapping[int, Process], controlled: Mapping[int, str]) -> str:
    """The subsystem that a process or one of its ancestors is; empty for none."""
    seen: set[int] = set()
    while pid not in seen:
        if pid in controlled:
            return controlled[pid]
        seen.add(pid)
        process = running.get(pid)
        if process is None:
            break
        pid = process.ppid
    return ""
