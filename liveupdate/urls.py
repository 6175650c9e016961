"""Addresses of this room."""

from django.urls import URLPattern, path

from liveupdate.views.agents import AgentActionView, AgentsView, AgentView
from liveupdate.views.approvals import (
    ApprovalCountView,
    ApprovalsView,
    ApproveAlikeView,
    DecisionView,
)
from liveupdate.views.calendar import CalendarView
from liveupdate.views.calendar_files import EndFeedView, FeedsView, FeedView, ImportCalendarView
from liveupdate.views.campaigns import CampaignActionView, CampaignListView, CampaignView, NewCampaignView
from liveupdate.views.capacity import CapacityView
from liveupdate.views.checks import AnswerView, CheckListView, CheckView, MatrixView
from liveupdate.views.dashboard import DashboardView
from liveupdate.views.delegations import DelegationsView, EndDelegationView
from liveupdate.views.discoveries import DiscoverView
from liveupdate.views.evidence import EvidenceView
from liveupdate.views.leftovers import LeftoverActionView, LeftoverListView, LeftoverView
from liveupdate.views.lpars import LookView, LparChangesView, LparFactsView, LparView, ReadingView
from liveupdate.views.nim_setup import NimSetupView
from liveupdate.views.notices import MailChoiceView, NoticesView
from liveupdate.views.outside_changes import (
    OutsideChangeActionView,
    OutsideChangeListView,
    OutsideChangeView,
)
from liveupdate.views.periods import NewPeriodView, PeriodsView, PeriodView, RemovePeriodView
from liveupdate.views.policy_versions import BenchView, NewPolicyView, PolicyVersionView, PolicyView
from liveupdate.views.refreshes import AskForLooksView, RefreshView, RemoveScheduleView, SchedulesView
from liveupdate.views.report_schedules import EndReportScheduleView, ReportSchedulesView
from liveupdate.views.reports import (
    ReportFileView,
    ReportPrintView,
    ReportSchemaView,
    ReportSectionView,
    ReportsView,
    ReportTableView,
    ReportView,
)
from liveupdate.views.requests import (
    EditRequestView,
    NewRequestView,
    RequestActionView,
    RequestListView,
)
from liveupdate.views.review import CommentView, PlanTextView, RequestView
from liveupdate.views.reviews import AccessReviewsView, DeadlinesView
from liveupdate.views.runs import (
    AbortView,
    DecideView,
    FileView,
    LinesView,
    OutputView,
    RunListView,
    RunView,
    TranscriptView,
    run_stream,
)
from liveupdate.views.sign_offs import SignOffView
from liveupdate.views.signatures import SignatureListView, SignatureView
from liveupdate.views.stale import LparStaleView
from liveupdate.views.standard_changes import (
    CloseEmergencyView,
    EmergenciesView,
    StandardChangeActionView,
    StandardChangesView,
    WriteStandardChangeView,
)

