"""Addresses of this room."""

from django.urls import URLPattern, path

from portal.web.health import healthz

urlpatterns: list[URLPattern] = [
    path("healthz", healthz, name="healthz"),
]
