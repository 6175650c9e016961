"""The form of a request: what to do with an LPAR, and what that procedure has to be told."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone_name

from liveupdate.actions.requests import Wish
from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.procedures.procedure import Procedure
from portal.lib.errors import Invalid

LOCAL_TIME = "%Y-%m-%dT%H:%M"
EXACT = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}


class LocalTimeInput(forms.DateTimeInput):
    """A date and time in the site's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=LOCAL_TIME)


class RequestForm(forms.Form):
    """What a requester asks for; values that no command may hold are refused here already."""

    procedure = forms.ChoiceField(
        choices=[(name, procedure.title) for name, procedure in PROCEDURES.items()],
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "There is no such procedure."},
    )
    consents = forms.MultipleChoiceField(
        required=False,
        choices=[(consent.value, CONSENT_TITLES[consent]) for consent in Consent],
        widget=forms.CheckboxSelectMultiple,
        label="What the plan may do to this LPAR beyond that",
        help_text="Only what the LPAR needs is planned; a plan that needs more says so.",
    )
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)
    impact = forms.CharField(
        label="What users will notice",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
    )
    fallback = forms.CharField(
        label="What to do if it goes wrong",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
    )
    starts_at = forms.DateTimeField(label="Change window opens", widget=LocalTimeInput())
    ends_at = forms.DateTimeField(label="Change window ends", widget=LocalTimeInput())
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, asked: Procedure, needed: Collection[str] = (), **kwargs: Any) -> None:
        """`asked` is the procedure; `needed` names the consents that the LPAR needs as it was seen last,
        which stand first.
        """
        super().__init__(*args, **kwargs)
        self.asked = asked
        self.asks = {ask.name: ask for ask in asked.asks}
        self.fields = {name: _field_of(ask) for name, ask in self.asks.items()} | self.fields
        self.initial["procedure"] = asked.name
        consents_field = self.fields["consents"]
        assert isinstance(consents_field, forms.MultipleChoiceField)
        titles = [(c.value, CONSENT_TITLES[c]) for c in Consent]
        first = [(name, f"{title} — this LPAR needs it") for name, title in titles if name in needed]
        consents_field.choices = first + [(name, title) for name, title in titles if name not in needed]
        self.fields["starts_at"].help_text = f"Time zone of this site: {get_current_timezone_name()}."

    def clean(self) -> dict[str, Any]:
        """Every value that the procedure asks for, as a plan may hold it."""
        values = super().clean() or {}
        for name, ask in self.asks.items():
            if name in values:
                try:
                    values[name] = ask.read(values[name])
                except Invalid as error:
                    self.add_error(name, error.message)
        return values

    def wish(self) -> Wish:
        """What was asked for."""
        values = self.cleaned_data
        said = {name: values[name] for name in self.asks}
        return Wish(
            procedure=values["procedure"],
            media=said.pop("media", ""),
            target_level=said.pop("target_level", ""),
            choices=said,
            consents=values["consents"],
            reason=values["reason"],
            impact=values["impact"],
            fallback=values["fallback"],
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
        )


def _field_of(ask: Ask) -> forms.Field:
    common: dict[str, Any] = {"label": ask.label, "help_text": ask.help, "required": ask.required}
    if ask.choices and ask.many:
        return LinesOfChoices(choices=ask.choices, widget=forms.CheckboxSelectMultiple, **common)
    if ask.choices:
        nothing = () if ask.required else (("", "—"),)
        return forms.ChoiceField(choices=(*nothing, *ask.choices), **common)
    if ask.many:
        common["help_text"] = f"{ask.help} One per line."
        return forms.CharField(max_length=4000, widget=forms.Textarea(attrs={**EXACT, "rows": 3}), **common)
    return forms.CharField(max_length=300, widget=forms.TextInput(attrs=EXACT), **common)


class LinesOfChoices(forms.MultipleChoiceField):
    """Several of some choices, kept as lines."""

    def prepare_value(self, value: Any) -> Any:
        """Lines as the choices that are ticked."""
        return value.splitlines() if isinstance(value, str) else value

    def clean(self, value: Any) -> Any:
        """The ticked choices as lines."""
        return "\n".join(super().clean(value))


def kept(form: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in before another procedure was chosen, for the fields that both have."""
    names = ("reason", "impact", "fallback", "starts_at", "ends_at", "media", "target_level")
    return {name: form[name] for name in names if form.get(name)}