urlpatterns: list[URLPattern] = [
    path("", DashboardView.as_view(), name="dashboard"),
    path("notices/", NoticesView.as_view(), name="notices"),
    path("notices/choice/", MailChoiceView.as_view(), name="mail-choice"),
    path("lpars/<int:pk>/", LparView.as_view(), name="lpar"),
    path("discoveries/ask/", DiscoverView.as_view(), name="discover"),
    path("lpars/<int:pk>/look/", LookView.as_view(), name="look"),
    path("lpars/<int:pk>/facts/", LparFactsView.as_view(), name="lpar-facts"),
    path("lpars/<int:pk>/old-libraries/", LparStaleView.as_view(), name="lpar-stale"),
    path("lpars/<int:pk>/changes/", LparChangesView.as_view(), name="lpar-changes"),
    path("lpars/<int:pk>/facts/<int:reading>/", ReadingView.as_view(), name="reading"),
    path("lpars/<int:pk>/answers/<str:check_id>/", AnswerView.as_view(), name="answer"),
    path("lpars/read/", AskForLooksView.as_view(), name="read-many"),
    path("refreshes/<int:pk>/", RefreshView.as_view(), name="refresh"),
    path("schedules/", SchedulesView.as_view(), name="schedules"),
    path("schedules/<int:pk>/remove/", RemoveScheduleView.as_view(), name="remove-schedule"),
    path("evidence/", EvidenceView.as_view(), name="evidence"),
    path("calendar/", CalendarView.as_view(), name="calendar"),
    path("calendar/periods/", PeriodsView.as_view(), name="periods"),
    path("calendar/periods/new/", NewPeriodView.as_view(), name="new-period"),
    path("calendar/periods/<str:uid>/", PeriodView.as_view(), name="period"),
    path("calendar/periods/<str:uid>/remove/", RemovePeriodView.as_view(), name="remove-period"),
    path("calendar/import/", ImportCalendarView.as_view(), name="import-calendar"),
    path("calendar/feeds/", FeedsView.as_view(), name="calendar-feeds"),
    path("calendar/feeds/<int:pk>/end/", EndFeedView.as_view(), name="end-calendar-feed"),
    path("calendar/feeds/<str:token>.ics", FeedView.as_view(), name="calendar-feed"),
    path("agents/", AgentsView.as_view(), name="agents"),
    path("agents/<int:pk>/", AgentView.as_view(), name="agent"),
    path("agents/<int:pk>/approve/", AgentActionView.as_view(verb="approve"), name="approve-agent"),
    path("agents/<int:pk>/remove/", AgentActionView.as_view(verb="remove"), name="remove-agent"),
    path("nim-masters/<int:pk>/setup/", NimSetupView.as_view(), name="nim-setup"),
    path("systems/<int:pk>/capacity/", CapacityView.as_view(), name="system-capacity"),
    path("checks/", CheckListView.as_view(), name="checks"),
    path("checks/<str:check_id>/", CheckView.as_view(), name="check"),
    path("readiness/", MatrixView.as_view(), name="readiness"),
    path("requests/", RequestListView.as_view(), name="requests"),
    path("requests/new/", NewRequestView.as_view(), name="new-request"),
    path("requests/<int:pk>/", RequestView.as_view(), name="request"),
    path("requests/<int:pk>/edit/", EditRequestView.as_view(), name="edit-request"),
    path("requests/<int:pk>/submit/", RequestActionView.as_view(verb="submit"), name="submit-request"),
    path("requests/<int:pk>/emergency/", RequestActionView.as_view(verb="urgent"), name="submit-urgent"),
    path("requests/<int:pk>/plan/", RequestActionView.as_view(verb="plan"), name="plan-again"),
    path("requests/<int:pk>/withdraw/", RequestActionView.as_view(verb="withdraw"), name="withdraw"),
    path("requests/<int:pk>/text/", PlanTextView.as_view(), name="plan-text"),
    path("requests/<int:pk>/comment/", CommentView.as_view(), name="comment"),
    path("requests/<int:pk>/change/", DecisionView.as_view(verb="change"), name="ask-for-change"),
    path("requests/<int:pk>/approve/", DecisionView.as_view(verb="approve"), name="approve"),
    path("requests/<int:pk>/reject/", DecisionView.as_view(verb="reject"), name="reject"),
    path(
        "requests/<int:pk>/approval/withdraw/",
        DecisionView.as_view(verb="withdraw"),
        name="withdraw-approval",
    ),
    path("policy/", PolicyView.as_view(), name="policy"),
    path("policy/new/", NewPolicyView.as_view(), name="new-policy"),
    path("policy/bench/", BenchView.as_view(), name="bench"),
    path("policy/<int:pk>/", PolicyVersionView.as_view(), name="policy-version"),
    path("delegations/", DelegationsView.as_view(), name="delegations"),
    path("delegations/<int:pk>/end/", EndDelegationView.as_view(), name="end-delegation"),
    path("standard-changes/", StandardChangesView.as_view(), name="standard-changes"),
    path(
        "standard-changes/<int:pk>/approve/",
        StandardChangeActionView.as_view(verb="approve"),
        name="approve-standard-change",
    ),
    path(
        "standard-changes/<int:pk>/end/",
        StandardChangeActionView.as_view(verb="end"),
        name="end-standard-change",
    ),
    path(
        "requests/<int:pk>/standard-change/", WriteStandardChangeView.as_view(), name="write-standard-change"
    ),
    path("emergencies/", EmergenciesView.as_view(), name="emergencies"),
    path("emergencies/<int:pk>/close/", CloseEmergencyView.as_view(), name="close-emergency"),
    path("approvals/", ApprovalsView.as_view(), name="approvals"),
    path("approvals/count/", ApprovalCountView.as_view(), name="approval-count"),
    path("approvals/together/", ApproveAlikeView.as_view(), name="approve-alike"),
    path("campaigns/", CampaignListView.as_view(), name="campaigns"),
    path("campaigns/new/", NewCampaignView.as_view(), name="new-campaign"),
    path("campaigns/<int:pk>/", CampaignView.as_view(), name="campaign"),
    path("campaigns/<int:pk>/canaries/", CampaignActionView.as_view(verb="canaries"), name="canaries"),
    path("campaigns/<int:pk>/plan/", CampaignActionView.as_view(verb="plan"), name="plan-campaign"),
    path("campaigns/<int:pk>/submit/", CampaignActionView.as_view(verb="submit"), name="submit-campaign"),
    path("campaigns/<int:pk>/start/", CampaignActionView.as_view(verb="start"), name="start-campaign"),
    path("campaigns/<int:pk>/halt/", CampaignActionView.as_view(verb="halt"), name="halt-campaign"),
    path("campaigns/<int:pk>/resume/", CampaignActionView.as_view(verb="resume"), name="resume-campaign"),
    path(
        "campaigns/<int:pk>/withdraw/", CampaignActionView.as_view(verb="withdraw"), name="withdraw-campaign"
    ),
    path("leftovers/", LeftoverListView.as_view(), name="leftovers"),
    path("leftovers/<int:pk>/", LeftoverView.as_view(), name="leftover"),
    path("leftovers/<int:pk>/take/", LeftoverActionView.as_view(verb="take"), name="take-leftover"),
    path("leftovers/<int:pk>/close/", LeftoverActionView.as_view(verb="close"), name="close-leftover"),
    path("outside-changes/", OutsideChangeListView.as_view(), name="outside-changes"),
    path("outside-changes/<int:pk>/", OutsideChangeView.as_view(), name="outside-change"),
    path(
        "outside-changes/<int:pk>/explain/",
        OutsideChangeActionView.as_view(verb="explain"),
        name="explain-outside-change",
    ),
    path(
        "outside-changes/<int:pk>/close/",
        OutsideChangeActionView.as_view(verb="close"),
        name="close-outside-change",
    ),
    path("deadlines/", DeadlinesView.as_view(), name="deadlines"),
    path("access-reviews/", AccessReviewsView.as_view(), name="access-reviews"),
    path("runs/", RunListView.as_view(), name="runs"),
    path("runs/<int:pk>/", RunView.as_view(), name="run"),
    path("runs/<int:pk>/stream/", run_stream, name="run-stream"),
    path("runs/<int:pk>/transcript/", TranscriptView.as_view(), name="run-transcript"),
    path("runs/<int:pk>/abort/", AbortView.as_view(), name="abort-run"),
    path("runs/<int:pk>/sign-off/", SignOffView.as_view(), name="sign-off-run"),
    path("runs/<int:pk>/decide/", DecideView.as_view(), name="decide-run"),
    path("runs/<int:pk>/files/<int:number>/", FileView.as_view(), name="run-file"),
    path("runs/<int:pk>/commands/<int:number>/<stream:stream>/lines/", LinesView.as_view(), name="run-lines"),
    path("reports/", ReportsView.as_view(), name="reports"),
    path("reports/schema/", ReportSchemaView.as_view(), name="report-schema"),
    path("reports/schedules/", ReportSchedulesView.as_view(), name="report-schedules"),
    path("reports/schedules/<int:pk>/end/", EndReportScheduleView.as_view(), name="end-report-schedule"),
    path("reports/<int:pk>/", ReportView.as_view(), name="report"),
    path("reports/<int:pk>/print/", ReportPrintView.as_view(), name="report-print"),
    path("reports/<int:pk>/files/<str:name>/", ReportFileView.as_view(), name="report-file"),
    path("reports/<int:pk>/<str:section>/", ReportSectionView.as_view(), name="report-section"),
    path("reports/<int:pk>/<str:section>/<str:table>/", ReportTableView.as_view(), name="report-table"),
    path("signatures/", SignatureListView.as_view(), name="signatures"),
    path("signatures/<str:signature_id>/", SignatureView.as_view(), name="signature"),
    path("runs/<int:pk>/commands/<int:number>/<stream:stream>/", OutputView.as_view(), name="run-output"),
]
