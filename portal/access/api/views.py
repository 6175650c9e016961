"""Who one is to the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.access.models import ApiToken, Membership, User
from portal.access.requests import person_of
from portal.access.roles import Role


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """A role and the team that it is held in; null for all teams."""

    role = serializers.ChoiceField(choices=Role.choices)
    team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Membership
        fields = ["role", "team"]


class MeSerializer(serializers.Serializer[User]):
    """The person that the API answers."""

    username = serializers.CharField()
    name = serializers.CharField(source="__str__")
    public_id = serializers.CharField(help_text="What the ledger calls them.")
    roles = MembershipSerializer(source="memberships", many=True)
    token_scopes = serializers.SerializerMethodField(help_text="Of the token that asks; null in a session.")

    def get_token_scopes(self, _person: User) -> list[str] | None:
        """What the token may do."""
        token = self.context["request"].auth
        return list(token.scopes) if isinstance(token, ApiToken) else None


class MeView(APIView):
    """Who one is, and which roles one holds."""

    @extend_schema(responses=MeSerializer, summary="Who one is")
    def get(self, request: Request) -> Response:
        """The person behind session or token."""
        person = User.objects.prefetch_related("memberships__team").get(pk=person_of(request).pk)
        return Response(MeSerializer(person, context={"request": request}).data)
