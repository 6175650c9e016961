"""The forms of the approval policy: its rules, and the test bench."""

from typing import Any

from django import forms

from inventory.models import Lpar
from inventory.policies import visible_lpars
from liveupdate.control.policy import NOT_A_STAGE, ChangeClass, read_stages, show_stages
from liveupdate.control.ruling import FACTORS, RISKS, Policy, PolicyRule
from liveupdate.procedures.catalogue import PROCEDURES
from portal.access.models import User
from portal.web.forms import IN_SITE_ZONE, LocalTimeInput

ANY = ("*", "every")
HOUR_S = 3600


class RuleForm(forms.Form):
    """One rule; the first that fits a request counts."""

    change = forms.ChoiceField(choices=[ANY, *((c.value, c.value) for c in ChangeClass)], label="Change")
    environment = forms.CharField(max_length=20, initial="*", help_text="* is every environment")
    risk = forms.ChoiceField(choices=[ANY, *((risk, risk) for risk in RISKS)])
    stages = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=NOT_A_STAGE,
        label="Stages in order",
    )
    expires_h = forms.IntegerField(
        min_value=0, initial=0, label="An approval counts for (h)", help_text="0: until the window ends"
    )
    step_up = forms.ChoiceField(
        choices=[(factor, factor.replace("_", " ")) for factor in FACTORS], label="Asked again"
    )

    def rule(self) -> PolicyRule:
        """What was filled in. Raises Invalid for stages that are none."""
        values = self.cleaned_data
        return PolicyRule(
            change=values["change"],
            environment=values["environment"].strip(),
            risk=values["risk"],
            stages=read_stages(values["stages"]),
            expires_s=values["expires_h"] * HOUR_S,
            step_up=values["step_up"],
        )


RuleFormSet = forms.formset_factory(
    RuleForm, extra=1, can_order=True, can_delete=True, can_delete_extra=False, max_num=30
)


class PolicyForm(forms.Form):
    """What belongs to a version besides its rules."""

    confirm_min = forms.IntegerField(min_value=1, label="An emergency is confirmed within (min)")
    review_days = forms.IntegerField(min_value=1, label="and looked back at within (days)")
    active_from = forms.DateTimeField(widget=LocalTimeInput(), label="Holds from", help_text=IN_SITE_ZONE)
    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="Why")


class BenchForm(forms.Form):
    """A request that nobody made."""

    lpar = forms.ModelChoiceField(Lpar.objects.none(), label="LPAR")
    procedure = forms.ChoiceField(choices=[(name, each.title) for name, each in PROCEDURES.items()])
    change = forms.ChoiceField(
        choices=[(c.value, c.value) for c in ChangeClass], initial=ChangeClass.NORMAL, label="Change"
    )
    requester = forms.ModelChoiceField(User.objects.filter(is_active=True), label="Asked for by")

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        """Among the LPARs that this person may see."""
        super().__init__(*args, **kwargs)
        lpars = self.fields["lpar"]
        assert isinstance(lpars, forms.ModelChoiceField)
        lpars.queryset = visible_lpars(person).select_related("host")


def filled_from(policy: Policy) -> list[dict[str, Any]]:
    """The rules as the forms show them."""
    return [
        {
            "change": rule["change"],
            "environment": rule["environment"],
            "risk": rule["risk"],
            "stages": show_stages(rule["stages"]),
            "expires_h": rule["expires_s"] // HOUR_S,
            "step_up": rule["step_up"],
            "ORDER": number,
        }
        for number, rule in enumerate(policy["rules"], 1)
    ]


def policy_from(head: PolicyForm, rules: Any) -> Policy:
    """The policy that was filled in. Raises Invalid."""
    return Policy(
        rules=[form.rule() for form in rules.ordered_forms if form.has_changed() or form.initial],
        confirm_s=head.cleaned_data["confirm_min"] * 60,
        review_days=head.cleaned_data["review_days"],
    )
