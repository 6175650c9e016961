"""Who gets which page: every address of inventory and liveupdate, for every kind of person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils.timezone import localdate

import inventory.urls
import liveupdate.urls
from inventory.models import Advisory, Baseline, HostKey, LevelException, LppSource
from inventory.policies import visible_lpars
from liveupdate.actions.agents import AgentEntry, write_agent
from liveupdate.actions.feeds import open_feed
from liveupdate.actions.periods import PeriodWish, write_period
from liveupdate.actions.refreshes import ask_for_looks
from liveupdate.actions.report_schedules import ScheduleWish, set_report_schedule
from liveupdate.actions.schedules import set_schedule
from liveupdate.control.calendar import Kind
from liveupdate.lpar.agents import AgentKind
from liveupdate.models import (
    Agent,
    Approval,
    CalendarFeed,
    Campaign,
    Comment,
    Leftover,
    OutsideChange,
    Refresh,
    RefreshSchedule,
    ReportSchedule,
    Request,
    Run,
    StoredPeriod,
    StoredReport,
)
from portal.audit.models import Intake
from tests.campaign_world import draft_of
from tests.compliance import compliance_of
from tests.control import Control, control_of
from tests.discoveries import discovery_of_everything, new_lpar
from tests.fleet import CONSENTS, Fleet, make_fleet
from tests.nim_rows import make_nim
from tests.outside import changed_outside
from tests.report_sample import sample_report, store_sample
from tests.run_story import Story

pytestmark = pytest.mark.django_db

EVERYBODY = ("ana", "bo", "ivy", "wes", "kim", "aud", "adm", "sam")
PAYROLL = ("ana", "bo", "ivy", "kim", "aud", "adm")
"""Who sees what belongs to team Payroll: its members, and those who see everything."""
ON_THE_SYSTEM = (*PAYROLL, "wes")
"""Who sees a managed system: whoever sees one of its LPARs."""
WATCHERS = ("kim", "aud", "adm")
ASKERS = ("ana", "bo")
CALENDAR_WRITERS = ("bo", "ivy", "wes", "adm")
"""Who sets windows and freezes of at least one team."""


@dataclass
class Things:
    """One of everything that belongs to team Payroll."""

    fleet: Fleet
    submitted: Request
    run: Run
    advisory: Advisory
    baseline: Baseline
    exception: LevelException
    refresh: Refresh
    schedule: RefreshSchedule
    lpp_source: LppSource
    agent: Agent
    leftover: Leftover
    campaign: Campaign
    period: StoredPeriod
    feed: CalendarFeed
    control: Control
    outside: OutsideChange
    report: StoredReport
    report_schedule: ReportSchedule

    @property
    def lpar(self) -> int:
        return self.fleet.lpars["pay01"].pk

    def address(self, name: str) -> str:
        """The page of that name."""
        key = HostKey.objects.get(host__name="pay01").pk
        arguments: dict[str, list[object]] = {
            "lpar": [self.lpar],
            "look": [self.lpar],
            "lpar-facts": [self.lpar],
            "lpar-changes": [self.lpar],
            "lpar-stale": [self.lpar],
            "system-capacity": [self.fleet.lpars["pay01"].managed_system_id],
            "system": [self.fleet.lpars["pay01"].managed_system_id],
            "branch-lpars": [self.fleet.lpars["pay01"].managed_system_id],
            "branch-systems": [self.fleet.lpars["pay01"].hmc_id],
            "hmc": [self.fleet.lpars["pay01"].hmc_id],
            "nim-master": [self.fleet.lpars["pay01"].nim_master_id],
            "nim-setup": [self.fleet.lpars["pay01"].nim_master_id],
            "nim-objects": [self.fleet.lpars["pay01"].nim_master_id],
            "lpp-source": [self.lpp_source.pk],
            "refresh": [self.refresh.pk],
            "remove-schedule": [self.schedule.pk],
            "period": [self.period.uid],
            "remove-period": [self.period.uid],
            "end-calendar-feed": [self.feed.pk],
            "agent": [self.agent.pk],
            "approve-agent": [self.agent.pk],
            "remove-agent": [self.agent.pk],
            "answer": [self.lpar, "RQ-171"],
            "report": [self.report.pk],
            "report-print": [self.report.pk],
            "report-file": [self.report.pk, "json"],
            "report-section": [self.report.pk, "register"],
            "report-table": [self.report.pk, "register", "changes"],
            "end-report-schedule": [self.report_schedule.pk],
            "leftover": [self.leftover.pk],
            "outside-change": [self.outside.pk],
            "explain-outside-change": [self.outside.pk],
            "close-outside-change": [self.outside.pk],
            "take-leftover": [self.leftover.pk],
            "close-leftover": [self.leftover.pk],
            "check": ["RQ-161"],
            "advisory": [self.advisory.pk],
            "policy-version": [self.control.version.pk],
            "end-delegation": [self.control.delegation.pk],
            "approve-standard-change": [self.control.template.pk],
            "end-standard-change": [self.control.template.pk],
            "close-emergency": [self.control.emergency.pk],
            "exception": [self.lpar],
            "end-baseline": [self.baseline.pk],
            "end-exception": [self.exception.pk],
            "reading": [self.lpar, self.fleet.lpars["pay01"].host.readings_about.first().pk],
            "host": [self.fleet.lpars["pay01"].host_id],
            "set-ssh-exception": [self.fleet.lpars["pay01"].host_id],
            "propose-host-key": [self.fleet.lpars["pay01"].host_id, key],
            "accept-host-key": [self.fleet.lpars["pay01"].host_id, key],
            "run-output": [self.run.pk, 1, "stdout"],
            "run-file": [self.run.pk, 1],
            "run-lines": [self.run.pk, 1, "stdout"],
            "signature": ["P1"],
            "discovery": [new_lpar().discovery_id],
            "discovered": [new_lpar().discovery_id, new_lpar().pk],
        }
        if name not in arguments and name in OF_A_REQUEST:
            arguments[name] = [self.submitted.pk]
        if name not in arguments and name in OF_A_CAMPAIGN:
            arguments[name] = [self.campaign.pk]
        if name not in arguments and name in OF_A_RUN:
            arguments[name] = [self.run.pk]
        query = f"?lpar={self.lpar}" if name == "new-request" else ""
        return reverse(name, args=arguments.get(name, [])) + query


OF_A_REQUEST = {
    "request", "edit-request", "submit-request", "submit-urgent", "plan-again", "withdraw",
    "write-standard-change",
    "approve", "reject", "ask-for-change", "withdraw-approval", "comment", "plan-text",
}  # fmt: skip
OF_A_CAMPAIGN = {
    "campaign", "canaries", "plan-campaign", "submit-campaign", "start-campaign", "halt-campaign",
    "resume-campaign", "withdraw-campaign",
}  # fmt: skip
OF_A_RUN = {"run", "run-stream", "run-transcript", "abort-run", "decide-run", "sign-off-run"}

READS: dict[str, tuple[tuple[str, ...], int]] = {
    "dashboard": (EVERYBODY, 0),
    "lpars": (EVERYBODY, 0),
    "compliance": (EVERYBODY, 0),
    "baselines": (EVERYBODY, 0),
    "advisories": (EVERYBODY, 0),
    "advisory": (EVERYBODY, 0),
    "import-apar-list": (("adm",), 403),
    "checks": (EVERYBODY, 0),
    "check": (EVERYBODY, 0),
    "readiness": (EVERYBODY, 0),
    "answer": (PAYROLL, 404),
    "requests": (EVERYBODY, 0),
    "approvals": (EVERYBODY, 0),
    "policy": (EVERYBODY, 0),
    "policy-version": (EVERYBODY, 0),
    "new-policy": (("adm",), 403),
    "bench": (EVERYBODY, 0),
    "delegations": (EVERYBODY, 0),
    "standard-changes": (EVERYBODY, 0),
    "emergencies": (EVERYBODY, 0),
    "notices": (EVERYBODY, 0),
    "approval-count": (EVERYBODY, 0),
    "runs": (EVERYBODY, 0),
    "campaigns": (EVERYBODY, 0),
    "campaign": (PAYROLL, 404),
    "new-campaign": (("ana", "bo", "wes"), 403),
    "leftovers": (EVERYBODY, 0),
    "outside-changes": (EVERYBODY, 0),
    "outside-change": (PAYROLL, 404),
    "deadlines": (EVERYBODY, 0),
    "access-reviews": (("aud", "adm"), 403),
    "leftover": (PAYROLL, 404),
    "reports": (EVERYBODY, 0),
    "report-schema": (EVERYBODY, 0),
    "report-schedules": (EVERYBODY, 0),
    "report": (PAYROLL, 404),
    "report-print": (PAYROLL, 404),
    "report-section": (PAYROLL, 404),
    "report-table": (PAYROLL, 404),
    "report-file": (PAYROLL, 404),
    "lpar": (PAYROLL, 404),
    "lpar-facts": (PAYROLL, 404),
    "lpar-changes": (PAYROLL, 404),
    "lpar-stale": (PAYROLL, 404),
    "fleet": (EVERYBODY, 0),
    "branch-systems": (EVERYBODY, 0),
    "branch-lpars": (ON_THE_SYSTEM, 404),
    "systems": (EVERYBODY, 0),
    "system": (ON_THE_SYSTEM, 404),
    "system-capacity": (ON_THE_SYSTEM, 404),
    "hmc": (WATCHERS, 404),
    "nim-master": (WATCHERS, 404),
    "nim-setup": (WATCHERS, 404),
    "nim-objects": (WATCHERS, 404),
    "lpp-source": (WATCHERS, 404),
    "schedules": (WATCHERS, 403),
    "evidence": (("aud", "adm"), 403),
    "calendar": (EVERYBODY, 0),
    "periods": (EVERYBODY, 0),
    "period": (PAYROLL, 404),
    "new-period": (CALENDAR_WRITERS, 403),
    "import-calendar": (CALENDAR_WRITERS, 403),
    "calendar-feeds": (EVERYBODY, 0),
    "agents": (EVERYBODY, 0),
    "refresh": (("ana",), 404),
    "reading": (PAYROLL, 404),
    "request": (PAYROLL, 404),
    "plan-text": (PAYROLL, 404),
    "run": (PAYROLL, 404),
    "run-transcript": (PAYROLL, 404),
    "run-output": (PAYROLL, 404),
    "run-file": (PAYROLL, 404),
    "run-lines": (PAYROLL, 404),
    "signatures": (EVERYBODY, 0),
    "signature": (EVERYBODY, 0),
    "hosts": (WATCHERS, 403),
    "discoveries": (WATCHERS, 403),
    "discovery": (WATCHERS, 404),
    "discovered": (WATCHERS, 404),
    "host": (WATCHERS, 404),
    "import-hosts": (("adm",), 403),
}
"""Page → who reads it, and what everybody else gets."""

ASKS = {"new-request": ASKERS, "edit-request": ASKERS, "exception": ("adm",), "agent": ("adm",)}
"""Forms about an LPAR and who fills them in: 403 for others who see the LPAR, 404 for the rest."""

WRITES: dict[str, tuple[str, ...]] = {
    "look": PAYROLL,
    "read-many": ON_THE_SYSTEM,
    "remove-schedule": ("adm",),
    "remove-period": ("bo", "ivy", "adm"),
    "end-calendar-feed": ("ana", "adm"),
    "approve-agent": ("bo", "ivy"),
    "remove-agent": ("adm",),
    "submit-request": ASKERS,
    "submit-urgent": ("bo",),
    "write-standard-change": ASKERS,
    "approve-standard-change": ("bo", "ivy"),
    "end-standard-change": ("ana", "bo", "ivy", "adm"),
    "end-delegation": ("ivy", "kim", "adm"),
    "close-emergency": ("ivy",),
    "plan-again": ASKERS,
    "withdraw": ASKERS,
    "approve": ("bo", "ivy"),
    "approve-alike": ("bo", "ivy"),
    "reject": ("bo", "ivy"),
    "ask-for-change": ("bo", "ivy"),
    "comment": ("ana", "bo", "ivy"),
    "withdraw-approval": ("bo", "ivy"),
    "abort-run": ("ana", "bo", "kim"),
    "decide-run": ("kim",),
    "sign-off-run": ("ana", "bo", "ivy"),
    "mail-choice": EVERYBODY,
    "propose-host-key": ("adm",),
    "accept-host-key": ("adm",),
    "set-ssh-exception": ("adm",),
    "discover": ("kim", "adm"),
    "canaries": ASKERS,
    "plan-campaign": ASKERS,
    "submit-campaign": ASKERS,
    "start-campaign": ("ana", "bo", "kim"),
    "halt-campaign": ("ana", "bo", "ivy", "kim"),
    "resume-campaign": ("bo", "ivy", "kim"),
    "withdraw-campaign": ASKERS,
    "explain-outside-change": ("ana", "bo", "kim", "adm"),
    "close-outside-change": ("bo", "ivy", "aud", "adm"),
    "take-leftover": ("ana", "bo", "kim"),
    "close-leftover": ("ana", "bo", "kim"),
    "end-report-schedule": PAYROLL,
    "end-baseline": ("adm",),
    "end-exception": ("adm",),
}
"""Action → who may do it; others get 403 if they see the thing and 404 if not."""

SEERS = {
    "propose-host-key": WATCHERS,
    "accept-host-key": WATCHERS,
    "set-ssh-exception": WATCHERS,
    "discover": WATCHERS,
    "end-baseline": EVERYBODY,
    "remove-schedule": EVERYBODY,
    "end-calendar-feed": EVERYBODY,
    "end-delegation": ("ivy", "kim", "aud", "adm"),
}
"""Who sees what an action is about, where that is not team Payroll's alone."""

