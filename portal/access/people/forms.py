"""Forms of the pages of people."""

from django import forms

from portal.access.models import Team
from portal.access.personal.deciding import LONGEST
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


class ReasonForm(forms.Form):
    """Why something is decided of a person's data."""

    reason = forms.CharField(
        max_length=LONGEST,
        help_text="A ticket or a case, never the person's name: the ledger keeps this for ever.",
    )
