"""The form that asks for an evidence bundle."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms

from liveupdate.bundle.scope import Scope, scope_of
from portal.access.models import Team
from portal.lib.errors import Invalid


class EvidenceForm(forms.Form):
    """What the bundle is about: one run, one request, one team, or a period in days of UTC."""

    run = forms.IntegerField(required=False, min_value=1, help_text="Its number, as in the address.")
    request = forms.CharField(required=False, max_length=20, help_text="R-000104 or 104.")
    team = forms.ModelChoiceField(Team.objects.all(), required=False, empty_label="None")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        required=False,
        label="To",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day that it holds.",
    )
    pseudonyms = forms.BooleanField(required=False, label="Leave the names of people out")

    scope: Scope
    """What was asked for, once the form is valid."""

    def clean(self) -> dict[str, Any]:
        """Exactly one of them is named, and it is there."""
        given = super().clean() or self.cleaned_data
        team: Team | None = given.get("team")
        begin, end = _midnight(given.get("since")), _midnight(given.get("until"), timedelta(days=1))
        try:
            self.scope = scope_of(
                given.get("run"), given.get("request") or None, team.slug if team else None, begin, end
            )
        except Invalid as error:
            raise forms.ValidationError(f"{error.message} {error.remedy}".strip()) from error
        return given


def _midnight(day: date | None, later: timedelta = timedelta()) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC) + later
