"""The form of an entry of the list of agents."""

import shlex
from typing import Any

from django import forms

from liveupdate.actions.agents import AgentEntry
from liveupdate.lpar.agents import AgentKind
from liveupdate.models import Agent
from portal.access.models import Team

TITLES = {
    AgentKind.SUBSYSTEM: "A subsystem: stopsrc and startsrc",
    AgentKind.COMMANDS: "Commands of its own",
}


class AgentForm(forms.Form):
    """An agent, whose it is, and how it is stopped and started."""

    team = forms.ModelChoiceField(Team.objects.all(), required=False, empty_label="Every team")
    name = forms.CharField(
        max_length=60,
        help_text="A subsystem as lssrc -a lists it, or a program as ps -ef shows it, without its directory.",
    )
    kind = forms.ChoiceField(
        choices=[(kind.value, title) for kind, title in TITLES.items()],
        widget=forms.RadioSelect,
        label="Stopped and started by",
        initial=AgentKind.SUBSYSTEM.value,
    )
    stop = forms.CharField(
        required=False,
        max_length=500,
        label="Stop command",
        help_text="With its directory, as root runs it. No shell reads it; quotes keep words together.",
    )
    start = forms.CharField(required=False, max_length=500, label="Start command")
    check = forms.CharField(
        required=False,
        max_length=500,
        label="Check command",
        help_text="Ends with 0 while the agent runs. Empty: ps -ef decides.",
    )

    def entry(self) -> AgentEntry:
        """What was filled in."""
        values = self.cleaned_data
        return AgentEntry(
            values["team"],
            values["name"],
            AgentKind(values["kind"]),
            stop=values["stop"],
            start=values["start"],
            check=values["check"],
        )


def filled_from(agent: Agent) -> dict[str, Any]:
    """An entry as the form shows it."""
    return {
        "team": agent.team_id,
        "name": agent.name,
        "kind": agent.kind,
        "stop": shlex.join(agent.stop_command),
        "start": shlex.join(agent.start_command),
        "check": shlex.join(agent.check_command),
    }
