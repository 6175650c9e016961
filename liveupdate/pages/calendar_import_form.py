"""The form in which a calendar file is given: looked at first, then imported."""

from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone_name

from liveupdate.control.calendar import Kind, Scope
from liveupdate.control.ical import Imported, read_calendar
from liveupdate.pages.period_form import TeamsForm
from liveupdate.pages.request_form import EXACT


class CalendarImportForm(TeamsForm):
    """A file, or its text, and what its events are."""

    file = forms.FileField(required=False, label="Calendar file (.ics)")
    content = forms.CharField(
        required=False, strip=False, label="Or its text", widget=forms.Textarea(attrs={**EXACT, "rows": 6})
    )
    kind = forms.ChoiceField(
        choices=[(Kind.FREEZE.value, "Freezes"), (Kind.WINDOW.value, "Change windows")],
        widget=forms.RadioSelect,
        initial=Kind.FREEZE.value,
        label="Its events are",
        help_text="Events of the category FREEZE or CHANGE WINDOW are what it says.",
    )
    zone = forms.CharField(
        max_length=60,
        label="Time zone of whole days",
        initial=get_current_timezone_name,
        widget=forms.TextInput(attrs=EXACT),
    )
    reason = forms.CharField(max_length=2000, label="Why", widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        """The text, from the file if there is one."""
        values = super().clean() or {}
        if upload := values.get("file"):
            try:
                values["content"] = upload.read().decode()
            except UnicodeDecodeError:
                self.add_error("file", "The file is not UTF-8 text.")
        if not values.get("content", "").strip() and "file" not in self.errors:
            self.add_error("file", "Choose a file, or paste its text.")
        return values

    def events(self) -> list[Imported]:
        """What the file holds. Raises Invalid."""
        values = self.cleaned_data
        scope = Scope(team=values["team"].slug if values["team"] else "")
        return read_calendar(values["content"].encode(), Kind(values["kind"]), scope, values["zone"])
