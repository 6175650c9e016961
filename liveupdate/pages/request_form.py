"""The form of a request: what to do with an LPAR, and what that procedure has to be told."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms

from liveupdate.actions.requests import Wish
from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.lpar.ifix_packages import ASKED as PACKAGES
from liveupdate.pages.nim_stock import PackageAtHand, Stock
from liveupdate.pages.slot_field import SlotField
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.procedures.procedure import Procedure
from liveupdate.records.free_slots import Offer
from portal.lib.errors import Invalid
from portal.web.forms import IN_SITE_ZONE, LocalTimeInput

PICKED = "picked"
"""The field of the packages that are at hand."""
EMPTY = Stock()
EXACT = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}


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
    starts_at = forms.DateTimeField(
        label="Change window opens", widget=LocalTimeInput(), help_text=IN_SITE_ZONE
    )
    ends_at = forms.DateTimeField(label="Change window ends", widget=LocalTimeInput())
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        asked: Procedure,
        offer: Offer | None = None,
        needed: Collection[str] = (),
        stock: Stock = EMPTY,
        **kwargs: Any,
    ) -> None:
        """`asked` is the procedure; `offer` has the calendar's free slots; `needed` names the consents that
        the LPAR needs as it was seen last, which stand first; `stock` is what its NIM master holds.
        """
        super().__init__(*args, **kwargs)
        self.asked = asked
        self.asks = {ask.name: ask for ask in asked.asks}
        self.stock = stock
        self.fields = {**self._asked_fields(), **self.fields}
        if offer:
            self._offer_slots(offer)
        self.initial["procedure"] = asked.name
        self._offer_consents(needed)

    def _asked_fields(self) -> dict[str, forms.Field]:
        """A field for each value asked for; packages at hand are ticked before others are named."""
        fields: dict[str, forms.Field] = {}
        for name, ask in self.asks.items():
            field = _field_of(ask)
            if self.stock.known(name):
                field.widget.attrs["list"] = f"known-{name}"
            if name == PACKAGES and self.stock.packages:
                fields[PICKED] = self._picked()
                field.label, field.required = "Other packages", False
            fields[name] = field
        return fields

    def _picked(self) -> forms.Field:
        """The packages at hand; those that the request names already are ticked, not typed."""
        named = str(self.initial.get(PACKAGES, "")).splitlines()
        there = [each for each in self.stock.packages if each.file in named and self._lies_there(each)]
        self.initial[PICKED] = [each.place for each in there]
        files = {each.file for each in there}
        self.initial[PACKAGES] = "\n".join(file for file in named if file not in files)
        choices = [(each.place, each.title) for each in self.stock.packages]
        return forms.MultipleChoiceField(
            required=False,
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            label="Interim fixes on the NIM master",
            help_text="As last read. Those of one request lie in one directory.",
        )

    def _lies_there(self, package: PackageAtHand) -> bool:
        """Whether the initial place of the packages is this one's."""
        given = self.initial.get("media") or self.initial.get("lpp_source")
        return given in (package.media, package.lpp_source)

    def _offer_consents(self, needed: Collection[str]) -> None:
        """What the procedure's plans may need, what this LPAR needs first; no field where it is nothing."""
        titles = [(c.value, CONSENT_TITLES[c]) for c in Consent if c in self.asked.consents]
        if not titles:
            del self.fields["consents"]
            return
        field = self.fields["consents"]
        assert isinstance(field, forms.MultipleChoiceField)
        first = [(name, f"{title} — this LPAR needs it") for name, title in titles if name in needed]
        field.choices = first + [(name, title) for name, title in titles if name not in needed]

    def _offer_slots(self, offer: Offer) -> None:
        """Slots to choose from, before the times, which may be left out then."""
        times = {name: self.fields.pop(name) for name in ("starts_at", "ends_at")}
        slot = SlotField(offer)
        self.fields |= {"slot": slot, **times}
        if "version" not in self.initial:
            self.initial["slot"] = slot.earliest
        for field in times.values():
            field.required = False

    def clean(self) -> dict[str, Any]:
        """Every value that the procedure asks for, as a plan may hold it."""
        values = super().clean() or {}
        if PICKED in self.fields:
            self._add_picked(values)
        for name, ask in self.asks.items():
            if name in values:
                try:
                    values[name] = ask.read(values[name])
                except Invalid as error:
                    self.add_error(name, error.message)
        if slot := values.get("slot"):
            values["starts_at"], values["ends_at"] = slot
        elif "slot" in self.fields and not (values.get("starts_at") and values.get("ends_at")):
            self.add_error("slot", "Choose a slot, or give both times.")
        return values

    def _add_picked(self, values: dict[str, Any]) -> None:
        """Put the ticked packages before those that were named; all lie where the request says."""
        ticked = [each for each in self.stock.packages if each.place in values.get(PICKED, ())]
        named = str(values.get(PACKAGES, "")).splitlines()
        values[PACKAGES] = "\n".join(dict.fromkeys([*(each.file for each in ticked), *named]))
        for each in ticked:
            for name, place in (("media", each.media), ("lpp_source", each.lpp_source)):
                if name in self.asks and values.get(name) not in (None, place):
                    self.add_error(name, f"{each.file} lies in {place}.")

    def wish(self) -> Wish:
        """What was asked for."""
        values = self.cleaned_data
        said = {name: values[name] for name in self.asks}
        return Wish(
            procedure=values["procedure"],
            media=said.pop("media", ""),
            target_level=said.pop("target_level", ""),
            choices=said,
            consents=values.get("consents", []),
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
    names = {"reason", "impact", "fallback", "starts_at", "ends_at"}
    asks = {ask.name for procedure in PROCEDURES.values() for ask in procedure.asks}
    return {name: form[name] for name in names | asks if form.get(name)}
