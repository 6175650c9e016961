"""One's own mails: what was sent, what could not be, and what one does without."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.mailing import failing_notices
from liveupdate.actions.notices import choose_mail
from liveupdate.control.notices import INFORMATION, SAID
from liveupdate.models import MailChoice, Notice
from portal.access.policies import roles
from portal.access.requests import person_of
from portal.access.roles import Role

SHOWN = 50


class NoticesView(TemplateView):
    """The newest mails to the person, and their choice; administrators also see what cannot be sent."""

    template_name = "liveupdate/notices.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`notices`, `actions_only`, `information` (what one may do without), `failing`."""
        person = person_of(self.request)
        administers = Role.ADMINISTRATOR in roles(person, None)
        failing = failing_notices().select_related("person")[:SHOWN] if administers else []
        return super().get_context_data(
            notices=Notice.objects.filter(person=person).select_related("request", "campaign", "report")[
                :SHOWN
            ],
            actions_only=MailChoice.objects.filter(person=person, actions_only=True).exists(),
            information=[words for occasion, words in SAID.items() if occasion in INFORMATION],
            failing=failing,
            **kwargs,
        )


class MailChoiceView(View):
    """Do without mails on which nobody has to act, or have them again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the choice and go back."""
        choose_mail(person_of(request), actions_only=request.POST.get("actions_only") == "yes")
        messages.success(request, "Stored.")
        return redirect("notices")
