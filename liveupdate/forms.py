"""Forms of requests and decisions."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone_name

from liveupdate.actions.requests import Wish
from liveupdate.consents import CONSENT_TITLES, Consent
from liveupdate.procedures import words
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.procedures.step import Branch
from portal.lib.errors import Invalid

LOCAL_TIME = "%Y-%m-%dT%H:%M"


class LocalTimeInput(forms.DateTimeInput):
    """A date and time in the site's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=LOCAL_TIME)


class RequestForm(forms.Form):
    """What a requester asks for; values that no command may hold are refused here already."""

    procedure = forms.ChoiceField(label="What to do")
    media = forms.CharField(  # type: ignore[assignment]  # a field; Form.media stays what it is
        max_length=300,
        label="Where the updates are",
        help_text="SERVER:/directory on a NIM master or NFS server, or a directory on the LPAR itself.",
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
    )
    target_level = forms.CharField(
        max_length=20,
        label="Level afterwards",
        help_text="As oslevel -s will print it, e.g. 7200-05-04-2220. The run fails if it is another one.",
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
    )
    consents = forms.MultipleChoiceField(
        required=False,
        choices=[(consent.value, CONSENT_TITLES[consent]) for consent in Consent],
        widget=forms.CheckboxSelectMultiple,
        label="What the plan may do to this LPAR before the update",
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

    def __init__(self, *args: Any, needed: Collection[str] = (), **kwargs: Any) -> None:
        """`needed` names the consents that the LPAR needs as it was seen last; they stand first."""
        super().__init__(*args, **kwargs)
        consents_field = self.fields["consents"]
        assert isinstance(consents_field, forms.MultipleChoiceField)
        titles = [(c.value, CONSENT_TITLES[c]) for c in Consent]
        first = [(name, f"{title} — this LPAR needs it") for name, title in titles if name in needed]
        consents_field.choices = first + [(name, title) for name, title in titles if name not in needed]
        choices = [(name, procedure.title) for name, procedure in PROCEDURES.items()]
        procedure_field = self.fields["procedure"]
        assert isinstance(procedure_field, forms.ChoiceField)
        procedure_field.choices = choices
        self.initial.setdefault("procedure", choices[0][0])
        self.fields["starts_at"].help_text = f"Time zone of this site: {get_current_timezone_name()}."

    def clean_media(self) -> str:
        """A place that a plan may name."""
        return self._word("media", words.media)

    def clean_target_level(self) -> str:
        """A level as AIX prints it."""
        return self._word("target_level", words.level)

    def _word(self, field: str, check: Any) -> str:
        text = str(self.cleaned_data[field]).strip()
        try:
            check(text)
        except Invalid as error:
            raise forms.ValidationError(error.message) from error
        return text

    def wish(self) -> Wish:
        """What was asked for."""
        values = self.cleaned_data
        return Wish(
            procedure=values["procedure"],
            media=values["media"],
            target_level=values["target_level"],
            consents=values["consents"],
            reason=values["reason"],
            impact=values["impact"],
            fallback=values["fallback"],
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
        )


def values_of(form: forms.Form) -> dict[str, Any]:
    """What a small form of one step holds. Raises Invalid with what is wrong with it."""
    if not form.is_valid():
        wrong = [str(error) for errors in form.errors.values() for error in errors]
        raise Invalid(" ".join(wrong), remedy="Go back and fill it in again.")
    return form.cleaned_data


class DigestForm(forms.Form):
    """A step that concerns exactly the plan that was shown."""

    plan_digest = forms.CharField(
        widget=forms.HiddenInput,
        max_length=71,
        error_messages={"required": "The form does not say which plan it is about."},
    )


class DecisionForm(DigestForm):
    """A decision: `version` is the reading of the request, with its window and reasons, that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ApproveForm(DecisionForm):
    """An approval."""

    comment = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Comment"
    )


class RejectForm(DecisionForm):
    """A rejection, with its reason."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What has to change",
        error_messages={"required": "A rejection needs a reason."},
    )


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why",
        error_messages={"required": "Taking something back needs a reason."},
    )


class AnswerForm(forms.Form):
    """What a person says of a requirement that no command can test."""

    holds = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        label="Your answer",
    )
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="How you know",
        help_text="Whom you asked, which document says so, which test showed it.",
    )
    good_until = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}),
        label="Good until",
        help_text="The last day on which the answer counts; then it is asked again. At most a year away.",
    )


class DecideForm(forms.Form):
    """How a run that waits for a person goes on; `branches` are the ways out that it is offered.

    Where a step has failed that has such ways out there is nothing to continue with.
    """

    decision = forms.ChoiceField(
        widget=forms.RadioSelect,
        label="Decision",
        error_messages={"required": "A decision needs a choice."},
    )
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What you found on the host",
        error_messages={"required": "A decision needs a reason."},
    )

    def __init__(
        self, *args: Any, branches: Iterable[Branch] = (), may_continue: bool = True, **kwargs: Any
    ) -> None:
        """A branch is the choice `branch:NAME`."""
        super().__init__(*args, **kwargs)
        decision = self.fields["decision"]
        assert isinstance(decision, forms.ChoiceField)
        decision.choices = [
            *((f"branch:{branch.name}", branch.title) for branch in branches),
            *([("continue", "Attach again and go on")] if may_continue else []),
            ("restore", "Give up and take back what was changed"),
            ("close", "Close the run as failed and leave everything as it is"),
        ]