STREAMS = {"run-stream"}
NAMES = {*READS, *ASKS, *WRITES, *STREAMS}
BY_A_SECRET = {"calendar-feed"}
"""What calendar programs read, which cannot sign in; `test_pages_calendar.py` has its cases."""


@pytest.fixture
def things() -> Things:
    fleet = make_fleet()
    run = fleet.queued("pay01")
    story = Story(run).begin().up_to_update()
    story.run.commands.filter(number=1).update(file_name="errpt", file_path="/tmp/errpt")
    story.run.refresh_from_db()
    refresh = ask_for_looks(fleet.ana, visible_lpars(fleet.ana), "all")
    schedule = set_schedule(fleet.adm, None, "", every_minutes=60, good_for_minutes=120)
    discovery_of_everything()
    submitted = fleet.submitted("pay02", consents=CONSENTS)
    source = LppSource.objects.filter(nim_object__master=make_nim(fleet))[0]
    agent = write_agent(fleet.adm, AgentEntry(fleet.teams["Payroll"], "dsmcad", AgentKind.SUBSYSTEM))
    leftover = Leftover.objects.create(
        lpar=story.run.lpar, run=story.run, kind="lvup_rootvg", text="hdisk2 holds it.", due_on=localdate()
    )
    month_end = PeriodWish(
        Kind.FREEZE,
        "Month end",
        "UTC",
        datetime(2020, 1, 31),
        datetime(2020, 2, 1),
        team=fleet.teams["Payroll"],
    )
    period = write_period(fleet.adm, month_end, "The books are closed.")
    feed, _ = open_feed(fleet.ana, fleet.teams["Payroll"])
    rules = compliance_of(fleet)
    asked_and_left = (refresh, schedule, source, agent, leftover, draft_of(fleet), period, feed)
    control = control_of(fleet, submitted)
    outside = changed_outside(fleet, "pay02", explained_by=fleet.kim)
    report = store_sample(fleet.aud, fleet.teams["Payroll"], sample_report(3))
    wish = ScheduleWish("access", fleet.teams["Payroll"], "week", "UTC", [fleet.ana])
    reports = report, set_report_schedule(fleet.aud, wish)
    return Things(fleet, submitted, story.run, *rules, *asked_and_left, control, outside, *reports)


