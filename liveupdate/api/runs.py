"""Runs in the API, with their steps, commands, and every byte that these printed."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request as ApiRequest
from rest_framework.views import APIView

from liveupdate.models import Run, RunCommand, RunStep
from liveupdate.pages.filters import RunFilter
from liveupdate.queries import visible_runs
from liveupdate.records.output_bytes import bytes_of, require_kept, size_of
from liveupdate.states import RunState, StepState
from portal.access.api.texts import NamedText
from portal.lib.errors import Invalid
from portal.web.api.fields import one_of
from portal.web.api.pages import NewestFirst
from portal.web.byte_range import ByteRange, NoSuchBytes, wanted_range
from portal.web.downloads import download
from portal.web.problems import problem_response

Name = serializers.StringRelatedField[Any]


class RunSerializer(serializers.ModelSerializer[Run]):
    """A run as lists show it. `blackout_s` are the seconds in which the workload stood still."""

    request = serializers.IntegerField(source="request_id")
    lpar = serializers.IntegerField(source="lpar_id")
    lpar_name = serializers.CharField(source="lpar.name")
    team = serializers.CharField(source="request.team.slug")
    state = one_of(RunState)
    outcome = NamedText(read_only=True)
    reason = NamedText(read_only=True)
    blackout_s = serializers.FloatField(allow_null=True)
    page = serializers.CharField(source="get_absolute_url", help_text="The address of its page.")

    class Meta:
        model = Run
        fields = [
            *("id", "request", "lpar", "lpar_name", "team", "state", "outcome", "reason", "queued_at"),
            *("started_at", "ended_at", "blackout_s", "level_before", "level_after", "page"),
        ]
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer[RunStep]):
    """A step of a run."""

    state = one_of(StepState)

    class Meta:
        model = RunStep
        fields = [
            *("position", "key", "title", "phase", "part", "branch", "chosen", "state", "message"),
            *("attempts", "started_at", "ended_at"),
        ]
        read_only_fields = fields


class RunDetailSerializer(RunSerializer):
    """A run with its steps."""

    plan_digest = serializers.CharField(source="plan.digest")
    abort_asked_by = Name(allow_null=True)
    steps = StepSerializer(many=True)

    class Meta(RunSerializer.Meta):
        fields = [
            *RunSerializer.Meta.fields,
            *("plan_digest", "ending", "abort_asked_by", "abort_asked_at", "point_of_no_return_at"),
            *("blackout_started_at", "blackout_ended_at", "kernel_before", "kernel_after", "steps"),
        ]
        read_only_fields = fields


class CommandSerializer(serializers.ModelSerializer[RunCommand]):
    """One remote invocation. `status` is null while it runs, or where nobody can know it."""

    step = serializers.CharField(source="step.key")
    state = serializers.ChoiceField(choices=RunCommand.State.choices)

    class Meta:
        model = RunCommand
        fields = [
            *("number", "step", "host", "account", "line", "state", "status", "watch", "file_name"),
            *("intended_at", "started_at", "ended_at", "stdout_bytes", "stderr_bytes"),
            *("stdout_digest", "stderr_digest"),
        ]
        read_only_fields = fields


class InOrder(NewestFirst):
    """By number, the first first."""

    ordering = "number"


@extend_schema_view(get=extend_schema(summary="Runs that one may see"))
class RunsView(generics.ListAPIView[Run]):
    """The runs of one's teams, or all."""

    serializer_class = RunSerializer
    filterset_class = RunFilter
    queryset = Run.objects.none()

    def get_queryset(self) -> QuerySet[Run]:
        """The same as on the page."""
        return visible_runs(self.request.user).select_related("lpar__host", "request__team")


@extend_schema_view(get=extend_schema(summary="One run with its steps"))
class RunApiView(generics.RetrieveAPIView[Run]):
    """One run."""

    serializer_class = RunDetailSerializer
    queryset = Run.objects.none()

    def get_queryset(self) -> QuerySet[Run]:
        """With its steps."""
        related = ("lpar__host", "request__team", "plan", "abort_asked_by")
        return visible_runs(self.request.user).select_related(*related).prefetch_related("steps")


@extend_schema_view(get=extend_schema(summary="The commands of a run"))
class CommandsView(generics.ListAPIView[RunCommand]):
    """Every remote invocation of a run, in order."""

    serializer_class = CommandSerializer
    pagination_class = InOrder
    filter_backends = ()
    queryset = RunCommand.objects.none()

    def get_queryset(self) -> QuerySet[RunCommand]:
        """Of a run that one may see."""
        run = get_object_or_404(visible_runs(self.request.user), pk=self.kwargs["pk"])
        return run.commands.select_related("step")


class OutputApiView(APIView):
    """Every byte of one stream of one command, as received; or a part of it."""

    @extend_schema(
        summary="What a command printed, by byte range",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="bytes=0-1023"),
            OpenApiParameter("stream", str, OpenApiParameter.PATH, enum=["stdout", "stderr"]),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            (206, "application/octet-stream"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: ApiRequest, pk: int, number: int, stream: str) -> HttpResponseBase:
        """What is stored by now: while the command runs, ask again from where this ended."""
        run = get_object_or_404(visible_runs(request.user), pk=pk)
        command = get_object_or_404(run.commands, number=number)
        size = size_of(command, stream)
        try:
            part = wanted_range(request.headers.get("Range", ""), size)
        except NoSuchBytes:
            return _beyond(size)
        asked = part or ByteRange(0, size)
        require_kept(command, stream, asked.start, asked.end)
        answer = download(
            bytes_of(command, stream, asked.start, asked.end),
            f"run-{pk}-command-{number}.{stream}",
        )
        answer["Accept-Ranges"] = "bytes"
        if part is not None:
            answer.status_code = 206
            answer["Content-Range"] = part.content_range(size)
        return answer


def _beyond(size: int) -> HttpResponse:
    error = Invalid(
        f"There are {size} bytes by now.", remedy="Ask again for what comes next.", code="no_such_bytes"
    )
    return problem_response(error, 416, headers={"Content-Range": f"bytes */{size}"})
