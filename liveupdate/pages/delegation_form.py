"""The form by which somebody lets another person decide for them."""

from datetime import timedelta
from typing import Any

from django import forms

from liveupdate.control.ruling import RISKS
from portal.access.models import User
from portal.web.forms import IN_SITE_ZONE, LocalTimeInput

LASTS = timedelta(days=14)
"""How long a delegation lasts unless somebody says otherwise."""


class DelegationForm(forms.Form):
    """To whom, from when to when, and how far."""

    taker = forms.ModelChoiceField(User.objects.none(), label="Who decides for you")
    starts_at = forms.DateTimeField(widget=LocalTimeInput(), label="From", help_text=IN_SITE_ZONE)
    ends_at = forms.DateTimeField(widget=LocalTimeInput(), label="Until")
    risk = forms.ChoiceField(choices=[(risk, risk) for risk in RISKS], label="Up to the risk")
    environments = forms.CharField(
        required=False,
        max_length=200,
        label="In these environments",
        help_text="With commas between them. Empty: in all.",
    )
    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Why")

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        """Anybody but this person."""
        super().__init__(*args, **kwargs)
        taker = self.fields["taker"]
        assert isinstance(taker, forms.ModelChoiceField)
        taker.queryset = User.objects.filter(is_active=True).exclude(pk=person.pk)
