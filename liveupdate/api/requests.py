"""Requests in the API: read, ask, edit, submit, plan again, withdraw; by the same actions as the pages."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from liveupdate.actions.requests import (
    create_request,
    edit_request,
    plan_again,
    submit_request,
    withdraw_request,
)
from liveupdate.api.request_fields import (
    NewRequestSerializer,
    RequestDetailSerializer,
    RequestSerializer,
    WishSerializer,
)
from liveupdate.models import Request
from liveupdate.pages.filters import RequestFilter
from liveupdate.policies import require_any_requester, require_requester, visible_requests
from portal.access.api.idempotency import PARAMETER, once
from portal.access.models import User
from portal.access.requests import person_of
from portal.access.tokens import Scope
from portal.lib.errors import Invalid
from portal.web.api.fields import ExactSerializer

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the request as it was read: its version.",
)
RELATED = (
    "lpar__host",
    "lpar__managed_system",
    "lpar__hmc__host",
    "team",
    "requester",
    "last_editor",
    "plan",
    "run",
)


class SubmitSerializer(ExactSerializer):
    """Which plan is handed in."""

    plan_digest = serializers.CharField(max_length=71)


class WithdrawSerializer(ExactSerializer):
    """Why a request is taken back."""

    reason = serializers.CharField(max_length=2000)


class NothingSerializer(ExactSerializer):
    """Nothing has to be said."""


class RequestsView(generics.ListAPIView[Request]):
    """The requests of one's teams, or all; and asking for work."""

    serializer_class = RequestSerializer
    filterset_class = RequestFilter
    queryset = Request.objects.none()
    token_scope = Scope.REQUEST

    def get_queryset(self) -> QuerySet[Request]:
        """The same as on the page."""
        return visible_requests(self.request.user).select_related("lpar__host", "team", "requester")

    @extend_schema(summary="Requests that one may see")
    def get(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Ask for work on an LPAR",
        request=NewRequestSerializer,
        responses={201: RequestDetailSerializer},
        parameters=[PARAMETER],
    )
    def post(self, request: ApiRequest) -> Response:
        """A worker starts to plan it at once."""
        person = person_of(request)
        require_any_requester(person)

        def act() -> Response:
            values = _read(NewRequestSerializer, request)
            made = create_request(person, values["lpar"], WishSerializer.wish_of(values))
            return _shown(request, made.pk, status.HTTP_201_CREATED)

        return once(request, person, act)


@extend_schema_view(
    get=extend_schema(summary="One request", responses=RequestDetailSerializer),
    put=extend_schema(
        summary="Edit a request; its plan and every decision on it are void",
        request=WishSerializer,
        responses=RequestDetailSerializer,
        parameters=[IF_MATCH],
    ),
)
class RequestApiView(APIView):
    """One request with its plan, its decisions, and what stands in the way."""

    token_scope = Scope.REQUEST

    def get(self, request: ApiRequest, pk: int) -> Response:
        """As it is now. The ETag is its version."""
        return _shown(request, pk)

    def put(self, request: ApiRequest, pk: int) -> Response:
        """The whole wish anew. Raises Conflict for another version than `If-Match` says."""
        person = person_of(request)
        _require_requester(person, pk, "edit")
        wish = WishSerializer.wish_of(_read(WishSerializer, request))
        edit_request(person, pk, _version(request), wish)
        return _shown(request, pk)


class _StepView(APIView):
    """A step of the requester, by a POST that may be repeated with its `Idempotency-Key`."""

    token_scope = Scope.REQUEST
    takes: type[ExactSerializer] = NothingSerializer
    doing = ""

    def post(self, request: ApiRequest, pk: int) -> Response:
        """Do it; the answer is the request as it is then."""
        person = person_of(request)
        _require_requester(person, pk, self.doing)

        def act() -> Response:
            self.step(person, pk, _read(self.takes, request))
            return _shown(request, pk)

        return once(request, person, act)

    def step(self, person: User, pk: int, values: dict[str, Any]) -> None:
        """The action."""
        raise NotImplementedError


def _described(summary: str, takes: type[ExactSerializer] | None) -> Callable[[type[Any]], type[Any]]:
    return extend_schema_view(
        post=extend_schema(
            summary=summary, request=takes, responses=RequestDetailSerializer, parameters=[PARAMETER]
        )
    )


@_described("Submit a planned request for approval", SubmitSerializer)
class SubmitView(_StepView):
    """Hand the plan in: exactly the one whose digest is said."""

    takes, doing = SubmitSerializer, "submit"

    def step(self, person: User, pk: int, values: dict[str, Any]) -> None:
        """Raises Conflict where the plan is another by now."""
        submit_request(person, pk, values["plan_digest"])


@_described("Plan a request again", None)
class PlanAgainView(_StepView):
    """Have the facts read again and the plan rendered anew."""

    doing = "plan again"

    def step(self, person: User, pk: int, values: dict[str, Any]) -> None:
        """Decisions on the old plan are void."""
        plan_again(person, pk)


@_described("Withdraw a request", WithdrawSerializer)
class WithdrawView(_StepView):
    """Take the request back before it started."""

    takes, doing = WithdrawSerializer, "withdraw"

    def step(self, person: User, pk: int, values: dict[str, Any]) -> None:
        """With the reason."""
        withdraw_request(person, pk, values["reason"])


def _require_requester(person: User, pk: int, doing: str) -> None:
    """Before anything is read of what was sent. Raises Http404, NotAllowed."""
    asked = get_object_or_404(visible_requests(person).select_related("team"), pk=pk)
    require_requester(person, asked.team, f"{doing} {asked.number}")


def _read(takes: type[ExactSerializer], request: ApiRequest) -> dict[str, Any]:
    sent = takes(data=request.data)
    sent.is_valid(raise_exception=True)
    values: dict[str, Any] = sent.validated_data
    return values


def _version(request: ApiRequest) -> int:
    """The version that `If-Match` names. Raises Invalid without one."""
    said = request.headers.get("If-Match", "").strip().strip('"')
    if not (said.isascii() and said.isdigit()):
        raise Invalid(
            "An edit says in If-Match which version of the request it is about.",
            remedy="Read the request and send its ETag.",
            code="precondition_required",
        )
    return int(said)


def _shown(request: ApiRequest, pk: int, code: int = status.HTTP_200_OK) -> Response:
    row = get_object_or_404(visible_requests(request.user).select_related(*RELATED), pk=pk)
    content = RequestDetailSerializer(row, context={"request": request}).data
    headers = {"ETag": f'"{row.version}"', "Location": reverse("api-request", args=[pk])}
    return Response(content, code, headers=headers)
