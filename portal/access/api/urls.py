"""Addresses of this room in the API."""

from django.urls import URLPattern, path

from portal.access.api.views import MeView

urlpatterns: list[URLPattern] = [
    path("me/", MeView.as_view(), name="api-me"),
]
