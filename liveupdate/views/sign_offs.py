"""Signing a run off."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View

from liveupdate.actions.sign_offs import MAY_SIGN, MOST_DAYS, sign_off
from liveupdate.pages.forms import values_of
from liveupdate.queries import visible_runs
from portal.access.policies import require
from portal.access.requests import person_of


class SignOffForm(forms.Form):
    """What was checked, and how long the way back is kept."""

    reason = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="What was checked"
    )
    keep_days = forms.IntegerField(
        min_value=0,
        max_value=MOST_DAYS,
        initial=14,
        label="Days to keep the way back",
        help_text="Rollback clone and former rootvg may be removed after them.",
    )


class SignOffView(View):
    """Sign a run off."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sign and go back to the run. Raises NotAllowed, Invalid, Conflict."""
        person = person_of(request)
        run = get_object_or_404(visible_runs(person).select_related("request__team"), pk=pk)
        require(person, MAY_SIGN, run.request.team, f"sign off {run}")
        signed = sign_off(pk, person, **values_of(SignOffForm(request.POST)))
        messages.success(request, f"Signed off. The way back is kept until {signed.keep_until}.")
        return redirect("run", pk=pk)
