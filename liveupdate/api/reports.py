"""Reports in the API: those that were made, asking for one, and taking its files away."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from liveupdate.actions.reports import ask_for_report
from liveupdate.models import StoredReport
from liveupdate.pages.filters import StoredReportFilter
from liveupdate.pages.report_file import taken_file
from liveupdate.records.reports import LARGE, require_any_reader, visible_reports
from liveupdate.reports.catalogue import Question
from liveupdate.reports.document import Period
from liveupdate.reports.formats.files import FORMATS
from liveupdate.reports.kinds import KINDS
from portal.access.api.idempotency import PARAMETER, once
from portal.access.requests import person_of
from portal.access.tokens import Scope
from portal.web.api.fields import ExactSerializer

KIND = [(kind.key, kind.title) for kind in KINDS.values()]


class StoredReportSerializer(serializers.ModelSerializer[StoredReport]):
    """A report as lists show it. `digest`, `ledger_size` and `ledger_root` are there once it is ready."""

    kind = serializers.ChoiceField(choices=KIND)
    team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    asked_by = serializers.StringRelatedField[Any]()
    state = serializers.ChoiceField(choices=StoredReport.State.choices)
    page = serializers.CharField(source="get_absolute_url", help_text="The address of its page.")

    class Meta:
        model = StoredReport
        fields = [
            *("id", "number", "kind", "team", "begin", "end", "time_zone", "as_of", "asked_by", "asked_at"),
            *("state", "problem", "made_at", "digest", "ledger_size", "ledger_root", "page"),
        ]
        read_only_fields = fields


class NewReportSerializer(ExactSerializer):
    """Which report, about which time, of which team (none: all), as it could be known when (none: now)."""

    kind = serializers.ChoiceField(choices=KIND)
    begin = serializers.DateTimeField()
    end = serializers.DateTimeField(help_text="The first moment that is not in it.")
    time_zone = serializers.CharField(max_length=40, default="UTC")
    team = serializers.SlugField(default="", allow_blank=True)
    as_of = serializers.DateTimeField(default=None, allow_null=True)

    def question(self) -> Question:
        """What the checked body asks."""
        said = self.validated_data
        as_of: datetime | None = said["as_of"]
        return Question(
            said["kind"], Period(said["begin"], said["end"], said["time_zone"]), said["team"], as_of
        )


class ReportsApiView(generics.ListAPIView[StoredReport]):
    """The reports that one may see."""

    serializer_class = StoredReportSerializer
    filterset_class = StoredReportFilter
    queryset = StoredReport.objects.none()
    token_scope = Scope.REQUEST

    def get_queryset(self) -> QuerySet[StoredReport]:
        """The same as on the page."""
        return visible_reports(self.request.user).select_related("team", "asked_by").defer(*LARGE)

    @extend_schema(summary="Reports that one may see")
    def get(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Have a report made",
        request=NewReportSerializer,
        responses={201: StoredReportSerializer},
        parameters=[PARAMETER],
    )
    def post(self, request: ApiRequest) -> Response:
        """Ask for it; a worker makes it. Read it again until its state is ready."""
        person = person_of(request)
        require_any_reader(person)

        def act() -> Response:
            body = NewReportSerializer(data=request.data)
            body.is_valid(raise_exception=True)
            stored = ask_for_report(person, body.question())
            return Response(StoredReportSerializer(stored).data, status=status.HTTP_201_CREATED)

        return once(request, person, act)


@extend_schema_view(get=extend_schema(summary="One report: how far it is, and its digest"))
class ReportApiView(generics.RetrieveAPIView[StoredReport]):
    """One report."""

    serializer_class = StoredReportSerializer
    queryset = StoredReport.objects.none()

    def get_queryset(self) -> QuerySet[StoredReport]:
        """The same as on the page."""
        return visible_reports(self.request.user).select_related("team", "asked_by").defer(*LARGE)


class ReportFileApiView(APIView):
    """A file of a report; that it is taken is entered into the ledger."""

    @extend_schema(
        summary="A report as a file",
        parameters=[
            OpenApiParameter("name", str, OpenApiParameter.PATH, enum=list(FORMATS)),
            OpenApiParameter("table", str, description="One table as CSV, by its name in the zip."),
            OpenApiParameter("bom", str, enum=["1"], description="Begin CSV with a byte order mark."),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest, pk: int, name: str) -> HttpResponse:
        """The same bytes each time, but for PDF and HTML where names of people have changed since."""
        stored = get_object_or_404(visible_reports(request.user).select_related("asked_by"), pk=pk)
        return taken_file(person_of(request), stored, name, request.GET)