def signed_in(things: Things, name: str, **options: bool) -> Client:
    client = Client(**options)
    client.force_login(things.fleet.people[name])
    return client


def rows() -> Iterator[int]:
    """How much stands in the tables that actions write."""
    yield Approval.objects.count()
    yield Comment.objects.count()
    yield Agent.objects.count()
    yield StoredPeriod.objects.count()
    yield CalendarFeed.objects.filter(ended_at=None).count()
    yield Leftover.objects.filter(closed_at=None).count()
    yield Agent.objects.exclude(approved_by=None).count()
    yield StoredReport.objects.count()
    yield ReportSchedule.objects.filter(ended_at=None).count()
    yield Refresh.objects.count()
    yield Campaign.objects.filter(state="draft").count()
    yield RefreshSchedule.objects.count()
    yield Run.objects.filter(abort_asked_at=None).count()
    yield from Request.objects.order_by("pk").values_list("version", flat=True)


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1")
def test_every_address_has_its_row() -> None:
    patterns = [*inventory.urls.urlpatterns, *liveupdate.urls.urlpatterns]
    assert {pattern.name for pattern in patterns if isinstance(pattern, URLPattern)} == NAMES | BY_A_SECRET


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1", "8.2.2", "8.4.1")
@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.deep
def test_who_reads_a_page(things: Things, person: str) -> None:
    client = signed_in(things, person)
    found = {name: client.get(things.address(name)).status_code for name in READS}
    assert found == {name: 200 if person in readers else other for name, (readers, other) in READS.items()}


