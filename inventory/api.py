"""LPARs in the API."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from inventory.filters import RETIRED, VERDICTS, LparListFilter
from inventory.models import Lpar
from inventory.policies import visible_lpars
from inventory.update_states import UPDATE_STATES

Slug = serializers.SlugRelatedField[Any]


class LparSerializer(serializers.ModelSerializer[Lpar]):
    """An LPAR as lists show it. `verdict` is whether a Live Update of it is possible."""

    name = serializers.CharField()
    team = Slug(slug_field="slug", read_only=True)
    managed_system = serializers.StringRelatedField[Any]()
    verdict = serializers.ChoiceField(choices=VERDICTS, source="shown_verdict")
    update_state = serializers.ChoiceField(
        choices=list(UPDATE_STATES.items()), help_text="Where Live Update left it."
    )
    stale = serializers.BooleanField(
        source="is_stale", help_text="Whether its facts are too old to carry a verdict."
    )
    page = serializers.SerializerMethodField(help_text="The address of its page.")

    class Meta:
        model = Lpar
        fields = [
            *("id", "name", "team", "environment", "application", "managed_system", "level", "verdict"),
            *("update_state", "stale", "facts_read_at", "retired_at", "page"),
        ]
        read_only_fields = fields

    def get_page(self, lpar: Lpar) -> str:
        """Where people read of it."""
        return reverse("lpar", args=[lpar.pk])


class UpdateStateBasisSerializer(serializers.Serializer[Any]):
    """Why the portal says that Live Update left an LPAR in this state."""

    why = serializers.CharField(required=False)
    missing = serializers.ListField(child=serializers.CharField(), required=False)


class LparDetailSerializer(LparSerializer):
    """One LPAR."""

    hmc = serializers.StringRelatedField[Any]()
    nim_master = serializers.StringRelatedField[Any](allow_null=True)
    update_state_basis = UpdateStateBasisSerializer()

    class Meta(LparSerializer.Meta):
        fields = [
            *LparSerializer.Meta.fields,
            *("uuid", "hmc", "nim_master", "partition_state", "rmc_state", "memory_mb", "cores"),
            *("rollback_clone_disk", "clone_level", "clone_made_at", "update_state_at", "update_state_basis"),
        ]
        read_only_fields = fields


@extend_schema_view(get=extend_schema(summary="LPARs that one may see"))
class LparListView(generics.ListAPIView[Lpar]):
    """The LPARs of one's teams, or all; retired ones with `retired=yes`."""

    serializer_class = LparSerializer
    filterset_class = LparListFilter
    queryset = Lpar.objects.none()

    def get_queryset(self) -> QuerySet[Lpar]:
        """The same as on the page."""
        about_retired = self.request.GET.get("retired") == RETIRED
        rows = visible_lpars(self.request.user, with_retired=about_retired)
        return rows.select_related("host", "team", "managed_system")


@extend_schema_view(get=extend_schema(summary="One LPAR"))
class LparDetailView(generics.RetrieveAPIView[Lpar]):
    """One LPAR with what its HMC says of it and where Live Update left it."""

    serializer_class = LparDetailSerializer
    queryset = Lpar.objects.none()

    def get_queryset(self) -> QuerySet[Lpar]:
        """Retired ones too: they keep their history."""
        related = ("host", "team", "managed_system", "hmc__host", "nim_master__host")
        return visible_lpars(self.request.user, with_retired=True).select_related(*related)


urlpatterns: list[URLPattern] = [
    path("lpars/", LparListView.as_view(), name="api-lpars"),
    path("lpars/<int:pk>/", LparDetailView.as_view(), name="api-lpar"),
]
