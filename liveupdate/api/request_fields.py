"""Requests as the API shows and takes them."""

import json
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.filters import VERDICTS
from liveupdate.actions.gates import why_not_start
from liveupdate.actions.requests import Wish
from liveupdate.api.findings import FindingSerializer
from liveupdate.api.reasons import ReasonSerializer
from liveupdate.control.reasons import Reason
from liveupdate.lpar.consents import Consent
from liveupdate.models import Approval, Plan, Request
from liveupdate.policies import possible_deciders, refusal_for
from liveupdate.procedures.catalogue import PROCEDURES, procedure_named
from liveupdate.states import RequestState
from portal.access.models import User
from portal.lib.errors import Invalid
from portal.web.api.fields import ExactSerializer, one_of

Slug = serializers.SlugRelatedField[Any]
Name = serializers.StringRelatedField[Any]


class WishSerializer(ExactSerializer):
    """What is asked for. `choices` is what else the procedure asks for, by the name of the Ask."""

    procedure = serializers.ChoiceField(choices=sorted(PROCEDURES))
    media = serializers.CharField(max_length=300, default="", allow_blank=True)
    target_level = serializers.CharField(max_length=20, default="", allow_blank=True)
    choices = serializers.DictField(child=serializers.CharField(max_length=4000), default=dict)
    consents = serializers.ListField(child=one_of(Consent), default=list)
    reason = serializers.CharField(max_length=2000)
    impact = serializers.CharField(max_length=2000, default="", allow_blank=True)
    fallback = serializers.CharField(max_length=2000, default="", allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Values that no command may hold are refused here already."""
        given = {"media": attrs["media"], "target_level": attrs["target_level"], **attrs["choices"]}
        wrong = {}
        for ask in procedure_named(attrs["procedure"]).asks:
            try:
                ask.read(given.get(ask.name, ""))
            except Invalid as refused:
                wrong[ask.name] = [refused.message]
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs

    @staticmethod
    def wish_of(values: dict[str, Any]) -> Wish:
        """The wish that these values say."""
        return Wish(**{name: value for name, value in values.items() if name != "lpar"})


class NewRequestSerializer(WishSerializer):
    """What is asked for, and for which LPAR."""

    lpar = serializers.IntegerField()


class RequestSerializer(serializers.ModelSerializer[Request]):
    """A request as lists show it."""

    number = serializers.CharField(help_text="What people quote, e.g. R-000104.")
    lpar = serializers.IntegerField(source="lpar_id")
    lpar_name = serializers.CharField(source="lpar.name")
    team = Slug(slug_field="slug", read_only=True)
    requester = Name()
    state = one_of(RequestState)
    page = serializers.CharField(source="get_absolute_url", help_text="The address of its page.")

    class Meta:
        model = Request
        fields = [
            *("id", "number", "lpar", "lpar_name", "team", "requester", "procedure", "target_level"),
            *("state", "state_reason", "version", "starts_at", "ends_at", "created_at", "updated_at", "page"),
        ]
        read_only_fields = fields


def decisions_on(request: Request) -> QuerySet[Approval]:
    """The decisions on a request's present plan, in the order in which they were taken."""
    return Approval.objects.filter(plan=request.plan_id).select_related("person")


class DecisionSerializer(serializers.ModelSerializer[Approval]):
    """A decision that was taken on the plan with this digest."""

    person = Name()
    decision = serializers.ChoiceField(choices=Approval.Decision.choices)

    class Meta:
        model = Approval
        fields = ["id", "person", "decision", "digest", "reason", "decided_at"]
        read_only_fields = fields


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """A plan: `document` is the text whose SHA-256 is `digest`, as canonical JSON."""

    verdict = serializers.ChoiceField(choices=VERDICTS)
    content = serializers.SerializerMethodField(help_text="The document, parsed.")

    class Meta:
        model = Plan
        fields = ["digest", "summary", "verdict", "facts_read_at", "rendered_at", "document", "content"]
        read_only_fields = fields

    def get_content(self, plan: Plan) -> dict[str, Any]:
        """For programs that do not check the digest themselves."""
        content: dict[str, Any] = json.loads(plan.document)
        return content


class RequestDetailSerializer(RequestSerializer):
    """A request with its plan, what was decided, and what stands in the way."""

    last_editor = Name()
    findings = FindingSerializer(many=True)
    verdict = serializers.ChoiceField(choices=VERDICTS)
    plan = PlanSerializer(allow_null=True)
    decisions = serializers.SerializerMethodField()
    can_decide = serializers.SerializerMethodField(help_text="Who could decide on it now.")
    why_not_decide = serializers.SerializerMethodField(help_text="Why one may not; null if one may.")
    why_not_start = serializers.SerializerMethodField(help_text="Why it does not start now.")
    run = serializers.SerializerMethodField()

    class Meta(RequestSerializer.Meta):
        fields = [
            *RequestSerializer.Meta.fields,
            *("media", "choices", "consents", "reason", "impact", "fallback", "last_editor", "verdict"),
            *("findings", "plan", "decisions", "can_decide", "why_not_decide", "why_not_start", "run"),
        ]
        read_only_fields = fields

    @extend_schema_field(DecisionSerializer(many=True))
    def get_decisions(self, request: Request) -> Any:
        """Those on the present plan."""
        rows = decisions_on(request)
        return DecisionSerializer(rows, many=True).data

    def get_can_decide(self, request: Request) -> list[str]:
        """Their names."""
        return [str(person) for person in possible_deciders(request)]

    @extend_schema_field(ReasonSerializer(allow_null=True))
    def get_why_not_decide(self, request: Request) -> Any:
        """By the rule that the decision itself asks."""
        person = self.context["request"].user
        assert isinstance(person, User)
        refused = refusal_for(person, request)
        return ReasonSerializer(Reason(refused.code, refused.said)).data if refused else None

    @extend_schema_field(ReasonSerializer(many=True))
    def get_why_not_start(self, request: Request) -> Any:
        """By the gates that a worker asks."""
        return [ReasonSerializer(reason).data for reason in why_not_start(request)]

    def get_run(self, request: Request) -> int | None:
        """The run's id, once there is one."""
        run = getattr(request, "run", None)
        return run.pk if run else None
