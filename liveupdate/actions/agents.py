"""The list of agents: written by an administrator, approved by a second person, entered in the ledger."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from liveupdate.lpar.agents import AgentKind
from liveupdate.models import Agent
from liveupdate.procedures import words
from portal.access.models import Team, User
from portal.access.policies import SEE_EVERYTHING, require, roles, visible_teams
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed

APPROVERS = frozenset({Role.APPROVER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class AgentEntry:
    """What somebody writes down of an agent; commands as they are typed. `team` None means every team."""

    team: Team | None
    name: str
    kind: AgentKind
    stop: str = ""
    start: str = ""
    check: str = ""


def visible_agents(person: User) -> QuerySet[Agent]:
    """The entries that a person may see: those of every team, and of the teams that they see."""
    rows = Agent.objects.select_related("team", "written_by", "approved_by")
    if roles(person, None) & SEE_EVERYTHING:
        return rows
    return rows.filter(Q(team=None) | Q(team__in=visible_teams(person)))


def write_agent(person: User, entry: AgentEntry, agent_id: int | None = None) -> Agent:
    """Enter an agent, or change an entry; either way nobody has approved it then.

    Raises NotAllowed, Invalid for words that no plan may hold, and Conflict when the team has this agent
    already or the entry is gone.
    """
    require(person, {Role.ADMINISTRATOR}, entry.team, "change the list of agents")
    commands = _commands(entry)
    with transaction.atomic():
        agent = Agent() if agent_id is None else _locked(person, agent_id)
        require(person, {Role.ADMINISTRATOR}, agent.team if agent_id else entry.team, "change this entry")
        same = Agent.objects.filter(team=entry.team, name=entry.name).exclude(pk=agent.pk)
        if same.exists():
            raise Conflict(
                f"{same[0]} is on the list already.",
                remedy="Change that entry, or name another agent.",
                code="exists_already",
            )
        agent.team, agent.name, agent.kind = entry.team, entry.name, entry.kind.value
        agent.stop_command, agent.start_command, agent.check_command = commands
        agent.written_by, agent.approved_by, agent.approved_at = person, None, None
        agent.save()
        _enter(person, agent, {"written": agent.digest, **agent.document})
    return agent


def approve_agent(person: User, agent_id: int, seen: str) -> Agent:
    """Approve an entry as it was shown; `seen` is its digest. Raises NotAllowed, Conflict."""
    with transaction.atomic():
        agent = _locked(person, agent_id)
        if reason := why_not_approve(person, agent):
            raise NotAllowed(reason, code="may_not_approve")
        if agent.digest != seen:
            raise Conflict(
                f"{agent} was changed meanwhile.",
                remedy="Read it again, then decide.",
                code="changed_meanwhile",
            )
        agent.approved_by, agent.approved_at = person, now()
        Agent.objects.filter(pk=agent.pk).update(approved_by=person, approved_at=agent.approved_at)
        _enter(person, agent, {"approved": agent.digest})
    return agent


def remove_agent(person: User, agent_id: int) -> str:
    """Take an entry off the list; returns what it was. Raises NotAllowed, Conflict."""
    with transaction.atomic():
        agent = _locked(person, agent_id)
        require(person, {Role.ADMINISTRATOR}, agent.team, "change the list of agents")
        _enter(person, agent, {"removed": agent.digest})
        agent.delete()
    return str(agent)


def why_not_approve(person: User, agent: Agent) -> str:
    """Why this person may not approve this entry; empty when they may."""
    if agent.approved_by_id:
        return f"{agent} is approved already."
    if person.pk == agent.written_by_id:
        return "You wrote this entry; somebody else has to approve it."
    if not roles(person, agent.team) & APPROVERS:
        whose = f"team {agent.team}" if agent.team else "every team"
        return f"Only an approver or administrator of {whose} may approve it."
    return ""


def _commands(entry: AgentEntry) -> list[list[str]]:
    if entry.kind is AgentKind.SUBSYSTEM:
        words.subsystem(entry.name)
        if entry.stop or entry.start or entry.check:
            raise Invalid(
                "A subsystem is stopped and started by stopsrc and startsrc.",
                remedy="Leave its commands empty, or enter it as one with commands of its own.",
                code="not_a_subsystem",
            )
        return [[], [], []]
    words.program(entry.name)
    check = list(words.own_command(entry.check)) if entry.check else []
    return [list(words.own_command(entry.stop)), list(words.own_command(entry.start)), check]


def _locked(person: User, agent_id: int) -> Agent:
    agent = Agent.objects.select_for_update(of=("self",)).select_related("team").filter(pk=agent_id).first()
    if agent is None or not visible_agents(person).filter(pk=agent_id).exists():
        raise Invalid("There is no such agent among those you may see.", code="not_found")
    return agent


def _enter(person: User, agent: Agent, data: dict[str, Any]) -> None:
    team = agent.team.slug if agent.team else ""
    record(Event.CONFIG_CHANGE, Actor.person(person.public_id), {"agent": agent.name, "team": team}, data)