def test_who_gets_a_form_about_an_lpar(things: Things) -> None:
    for person in EVERYBODY:
        client = signed_in(things, person)
        for name, askers in ASKS.items():
            wanted = 200 if person in askers else 403 if person in PAYROLL else 404
            assert client.get(things.address(name)).status_code == wanted, (person, name)


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1")
def test_nothing_without_signing_in(things: Things, client: Client) -> None:
    for name in NAMES:
        address = things.address(name)
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, answer["location"].split("?")[0]) == (302, "/sign-in/"), name


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1", "8.4.1")
@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.deep
def test_who_may_not_act_changes_nothing(things: Things, person: str) -> None:
    before = list(rows())
    client = signed_in(things, person)
    for name, actors in WRITES.items():
        if person in actors:
            continue
        answer = client.post(things.address(name), _wanted(things))
        refused = 409 if name == "withdraw-approval" else 403  # there is none of theirs to take back
        assert answer.status_code == (refused if person in SEERS.get(name, PAYROLL) else 404), name
        assert answer.templates[0].name == "errors/error.html"
    assert list(rows()) == before


@pytest.mark.threat("T17")
@pytest.mark.asvs("3.5.3")
def test_reading_an_action_does_nothing(things: Things) -> None:
    before = list(rows())
    for name, actors in WRITES.items():
        client = signed_in(things, actors[0])
        assert client.get(things.address(name), _wanted(things)).status_code == 405, name
        assert client.head(things.address(name)).status_code == 405, name
    assert list(rows()) == before


