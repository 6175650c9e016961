"""Forms of the pages of people."""

from django import forms

from portal.access.models import Team
from portal.access.roles import Role


class GrantForm(forms.Form):
    """A role and where it is held."""

    role = forms.ChoiceField(choices=Role.choices)
    team = forms.ModelChoiceField(
        Team.objects.all(),
        required=False,
        empty_label="All teams",
        help_text="The role Administrator is for all teams only.",
    )
