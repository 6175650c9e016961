"""The form of a campaign: the work as on a request, the LPARs by name, and how to go about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from inventory.models import Lpar
from inventory.policies import visible_lpars
from liveupdate.actions.campaigns import CONFIRM_OVER, MOST_LPARS, CampaignTerms
from liveupdate.control.reasons import Reason
from liveupdate.pages.request_form import EXACT, RequestForm
from liveupdate.records.eligibility import eligibility_of
from portal.access.models import User


@dataclass(frozen=True, slots=True)
class Chosen:
    """The LPARs that were named: each with why it cannot be taken, and names that stand for none."""

    rows: tuple[tuple[Lpar, list[Reason]], ...]
    unknown: tuple[str, ...]

    @property
    def eligible(self) -> list[Lpar]:
        """Those that can be taken."""
        return [lpar for lpar, reasons in self.rows if not reasons]

    @property
    def has_to_be_counted(self) -> bool:
        """Whether a person has to type how many they are."""
        return len(self.eligible) > CONFIRM_OVER


def chosen_lpars(person: User, text: str, procedure: str) -> Chosen:
    """The LPARs whose names stand in a pasted text, in its order, each once."""
    names = list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))[: MOST_LPARS + 1]
    found = visible_lpars(person).filter(host__name__in=names)
    by_name = {lpar.name: lpar for lpar in found.select_related("host", "team", "managed_system")}
    known = [by_name[name] for name in names if name in by_name]
    reasons = eligibility_of(person, known, procedure)
    unknown = tuple(name for name in names if name not in by_name)
    return Chosen(tuple((lpar, reasons[lpar]) for lpar in known), unknown)


class CampaignForm(RequestForm):
    """What is asked for on each LPAR, and the terms of the campaign."""

    name = forms.CharField(label="Name of the campaign", max_length=80)
    lpars = forms.CharField(
        label="LPARs",
        widget=forms.Textarea(attrs={**EXACT, "rows": 4}),
        max_length=20_000,
        help_text="Names, separated by blanks, commas or lines.",
    )
    canaries_most = forms.IntegerField(
        label="Canaries at most",
        min_value=1,
        max_value=20,
        initial=2,
        help_text="They go first. The portal proposes those that have most of what the others have.",
    )
    soak_minutes = forms.IntegerField(
        label="Soak after each wave, minutes", min_value=0, max_value=7 * 24 * 60, initial=60
    )
    failures_most = forms.IntegerField(
        label="Halt at this many failures",
        min_value=1,
        max_value=100,
        initial=1,
        help_text="A canary's halts at once.",
    )
    blackout_s = forms.IntegerField(
        label="Halt if a blackout takes longer, seconds",
        min_value=0,
        initial=60,
        help_text="0: however long.",
    )
    contact_minutes = forms.IntegerField(
        label="Halt if contact is lost for longer, minutes", min_value=1, initial=15
    )
    clusters = forms.CharField(
        label="Clusters",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={**EXACT, "rows": 2, "placeholder": "payclu: pay01, pay02"}),
        help_text="One in a line: NAME: LPAR, LPAR. Never two LPARs of a cluster are updated at once. "
        "Nodes of PowerHA of which nobody says the cluster count as one.",
    )
    applications_apart = forms.BooleanField(
        label="Never two LPARs of one application at once", required=False, initial=True
    )
    counted = forms.IntegerField(label="How many LPARs", required=False, min_value=1)

    def __init__(self, *args: Any, chosen: Chosen | None = None, **kwargs: Any) -> None:
        """`chosen` are the LPARs as they are known so far; the count is asked for where it is needed."""
        super().__init__(*args, **kwargs)
        first = ("name", "lpars", *(() if chosen is None or not chosen.has_to_be_counted else ("counted",)))
        if "counted" not in first:
            del self.fields["counted"]
        else:
            self.fields["counted"].help_text = f"Type {len(chosen.eligible)} to say that you mean them all."  # type: ignore[union-attr]
        self.order_fields(first)

    def terms(self) -> CampaignTerms:
        """How the campaign goes about it."""
        return CampaignTerms(**{name: self.cleaned_data[name] for name in CampaignTerms.__dataclass_fields__})


class CanariesForm(forms.Form):
    """Which LPARs go first."""

    canaries = forms.CharField(
        label="Canaries",
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs=EXACT),
        help_text="Names, separated by blanks or commas; empty: those that the portal proposes.",
    )

    def names(self) -> Sequence[str]:
        """The names."""
        return str(self.cleaned_data["canaries"]).replace(",", " ").split()
