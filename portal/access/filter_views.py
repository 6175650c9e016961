"""Saving a list's filter, and letting go of it; both lead back to the list."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View

from portal.access.models import SavedFilter, Team
from portal.access.policies import visible_teams
from portal.access.requests import person_of
from portal.access.saved_filters import remove_filter, save_filter
from portal.lib.errors import Invalid


class SaveForm(forms.Form):
    """The list, its filter, a name, and the team that shares it."""

    path = forms.CharField(max_length=200)
    query = forms.CharField(max_length=2000, required=False)
    name = forms.CharField(max_length=200)
    team = forms.ModelChoiceField(Team.objects.all(), required=False)


class SaveFilterView(View):
    """Keep a filter."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save and show the list by the filter. Raises Invalid, NotAllowed."""
        form = SaveForm(request.POST)
        if not form.is_valid():
            raise Invalid("A filter needs a list, a name, and a team or none.", code="value_missing")
        values = form.cleaned_data
        person = person_of(request)
        saved = save_filter(person, values["path"], values["query"], values["name"], values["team"])
        who = f"for team {saved.team}" if saved.team else "for you"
        messages.success(request, f"The filter “{saved.name}” is saved {who}.")
        return redirect(saved.address)


class RemoveFilterView(View):
    """Let go of a filter."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remove it and show the whole list. Raises NotAllowed."""
        person = person_of(request)
        own = SavedFilter.objects.filter(owner=person)
        visible = own | SavedFilter.objects.filter(team__in=visible_teams(person))
        saved = get_object_or_404(visible.select_related("team", "owner"), pk=pk)
        remove_filter(person, saved)
        messages.success(request, f"The filter “{saved.name}” is gone.")
        return redirect(saved.path)
