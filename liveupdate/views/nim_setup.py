"""What a NIM master has for Live Update, and what is missing."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from inventory.views.nim import visible_masters
from liveupdate.pages.nim_setup import FIREWALL, setups
from portal.access.requests import person_of


class NimSetupView(TemplateView):
    """The set-up of one NIM master, HMC by HMC."""

    template_name = "liveupdate/nim_setup.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`master`, `setups`, `firewall`."""
        person = person_of(self.request)
        master = get_object_or_404(visible_masters(person), pk=kwargs["pk"])
        shown = setups(master, person)
        return super().get_context_data(master=master, setups=shown, firewall=FIREWALL, **kwargs)
