"""Campaigns in the API: read, halt; that one goes on is decided in a session, a token never does."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from liveupdate.actions.campaigns import halt_campaign, require_halter, require_resumer, resume_campaign
from liveupdate.api.campaign_fields import CampaignDetailSerializer, CampaignSerializer
from liveupdate.models import Campaign
from liveupdate.pages.campaign import sight_of
from liveupdate.pages.filters import CampaignFilter
from liveupdate.policies import visible_campaigns
from liveupdate.queries import with_sizes
from portal.access.api.idempotency import PARAMETER, once
from portal.access.requests import person_of
from portal.access.tokens import Scope
from portal.lib.errors import Invalid
from portal.web.api.fields import ExactSerializer

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the campaign as it was read: the newest thing that speaks against going on.",
)


class HaltSerializer(ExactSerializer):
    """Why nothing more may begin, or why it goes on in spite of what was found."""

    reason = serializers.CharField(max_length=2000)


@extend_schema_view(get=extend_schema(summary="Campaigns that one may see"))
class CampaignsView(generics.ListAPIView[Campaign]):
    """The campaigns with an LPAR that one may see."""

    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    queryset = Campaign.objects.none()

    def get_queryset(self) -> QuerySet[Campaign]:
        """The same as on the page."""
        return with_sizes(visible_campaigns(self.request.user))


class CampaignApiView(APIView):
    """One campaign with its waves, what each LPAR waits for, and what speaks against going on."""

    @extend_schema(summary="One campaign with its waves", responses=CampaignDetailSerializer)
    def get(self, request: ApiRequest, pk: int) -> Response:
        """As it is now. The ETag is the newest thing that speaks against going on."""
        return _shown(request, pk)


class HaltView(APIView):
    """Let nothing more begin. A program that watches something may do that; it never lets it go on."""

    token_scope = Scope.REQUEST

    @extend_schema(
        summary="Halt a campaign: nothing more begins, what runs goes on to its end",
        request=HaltSerializer,
        responses=CampaignDetailSerializer,
        parameters=[PARAMETER],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Raises Conflict when it does not run."""
        person = person_of(request)
        require_halter(person, get_object_or_404(visible_campaigns(person), pk=pk))

        def act() -> Response:
            halt_campaign(person, pk, _reason(request))
            return _shown(request, pk)

        return once(request, person, act)


class ResumeView(APIView):
    """Decide that a halted campaign goes on."""

    @extend_schema(
        summary="Let a halted campaign go on, in a session: a token never decides",
        request=HaltSerializer,
        responses=CampaignDetailSerializer,
        parameters=[IF_MATCH],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """By the same action as the page. Raises Conflict when more was found than `If-Match` says."""
        person = person_of(request)
        require_resumer(person, get_object_or_404(visible_campaigns(person), pk=pk))
        resume_campaign(person, pk, _reason(request), _sign(request))
        return _shown(request, pk)


def _reason(request: ApiRequest) -> str:
    sent = HaltSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    return str(sent.validated_data["reason"])


def _sign(request: ApiRequest) -> int:
    """What `If-Match` names. Raises Invalid without it."""
    said = request.headers.get("If-Match", "").strip().strip('"')
    if not (said.isascii() and said.isdigit()):
        raise Invalid(
            "A decision says in If-Match what was known of the campaign.",
            remedy="Read the campaign and send its ETag.",
            code="precondition_required",
        )
    return int(said)


def _shown(request: ApiRequest, pk: int) -> Response:
    rows = with_sizes(visible_campaigns(request.user))
    campaign = get_object_or_404(rows, pk=pk)
    sight = sight_of(campaign, person_of(request))
    content = CampaignDetailSerializer(campaign, context={"request": request, "sight": sight}).data
    headers = {"ETag": f'"{campaign.newest_sign}"', "Location": reverse("api-campaign", args=[pk])}
    return Response(content, status.HTTP_200_OK, headers=headers)
