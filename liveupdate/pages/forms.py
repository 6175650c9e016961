"""Forms of decisions and answers."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms

from inventory.compliance.severity import Severity
from liveupdate.actions.approvals_together import Picked
from liveupdate.procedures.step import Branch
from portal.lib.errors import Invalid

PICKED = re.compile(r"(?P<id>[0-9]{1,9}):(?P<version>[0-9]{1,9}):(?P<digest>sha256:[0-9a-f]{64})")


def values_of(form: forms.Form) -> dict[str, Any]:
    """What a small form of one step holds. Raises Invalid with what is wrong with it."""
    if not form.is_valid():
        wrong = [str(error) for errors in form.errors.values() for error in errors]
        raise Invalid(" ".join(wrong), remedy="Go back and fill it in again.", code="form_not_valid")
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
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
        label="Comment",
    )


class ChangeForm(DecisionForm):
    """What has to change before the request is handed in again."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        label="What has to change",
        error_messages={"required": "Asking for a change needs a reason."},
    )


class CommentForm(forms.Form):
    """Something to be said about a request."""

    text = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Say something",
        error_messages={"required": "A comment needs some words."},
    )


class PickedField(forms.Field):
    """Requests as they were shown, each as `id:version:digest`."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[Picked]:
        """What was picked, in the order of the page."""
        return [_picked(str(each)) for each in value or ()]


def _picked(text: str) -> Picked:
    found = PICKED.fullmatch(text)
    if found is None:
        raise forms.ValidationError("The form does not say which plans it is about.")
    return Picked(int(found["id"]), found["digest"], int(found["version"]))


class AlikeForm(forms.Form):
    """An approval of several plans that are alike, of which `read` was read."""

    read = PickedField(error_messages={"required": "The form does not say which plan you read."})
    picked = PickedField(error_messages={"required": "No request was picked."})
    comment = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Comment for all"
    )


class RejectForm(DecisionForm):
    """A rejection, with its reason."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        label="Why not",
        error_messages={"required": "A rejection needs a reason."},
    )


class UrgentForm(DigestForm):
    """A plan that is handed in as an emergency."""

    incident = forms.CharField(max_length=60, label="Number of the incident")
    reason = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Why it cannot wait"
    )


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why",
        error_messages={"required": "Taking something back needs a reason."},
    )


class ResumeForm(ReasonForm):
    """Why a halted campaign goes on, in spite of what the person was shown."""

    sign = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


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


class ConclusionForm(forms.Form):
    """What somebody concluded who looked back at something."""

    conclusion = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), label="What you concluded"
    )


class ExplainForm(forms.Form):
    """What a change outside the process was."""

    ticket = forms.CharField(max_length=60, label="Ticket")
    explanation = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), label="What was done, by whom, and why"
    )


class DeadlinesForm(forms.Form):
    """Days by severity, and why."""

    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A field for each severity, before the reason."""
        super().__init__(*args, **kwargs)
        for severity in Severity:
            self.fields[severity.value] = forms.IntegerField(
                min_value=1, max_value=3650, label=f"{severity.written}, in days"
            )
        self.order_fields([severity.value for severity in Severity])


class CareForm(forms.Form):
    """Who takes care of a leftover says until when, and how."""

    due_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Gone by")
    reason = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="What you will do"
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