@pytest.mark.threat("T17")
@pytest.mark.asvs("3.5.1")
def test_a_form_of_another_site_does_nothing(things: Things) -> None:
    for name, actors in {**WRITES, **ASKS, "import-hosts": ("adm",)}.items():
        client = signed_in(things, actors[0], enforce_csrf_checks=True)
        before = list(rows()), Intake.objects.count()
        answer = client.post(things.address(name), _wanted(things))
        assert answer.status_code == 403, name
        assert "no longer current, or from another site" in answer.content.decode()
        assert (list(rows()), Intake.objects.count()) == before


def _wanted(things: Things) -> dict[str, str]:
    """What a form would send."""
    assert things.submitted.plan is not None
    shown = f"{things.submitted.pk}:{things.submitted.version}:{things.submitted.plan.digest}"
    return {
        "read": shown,
        "picked": shown,
        "text": "because",
        "plan_digest": things.submitted.plan.digest,
        "reason": "because",
        "decision": "close",
        "incident": "INC-1",
        "title": "again",
        "findings": "it was one",
        "digest": things.control.template.digest,
        "host": str(things.fleet.lpars["pay01"].hmc.host_id),
    }


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("missing", ["lpar", "request", "run", "host"])
def test_what_is_missing_looks_like_what_is_hidden(things: Things, missing: str) -> None:
    client = signed_in(things, "wes")
    hidden = client.get(things.address(missing))
    absent = client.get(reverse(missing, args=[999_999]))
    assert hidden.status_code == absent.status_code == 404
    assert _sentence(hidden.content) == _sentence(absent.content)


def _sentence(page: bytes) -> str:
    return page.decode().split("<main", 1)[1].split("</main>", 1)[0]
