"""Hosts: the endpoints, their keys, and what the last contact said."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from inventory.actions.host_keys import accept_host_key, has_proposer, propose_host_key
from inventory.actions.ssh_exceptions import set_ssh_exception
from inventory.filters import HostFilter
from inventory.forms import SshExceptionForm
from inventory.models import Host, HostKey
from inventory.policies import administers, visible_hosts
from inventory.tables import HostTable
from portal.access.models import User
from portal.access.policies import SEE_EVERYTHING, require
from portal.access.requests import person_of
from portal.lib.errors import Invalid
from portal.web.lists import ListView


class HostListView(ListView):
    """Every endpoint."""

    table_class = HostTable
    filterset_class = HostFilter
    heading = "Hosts"
    lead = "Where the portal connects, as whom, and whether the host's key was accepted"
    empty = "No hosts yet. An administrator imports them from a file."
    export_name = "hosts"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list, for those who see every endpoint."""
        require(person_of(request), SEE_EVERYTHING, None, "see the hosts")
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Host]:
        """What the person may see, each with the state of its newest key."""
        newest = HostKey.objects.filter(host=OuterRef("pk")).exclude(state=HostKey.State.RETIRED)
        key_state = Subquery(newest.order_by("-seen_at").values("state")[:1])
        return visible_hosts(self.request.user).select_related("credential").annotate(key_state=key_state)


class HostView(TemplateView):
    """One endpoint with its keys."""

    template_name = "inventory/host.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`host`, `keys` with what the person may do with each, `may_accept`, `exception_form`."""
        hosts = visible_hosts(self.request.user).select_related("ssh_excepted_by")
        host = get_object_or_404(hosts, pk=kwargs["pk"])
        keys = list(host.keys.select_related("accepted_by", "proposed_by").order_by("-seen_at"))
        return super().get_context_data(
            host=host,
            keys=_steps(keys, person_of(self.request)),
            exception_form=SshExceptionForm(
                initial={"algorithms": host.weak_algorithms, "reason": host.ssh_exception_reason}
            ),
            may_accept=administers(person_of(self.request)),
            **kwargs,
        )


def _steps(keys: Sequence[HostKey], person: User) -> list[tuple[HostKey, str]]:
    """Each key of a host with what comes next at the hands of this person."""
    if not administers(person):
        return [(key, "") for key in keys]
    first = not any(key.state in HostKey.ONCE_PINNED for key in keys)
    return [(key, _step_of(key, person, first=first)) for key in keys]


def _step_of(key: HostKey, person: User, *, first: bool) -> str:
    """`accept`, `propose`, `wait` for another administrator, or "" for the accepted key."""
    if key.state == HostKey.State.PINNED:
        return ""
    if first:
        return "accept"
    if not has_proposer(key):
        return "propose"
    return "wait" if key.proposed_by_id == person.pk else "accept"


class ProposeHostKeyView(View):
    """Propose a key that is to replace the accepted one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        """Propose the key of this host and go back to the host. Raises NotAllowed, Conflict."""
        host = get_object_or_404(visible_hosts(request.user), pk=pk)
        get_object_or_404(host.keys, pk=key)
        proposed = propose_host_key(key, person_of(request))
        messages.success(
            request, f"{proposed.fingerprint} is proposed. {host} stays blocked until another accepts it."
        )
        return redirect("host", pk=pk)


class AcceptHostKeyView(View):
    """Pin a key that a host showed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        """Accept the key of this host and go back to the host."""
        host = get_object_or_404(visible_hosts(request.user), pk=pk)
        get_object_or_404(host.keys, pk=key)
        accepted = accept_host_key(key, person_of(request))
        messages.success(request, f"{accepted.fingerprint} is now the accepted key of {host}.")
        return redirect("host", pk=pk)


class SshExceptionView(View):
    """Let one host use SSH algorithms below the portal's floor, or end that."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep the exception and go back to the host. Raises NotAllowed, Invalid, Conflict."""
        get_object_or_404(visible_hosts(request.user), pk=pk)
        form = SshExceptionForm(request.POST)
        if not form.is_valid():
            raise Invalid("No exception can be made for that.", remedy="Choose from the list.")
        host = set_ssh_exception(pk, **form.cleaned_data, person=person_of(request))
        said = f"excepted for {', '.join(host.weak_algorithms)}" if host.weak_algorithms else "not excepted"
        messages.success(request, f"{host} is {said}.")
        return redirect("host", pk=pk)
