"""Agents that a plan may stop for an update: written by one person, approved by another."""

from typing import Any

from django.db import models
from django.db.models import Q

from liveupdate.lpar.agents import AgentKind
from liveupdate.lpar.subject import ListedAgent
from portal.access.models import Team, User
from portal.lib.canonical import canonical_json, digest


class Agent(models.Model):
    """One agent of a team's LPARs, or (team empty) of all LPARs.

    `name` is the subsystem as `lssrc` lists it, or the program as `ps` shows it. The
    commands are lists of words; a subsystem has none, and `check_command` (status 0 while the agent runs)
    may be empty. Who changes the entry takes its approval away.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="agents")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in AgentKind])
    stop_command = models.JSONField(default=list, blank=True)
    start_command = models.JSONField(default=list, blank=True)
    check_command = models.JSONField(default=list, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "team__name"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="agent_once"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(team__isnull=True), name="agent_any_team_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {f'team {self.team}' if self.team else 'every team'}"

    @property
    def document(self) -> dict[str, Any]:
        """What is approved, as the ledger holds it."""
        return {
            "agent": self.name,
            "team": self.team.slug if self.team else "",
            "kind": self.kind,
            "stop": self.stop_command,
            "start": self.start_command,
            "check": self.check_command,
        }

    @property
    def digest(self) -> str:
        """The digest of what is approved."""
        return digest(canonical_json(self.document))

    @property
    def state(self) -> str:
        """`approved`, or `submitted` while nobody has approved it."""
        return "approved" if self.approved_by_id else "submitted"

    @property
    def listed(self) -> ListedAgent:
        """The entry as plans see it."""
        commands = (self.stop_command, self.start_command, self.check_command)
        return ListedAgent(self.name, self.kind, *(tuple(words) for words in commands))
