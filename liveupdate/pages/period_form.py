"""The form of a change window or a freeze."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone_name

from inventory.models import Lpar
from inventory.policies import visible_lpars
from liveupdate.actions.periods import PeriodWish, may_write
from liveupdate.control.calendar import Kind
from liveupdate.control.period_document import NAME_LENGTH, WALL
from liveupdate.models import StoredPeriod
from liveupdate.pages.request_form import EXACT
from portal.access.models import Team, User
from portal.access.policies import visible_teams
from portal.web.forms import LocalTimeInput

ONCE, BY_RULE = "", "rule"
REPEATS = (
    (ONCE, "Once"),
    ("FREQ=DAILY", "Every day"),
    ("FREQ=WEEKLY", "Every week"),
    ("FREQ=MONTHLY", "Every month, on this day of it"),
    ("FREQ=YEARLY", "Every year"),
    (BY_RULE, "By a rule"),
)


SAME = ("kind", "name", "environment", "application", "zone", "version")
"""What the form and the stored period call the same."""


class WallTimeField(forms.Field):
    """A date and time by the clock on the wall, whatever its zone."""

    widget = LocalTimeInput

    def to_python(self, value: Any) -> datetime | None:
        """The naive time, to the minute."""
        if not value:
            return None
        try:
            return datetime.fromisoformat(str(value)).replace(tzinfo=None, second=0, microsecond=0)
        except ValueError as error:
            raise forms.ValidationError("Enter a date and a time, e.g. 2026-11-29T02:00.") from error


class TeamsForm(forms.Form):
    """What concerns one team's part of the calendar, or (team empty) everybody's."""

    team = forms.ModelChoiceField(Team.objects.none(), required=False, help_text="Only LPARs of this team.")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        """`person` chooses among the teams whose calendar they may change."""
        super().__init__(*args, **kwargs)
        self.person = person
        own = [team.pk for team in visible_teams(person) if may_write(person, team)]
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = Team.objects.filter(pk__in=own)
        if may_write(person, None):
            team.empty_label = "Every team"
        else:
            team.required, team.empty_label = True, None


class PeriodForm(TeamsForm):
    """When, for whom, and why."""

    kind = forms.ChoiceField(
        choices=[
            (Kind.WINDOW.value, "Change window: runs may start in it"),
            (Kind.FREEZE.value, "Freeze: nothing starts in it"),
        ],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(max_length=NAME_LENGTH, help_text="As people call it: Sunday night, year-end.")
    environment = forms.ChoiceField(required=False)
    application = forms.CharField(max_length=80, required=False)
    lpar = forms.CharField(
        max_length=100, required=False, label="One LPAR", widget=forms.TextInput(attrs=EXACT),
        help_text="Its name. Everything that is named has to apply; nothing named means every LPAR.",
    )  # fmt: skip
    zone = forms.CharField(
        max_length=60, label="Time zone", widget=forms.TextInput(attrs=EXACT),
        help_text="By its IANA name, e.g. Europe/Berlin. Begin and end are what a clock there shows.",
    )  # fmt: skip
    first = WallTimeField(label="Begins, for the first time")
    last = WallTimeField(label="Ends, for the first time")
    repeats = forms.ChoiceField(choices=REPEATS, required=False)
    rule = forms.CharField(
        max_length=300, required=False, label="Rule", widget=forms.TextInput(attrs=EXACT),
        help_text="RFC 5545, e.g. FREQ=MONTHLY;BYDAY=2SA for the second Saturday of each month.",
    )  # fmt: skip
    but = forms.CharField(
        max_length=2000, required=False, label="But not on", widget=forms.TextInput(attrs=EXACT),
        help_text="Days on which it does not begin: 2026-12-27, 2027-01-03.",
    )  # fmt: skip
    reason = forms.CharField(
        max_length=2000, label="Why", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Stands in the ledger beside the change.",
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        """`person` chooses among what they may see."""
        super().__init__(*args, person=person, **kwargs)
        environment = self.fields["environment"]
        assert isinstance(environment, forms.ChoiceField)
        named = visible_lpars(person).order_by().values_list("environment", flat=True).distinct()
        known = sorted({*named, str(self.initial.get("environment", ""))} - {""})
        environment.choices = [("", "Every environment"), *((name, name) for name in known)]
        self.initial.setdefault("zone", get_current_timezone_name())

    def clean_lpar(self) -> Lpar | None:
        """The LPAR of that name, if it is one that the person may see."""
        name = self.cleaned_data["lpar"].strip()
        if not name:
            return None
        lpar = visible_lpars(self.person).select_related("host", "team").filter(host__name=name).first()
        if lpar is None:
            raise forms.ValidationError(f"There is no LPAR {name} among those you may see.")
        return lpar

    def clean_but(self) -> frozenset[date]:
        """The days."""
        words = self.cleaned_data["but"].replace(",", " ").split()
        try:
            return frozenset(date.fromisoformat(word) for word in words)
        except ValueError as error:
            raise forms.ValidationError("Write days as 2026-12-27, with commas between them.") from error

    def clean(self) -> dict[str, Any]:
        """A rule counts only where it is chosen."""
        values = super().clean() or {}
        by_rule = values.get("repeats") == BY_RULE
        if by_rule != bool(values.get("rule", "").strip()):
            self.add_error(
                "rule", "Write the rule." if by_rule else "Choose “By a rule” above, or leave it empty."
            )
        return values

    def wish(self) -> PeriodWish:
        """What was filled in."""
        values = self.cleaned_data
        repeats = values["repeats"]
        return PeriodWish(
            Kind(values["kind"]),
            values["name"],
            values["zone"],
            values["first"],
            values["last"],
            rule=values["rule"] if repeats == BY_RULE else repeats,
            but=values["but"],
            team=values["team"],
            environment=values["environment"],
            application=values["application"],
            lpar=values["lpar"],
        )


def filled_from(row: StoredPeriod) -> dict[str, Any]:
    """A period as the form shows it."""
    first = datetime.strptime(row.first, WALL)  # noqa: DTZ007 - a clock on a wall has no zone
    known = {value for value, _ in REPEATS}
    return {
        **{
            name: getattr(row, name)
            for name in ("kind", "name", "environment", "application", "zone", "version")
        },
        "team": row.team_id,
        "lpar": row.lpar.name if row.lpar else "",
        "first": first,
        "last": first + timedelta(minutes=row.minutes),
        "repeats": row.rule if row.rule in known else BY_RULE,
        "rule": "" if row.rule in known else row.rule,
        "but": ", ".join(row.but),
    }
