"""The API: every room's addresses under one version, its description (OpenAPI), and a page to read that."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", TemplateView.as_view(template_name="api/docs.html"), name="api-docs"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/", include("portal.access.api.urls")),
    path("v1/", include("inventory.api")),
    path("v1/", include("liveupdate.api.urls")),
]
