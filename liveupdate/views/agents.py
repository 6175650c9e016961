"""The list of agents that plans may stop."""

import shlex
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.agents import (
    approve_agent,
    remove_agent,
    visible_agents,
    why_not_approve,
    write_agent,
)
from liveupdate.models import Agent
from liveupdate.pages.agent_form import AgentForm, filled_from
from portal.access.models import User
from portal.access.policies import require, roles, roles_anywhere
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.lib.errors import Conflict, Invalid


class AgentsView(TemplateView):
    """Every entry that a person may see, and the form for a new one."""

    template_name = "liveupdate/agents.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`agents`, and the form for who may write entries."""
        person = person_of(self.request)
        form = kwargs.pop("form", None) or AgentForm()
        writes = Role.ADMINISTRATOR in roles_anywhere(person)
        return super().get_context_data(
            agents=[_shown(person, agent) for agent in visible_agents(person)],
            form=form if writes else None,
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Enter an agent. Raises NotAllowed."""
        form = AgentForm(request.POST)
        if (agent := _written(person_of(request), form)) is None:
            return self.render_to_response(self.get_context_data(form=form), status=400)
        messages.success(request, f"{agent} is on the list. A second person has to approve it.")
        return redirect("agents")


class AgentView(TemplateView):
    """One entry, to be changed."""

    template_name = "liveupdate/agent.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The entry with its form. Raises NotAllowed."""
        person = person_of(self.request)
        agent = get_object_or_404(visible_agents(person), pk=self.kwargs["pk"])
        require(person, {Role.ADMINISTRATOR}, agent.team, "change the list of agents")
        form = kwargs.pop("form", None) or AgentForm(initial=filled_from(agent))
        return super().get_context_data(agent=agent, form=form, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change it. Raises NotAllowed."""
        form = AgentForm(request.POST)
        if (agent := _written(person_of(request), form, pk)) is None:
            return self.render_to_response(self.get_context_data(form=form), status=400)
        messages.success(request, f"{agent} is changed. A second person has to approve it.")
        return redirect("agents")


class AgentActionView(View):
    """Approve an entry, or take it off the list."""

    http_method_names = ["post"]
    verb = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it. Raises NotAllowed, Conflict, Invalid."""
        person = person_of(request)
        if self.verb == "approve":
            agent = approve_agent(person, pk, request.POST.get("digest", ""))
            messages.success(request, f"{agent} is approved: plans may stop it.")
        else:
            messages.success(request, f"{remove_agent(person, pk)} is off the list.")
        return redirect("agents")


def _shown(person: User, agent: Agent) -> dict[str, Any]:
    return {
        "agent": agent,
        "commands": [
            (title, shlex.join(command))
            for title, command in (
                ("Stop", agent.stop_command),
                ("Start", agent.start_command),
                ("Check", agent.check_command),
            )
            if command
        ],
        "may_approve": not why_not_approve(person, agent),
        "may_change": Role.ADMINISTRATOR in roles(person, agent.team),
    }


def _written(person: User, form: AgentForm, agent_id: int | None = None) -> Agent | None:
    """The entry as the form says, or None with the reason in the form."""
    if not form.is_valid():
        return None
    try:
        return write_agent(person, form.entry(), agent_id)
    except (Invalid, Conflict) as refused:
        form.add_error(None, f"{refused.message} {refused.remedy}".strip())
        return None
