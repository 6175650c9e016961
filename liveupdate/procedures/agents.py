"""Preparation: agents of the approved list are stopped, and started after the update (handbook 5.1 row 9)."""

import re

from inventory.command import Command, aix
from inventory.facts.aix.processes import PROCESSES
from inventory.programs import BACKUP_AGENTS, MONITORS, READERS_OF_PROC
from liveupdate.lpar.agents import AgentKind, RunningAgent, running_agents
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import ListedAgent, Subject
from liveupdate.procedures import words
from liveupdate.procedures.draft import ANY_WAY, Draft, look, once, restore_once, restored
from liveupdate.procedures.step import Expect, Phase

PATIENCE_S = 300
"""AIX answers stopsrc and startsrc at once; what they began may take as long (handbook 3.5)."""
CURES = {"RQ-161": READERS_OF_PROC, "RQ-167": BACKUP_AGENTS, "RQ-168": MONITORS}


DISTURBS = "It would disturb the update, or keep files under /proc open."
_RUNS = (
    r"^\s*\S+\s+\d+\s+\d+\s+\d+\s.*\d:\d\d\s+"
    r"(?:(?:\S*/)?(?:k|ba)?sh\s+|(?:\S*/)?(?:perl|python)\S*\s+)?(?:\S*/)?{name}(?=[\s:]|$)"
)
"""A line of `ps -ef` whose process is the program, directly or by an interpreter."""


def agents(draft: Draft) -> None:
    """Those that run now (RQ-161, RQ-167, RQ-168), in the list's order; started in the reverse one."""
    running = running_agents(draft.subject)
    named = ", ".join(one.agent.name for one in running)
    if not running or not draft.may(Consent.STOP_AGENTS, f"Agents of the approved list run: {named}."):
        return
    draft.parameters["agents_stopped"] = [one.agent.name for one in running]
    for one in running:
        cures = _cures(draft.subject, one)
        if one.agent.kind == AgentKind.SUBSYSTEM:
            _subsystem(draft, words.subsystem(one.agent.name), cures)
        else:
            by_own_commands(draft, one.agent, DISTURBS, cures)


def _cures(subject: Subject, one: RunningAgent) -> tuple[str, ...]:
    programs = {process.program for process in subject.value(PROCESSES) if process.pid in one.pids}
    programs.add(one.agent.name)
    return tuple(
        check for check, known in CURES.items() if any(known.fullmatch(program) for program in programs)
    )


def _subsystem(draft: Draft, name: str, cures: tuple[str, ...]) -> None:
    state = aix("lssrc", "-s", name)
    draft.add(
        once(
            f"agent_{name}_stopped",
            Phase.PREPARE,
            f"Stop the agent {name}",
            DISTURBS,
            aix("stopsrc", "-s", name),
            expect=Expect(has=("0513-044",)),
            cures=cures,
        ),
        look(
            f"agent_{name}_is_stopped",
            Phase.PREPARE,
            f"Wait until the agent {name} is stopped",
            "stopsrc answers before the agent has ended.",
            state,
            expect=Expect(has=(rf"^\s*{re.escape(name)}\s.*\binoperative\b",)),
            patience_s=PATIENCE_S,
        ),
    )
    draft.undo(
        restore_once(
            f"agent_{name}_started",
            f"agent_{name}_stopped",
            f"Start the agent {name}",
            "It ran before.",
            aix("startsrc", "-s", name),
            expect=ANY_WAY,
        ),
        restored(
            f"agent_{name}_is_back",
            f"agent_{name}_stopped",
            f"Prove that the agent {name} is active",
            "A backup or an alarm that stays away would go unnoticed.",
            state,
            expect=Expect(has=(rf"^\s*{re.escape(name)}\s.*\sactive\b",)),
            patience_s=PATIENCE_S,
        ),
    )


def by_own_commands(draft: Draft, agent: ListedAgent, why: str, cures: tuple[str, ...] = ()) -> None:
    """Stop an agent by its own command; the restoration starts it. `why` says what it is stopped for."""
    name = words.program(agent.name)
    shown = _RUNS.format(name=re.escape(name))
    runs = aix("ps", "-ef")
    draft.add(
        once(
            f"agent_{name}_stopped",
            Phase.PREPARE,
            f"Stop the agent {name}",
            why,
            Command(agent.stop),
            deadline_s=PATIENCE_S,
            cures=cures,
        ),
        look(
            f"agent_{name}_is_stopped",
            Phase.PREPARE,
            f"Wait until no process of the agent {name} is left",
            "Its own command may answer before the agent has ended.",
            runs,
            expect=Expect(lacks=(shown,)),
            patience_s=PATIENCE_S,
        ),
    )
    draft.undo(
        restore_once(
            f"agent_{name}_started",
            f"agent_{name}_stopped",
            f"Start the agent {name}",
            "It ran before.",
            Command(agent.start),
            deadline_s=PATIENCE_S,
            expect=ANY_WAY,
        ),
        restored(
            f"agent_{name}_is_back",
            f"agent_{name}_stopped",
            f"Prove that the agent {name} runs",
            "A backup or an alarm that stays away would go unnoticed.",
            Command(agent.check) if agent.check else runs,
            expect=Expect() if agent.check else Expect(has=(shown,)),
            patience_s=PATIENCE_S,
        ),
    )
