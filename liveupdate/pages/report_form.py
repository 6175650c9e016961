"""The forms that ask for a report, and for a schedule of reports."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.timezone import get_current_timezone_name, localdate

from liveupdate.models import ReportSchedule
from liveupdate.records.reports import may_read
from liveupdate.reports.catalogue import Question
from liveupdate.reports.document import Period
from liveupdate.reports.kinds import KINDS
from portal.access.models import Team, User
from portal.access.policies import visible_teams


def kind_choices() -> list[tuple[str, str]]:
    """Every ready report."""
    return [(kind.key, kind.title) for kind in KINDS.values()]


def last_month(today: date) -> tuple[date, date]:
    """The first and the last day of the month before."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


class TeamsOfReader(forms.Form):
    """What can be about one team or, for auditors and administrators, about all."""

    kind = forms.ChoiceField(choices=kind_choices, label="Report")
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="All teams")
    time_zone = forms.CharField(
        max_length=40, label="Time zone", help_text="Days begin and end by it, e.g. Europe/Berlin."
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        """`person` chooses among the teams whose reports they may have."""
        super().__init__(*args, **kwargs)
        self.person = person
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = visible_teams(person).order_by("name")
        if not may_read(person, None):
            team.empty_label, team.required = None, True
        self.fields["time_zone"].initial = get_current_timezone_name()

    def clean_time_zone(self) -> str:
        """A name of the time zone database."""
        name = str(self.cleaned_data["time_zone"]).strip()
        if name not in available_timezones():
            raise forms.ValidationError(f"{name!r} is no time zone. Write Europe/Berlin or UTC.")
        return name


class DayInput(forms.DateInput):
    """A day, chosen in the browser."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReportForm(TeamsOfReader):
    """Which report, about which days, as it could be known when."""

    first_day = forms.DateField(widget=DayInput, label="First day")
    last_day = forms.DateField(widget=DayInput, label="Last day")
    as_of = forms.DateField(
        widget=DayInput,
        required=False,
        label="As of",
        help_text="The end of this day: what came to be known later is left out. Empty: now.",
    )
    field_order = ("kind", "team", "first_day", "last_day", "as_of", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, last = last_month(localdate())
        self.fields["first_day"].initial, self.fields["last_day"].initial = first, last

    def question(self) -> Question:
        """What the cleaned form asks."""
        said = self.cleaned_data
        zone = ZoneInfo(said["time_zone"])
        day = timedelta(days=1)
        period = Period(
            _midnight(said["first_day"], zone), _midnight(said["last_day"] + day, zone), said["time_zone"]
        )
        as_of = _midnight(said["as_of"] + day, zone) if said["as_of"] else None
        return Question(said["kind"], period, said["team"].slug if said["team"] else "", as_of)


class ReportScheduleForm(TeamsOfReader):
    """Which report is made how often, and who gets the link."""

    every = forms.ChoiceField(choices=ReportSchedule.Every.choices)
    recipients = forms.ModelMultipleChoiceField(
        User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="People with a mail address. Who has no right to the report is refused.",
    )
    field_order = ("kind", "team", "every", "time_zone", "recipients")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recipients = self.fields["recipients"]
        assert isinstance(recipients, forms.ModelMultipleChoiceField)
        people = User.objects.filter(is_active=True).exclude(email="").order_by("first_name", "username")
        recipients.queryset = people
        recipients.initial = [self.person.pk]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
