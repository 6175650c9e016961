"""Processes on replaced libraries: the page of an LPAR's, and the acceptance of one by its name."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from liveupdate.actions.acceptances import MAY_ACCEPT, accept_stale
from liveupdate.pages.forms import values_of
from liveupdate.pages.stale import next_round, stale_rows
from liveupdate.views.lpars import LparPage
from portal.access.policies import roles
from portal.access.requests import person_of


class AcceptForm(forms.Form):
    """One acceptance."""

    name = forms.CharField(max_length=60, label="Process", help_text="Its name as genld -u prints it.")
    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Why")
    good_until = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Until")
    whole_team = forms.BooleanField(required=False, label="On every LPAR of the team")


class LparStaleView(LparPage):
    """What still uses old libraries, whose it is, who accepts it; with the button that asks for restarts."""

    template_name = "liveupdate/lpar_stale.html"
    tab = "stale"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`rows`, what comes next for them, `problem`, and the form for who may accept."""
        rows, problem = stale_rows(self.lpar)
        may = bool(roles(person_of(self.request), self.lpar.team) & MAY_ACCEPT)
        return super().get_context_data(
            rows=rows,
            next_round=next_round(self.lpar, rows),
            problem=problem,
            form=AcceptForm() if may else None,
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Accept one by its name. Raises NotAllowed, Invalid."""
        lpar = self.lpar
        wanted = values_of(AcceptForm(request.POST))
        given = accept_stale(person_of(request), lpar.pk, wanted.pop("name"), **wanted)
        messages.success(request, f"{given} may go on with the old libraries until {given.good_until}.")
        return redirect("lpar-stale", pk=lpar.pk)
