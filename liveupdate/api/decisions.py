"""Decisions in the API: what waits for one, and deciding, which a token never does."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from liveupdate.actions.approvals import (
    approve,
    ask_for_change,
    refusals_entered,
    reject,
    withdraw_approval,
)
from liveupdate.api.request_fields import DecisionSerializer, RequestSerializer, decisions_on
from liveupdate.models import Approval, Request
from liveupdate.policies import require_decider, visible_requests
from liveupdate.queries import waiting_for
from portal.access.requests import person_of
from portal.access.step_up import factor_of
from portal.web.api.fields import ExactSerializer


class NewDecisionSerializer(ExactSerializer):
    """A decision on exactly this plan of this version of the request."""

    decision = serializers.ChoiceField(choices=Approval.Decision.choices)
    plan_digest = serializers.CharField(max_length=71)
    version = serializers.IntegerField()
    reason = serializers.CharField(max_length=2000, default="", allow_blank=True)


class WaitingView(APIView):
    """What waits for one's decision."""

    @extend_schema(responses=RequestSerializer(many=True), summary="Requests that wait for one's decision")
    def get(self, request: ApiRequest) -> Response:
        """The next window first."""
        return Response(RequestSerializer(waiting_for(person_of(request)), many=True).data)


class DecisionsView(APIView):
    """The decisions on a request's plan."""

    def check_permissions(self, request: ApiRequest) -> None:
        """A token that tries to decide is refused as at every address, and the try is entered."""
        pk, person = self.kwargs["pk"], request.user
        if request.method != "POST" or not visible_requests(person).filter(pk=pk).exists():
            super().check_permissions(request)
            return
        with refusals_entered(person_of(request), pk, _digest_sent(request)):
            super().check_permissions(request)

    @extend_schema(responses=DecisionSerializer(many=True), summary="Decisions on a request's plan")
    def get(self, request: ApiRequest, pk: int) -> Response:
        """In the order in which they were taken."""
        asked = get_object_or_404(visible_requests(request.user), pk=pk)
        return Response(DecisionSerializer(decisions_on(asked), many=True).data)

    @extend_schema(
        request=NewDecisionSerializer,
        responses={201: DecisionSerializer},
        summary="Decide, in a session: a token never does",
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """By the same action as the page, which asks for rights, state, digest, version and proof."""
        asked = get_object_or_404(visible_requests(request.user).select_related("team", "plan"), pk=pk)
        taken = _decide(request, pk, _read(request, asked))
        return Response(DecisionSerializer(taken).data, 201)


def _read(request: ApiRequest, asked: Request) -> dict[str, Any]:
    """What was sent. Who may not decide is told that, and not what is wrong with it: that is entered, too."""
    try:
        sent = NewDecisionSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
    except exceptions.APIException:
        person = person_of(request)
        with refusals_entered(person, asked.pk, _digest_sent(request)):
            require_decider(person, asked)
        raise
    values: dict[str, Any] = sent.validated_data
    return values


def _digest_sent(request: ApiRequest) -> str:
    """The plan that a body names; empty where it names none, or cannot be read."""
    try:
        body = request.data
    except exceptions.APIException:
        return ""
    return str(body.get("plan_digest", "")) if isinstance(body, dict) else ""


def _decide(request: ApiRequest, pk: int, values: dict[str, Any]) -> Approval:
    person, factor = person_of(request), factor_of(request)
    digest, reason, version = values["plan_digest"], values["reason"], values["version"]
    match Approval.Decision(values["decision"]):
        case Approval.Decision.APPROVE:
            return approve(person, pk, digest, reason, version=version, factor=factor)
        case Approval.Decision.REJECT:
            return reject(person, pk, digest, reason, version=version, factor=factor)
        case Approval.Decision.CHANGE:
            return ask_for_change(person, pk, digest, reason, version=version, factor=factor)
        case Approval.Decision.WITHDRAW:
            return withdraw_approval(person, pk, reason)
