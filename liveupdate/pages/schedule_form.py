"""The form of a group's refresh schedule."""

from django import forms

from liveupdate.models.schedules import LONGEST, SHORTEST
from portal.access.models import Team


class ScheduleForm(forms.Form):
    """A group of LPARs, and how often their facts are read."""

    team = forms.ModelChoiceField(Team.objects.all(), required=False, empty_label="Every team")
    environment = forms.CharField(
        required=False,
        max_length=20,
        help_text="As the LPARs say it, e.g. production. Empty: every environment.",
    )
    every_minutes = forms.IntegerField(
        min_value=SHORTEST,
        max_value=LONGEST,
        label="Read every (minutes)",
        help_text="60 is once an hour, 1440 once a day.",
    )
    good_for_minutes = forms.IntegerField(
        min_value=SHORTEST,
        max_value=LONGEST,
        label="Good for (minutes)",
        help_text="Facts that are older carry no verdict: the LPAR counts as unknown.",
    )
