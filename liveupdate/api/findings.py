"""What the readiness checks found on an LPAR, in the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inventory.policies import visible_lpars
from liveupdate.readiness.base import FindingState, Severity
from liveupdate.records.finding_document import stored_documents
from portal.web.api.fields import one_of


class EvidenceSerializer(serializers.Serializer[Any]):
    """Lines that a finding rests on, and where they come from."""

    host = serializers.CharField()
    command = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())


class FindingSerializer(serializers.Serializer[Any]):
    """What one check found. `curable`: a plan cures it by itself, with `consent` where that is named."""

    id = serializers.CharField(help_text="The requirement, e.g. RQ-040.")
    title = serializers.CharField()
    state = one_of(FindingState)
    severity = one_of(Severity)
    message = serializers.CharField()
    why = serializers.CharField()
    remedy = serializers.CharField()
    curable = serializers.BooleanField()
    consent = serializers.CharField(allow_blank=True)
    evidence = EvidenceSerializer(many=True)


class FindingsView(APIView):
    """What the last look at an LPAR found."""

    @extend_schema(responses=FindingSerializer(many=True), summary="What the checks found on an LPAR")
    def get(self, request: Request, pk: int) -> Response:
        """All findings, in the order of their requirements."""
        lpar = get_object_or_404(visible_lpars(request.user, with_retired=True), pk=pk)
        rows = lpar.findings.order_by("check_id")
        return Response(FindingSerializer(stored_documents(list(rows)), many=True).data)
