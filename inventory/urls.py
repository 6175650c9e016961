"""Addresses of this room."""

from django.urls import URLPattern, path

from inventory.views.hosts import AcceptHostKeyView, HostListView, HostView
from inventory.views.imports import ImportView
from inventory.views.lpars import LparListView

urlpatterns: list[URLPattern] = [
    path("lpars/", LparListView.as_view(), name="lpars"),
    path("hosts/", HostListView.as_view(), name="hosts"),
    path("hosts/import/", ImportView.as_view(), name="import-hosts"),
    path("hosts/<int:pk>/", HostView.as_view(), name="host"),
    path("hosts/<int:pk>/keys/<int:key>/accept/", AcceptHostKeyView.as_view(), name="accept-host-key"),
]
