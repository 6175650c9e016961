"""The approved list of agents, as it stands for an LPAR."""

from django.db.models import Q

from inventory.models import Lpar
from liveupdate.lpar.subject import ListedAgent
from liveupdate.models import Agent


def approved_agents(lpar: Lpar) -> tuple[ListedAgent, ...]:
    """Agents that a second person approved: the team's own, and those of every team that it has not."""
    rows = Agent.objects.filter(Q(team=lpar.team_id) | Q(team=None)).exclude(approved_by=None)
    by_name: dict[str, Agent] = {}
    for agent in sorted(rows, key=lambda one: one.team_id is not None):
        by_name[agent.name] = agent
    return tuple(by_name[name].listed for name in sorted(by_name))
