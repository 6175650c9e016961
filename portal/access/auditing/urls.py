"""Addresses of the ledger's pages."""

from django.urls import URLPattern, path

from portal.access.auditing import views

urlpatterns: list[URLPattern] = [
    path("", views.LedgerView.as_view(), name="audit"),
    path("health/", views.HealthView.as_view(), name="audit-health"),
    path("verify/", views.VerifyView.as_view(), name="audit-verify"),
    path("verify/part/", views.VerifyPartView.as_view(), name="audit-verify-part"),
    path("checkpoint", views.CheckpointView.as_view(), name="audit-checkpoint"),
    path("entries/<int:pk>/", views.EntryView.as_view(), name="audit-entry"),
    path("entries/<int:pk>/bytes", views.EntryBytesView.as_view(), name="audit-entry-bytes"),
    path("entries/<int:pk>/proof", views.EntryProofView.as_view(), name="audit-entry-proof"),
]
