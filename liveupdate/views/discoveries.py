"""Ask for a discovery."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View

from inventory.policies import visible_hosts
from liveupdate.actions.discoveries import ask_for_discovery
from portal.access.requests import person_of


class DiscoverView(View):
    """Have a worker discover what a host knows."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask and go to the discovery, which follows by itself."""
        host = request.POST.get("host", "")
        pk = int(host) if host.isascii() and host.isdigit() and len(host) < 19 else 0
        discovery = ask_for_discovery(
            person_of(request), get_object_or_404(visible_hosts(request.user), pk=pk)
        )
        messages.info(request, f"A worker reads what {discovery.host} manages; this page follows.")
        return redirect("discovery", pk=discovery.pk)
