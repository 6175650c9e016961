"""Addresses of this room in the API."""

from django.urls import URLPattern, path

from liveupdate.api.campaigns import CampaignApiView, CampaignsView, HaltView, ResumeView
from liveupdate.api.decisions import DecisionsView, WaitingView
from liveupdate.api.findings import FindingsView
from liveupdate.api.reports import ReportApiView, ReportFileApiView, ReportsApiView
from liveupdate.api.requests import PlanAgainView, RequestApiView, RequestsView, SubmitView, WithdrawView
from liveupdate.api.runs import CommandsView, OutputApiView, RunApiView, RunsView

urlpatterns: list[URLPattern] = [
    path("lpars/<int:pk>/findings/", FindingsView.as_view(), name="api-findings"),
    path("requests/", RequestsView.as_view(), name="api-requests"),
    path("requests/<int:pk>/", RequestApiView.as_view(), name="api-request"),
    path("requests/<int:pk>/submit/", SubmitView.as_view(), name="api-submit"),
    path("requests/<int:pk>/plan/", PlanAgainView.as_view(), name="api-plan-again"),
    path("requests/<int:pk>/withdraw/", WithdrawView.as_view(), name="api-withdraw"),
    path("requests/<int:pk>/decisions/", DecisionsView.as_view(), name="api-decisions"),
    path("approvals/", WaitingView.as_view(), name="api-approvals"),
    path("campaigns/", CampaignsView.as_view(), name="api-campaigns"),
    path("campaigns/<int:pk>/", CampaignApiView.as_view(), name="api-campaign"),
    path("campaigns/<int:pk>/halt/", HaltView.as_view(), name="api-halt"),
    path("campaigns/<int:pk>/resume/", ResumeView.as_view(), name="api-resume"),
    path("reports/", ReportsApiView.as_view(), name="api-reports"),
    path("reports/<int:pk>/", ReportApiView.as_view(), name="api-report"),
    path("reports/<int:pk>/files/<str:name>/", ReportFileApiView.as_view(), name="api-report-file"),
    path("runs/", RunsView.as_view(), name="api-runs"),
    path("runs/<int:pk>/", RunApiView.as_view(), name="api-run"),
    path("runs/<int:pk>/commands/", CommandsView.as_view(), name="api-commands"),
    path("runs/<int:pk>/commands/<int:number>/<stream:stream>/", OutputApiView.as_view(), name="api-output"),
]
