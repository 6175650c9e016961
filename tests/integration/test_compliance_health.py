"""Sections 9, 11 and 12 of a compliance report over a week whose every number was worked out by hand."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from inventory.actions.levels import Leave, end_exception, grant_exception
from inventory.lpar_state import lpar_state
from inventory.models import Baseline, LevelChange, LevelException
from liveupdate.actions.access_reviews import review_access, roles_digest, roles_held
from liveupdate.bundle.verifier.opening import open_bundle
from liveupdate.bundle.verifier.people import apart_of
from liveupdate.bundle.verifier.recount import recount
from liveupdate.bundle.verifier.report import COMPLIANCE, check_report
from liveupdate.reports.compliance import compliance_report
from liveupdate.reports.document import Period, Report, Scope, Status, Table
from portal.access.models import Membership
from portal.access.roles import Role, apart
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Receipt
from portal.audit.sealer import seal_now
from portal.lib.clock import now, rfc3339
from tests.fleet import Fleet, make_fleet
from tests.history import History

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = Period(MONDAY, MONDAY + timedelta(days=7))
DAY = timedelta(days=1)


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def at(seconds: float) -> datetime:
    return MONDAY + timedelta(hours=8, seconds=seconds)


def sealed(past: History, moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that was said up to now is entered and gets its checkpoint at a moment."""
    past.enter(before=moment)
    with monkeypatch.context() as clock:
        clock.setattr("portal.audit.signer.now", lambda: moment)
        seal_now()


def told(period: Period = WEEK) -> Report:
    return compliance_report(period, Scope(), now())


def figures(report: Report, *keys: str) -> dict[str, Any]:
    return {key: report.figure(key).value for key in keys}


def table(report: Report, section: str, key: str) -> Table:
    return next(each for each in report.section(section).tables if each.key == key)


def control(report: Report, name: str) -> Any:
    return next(each for each in report.section("limits").controls if f"{each.standard} {each.name}" == name)


def alarm(past: History, when: datetime, **data: Any) -> None:
    past.say(Event.LEDGER_ALARM, Actor.portal(), when, {}, {"reason": "It is so.", "size": 9, **data})


def claimed(past: History, when: datetime, run: int, ahead: int, event: Event = Event.RUN_CLAIM) -> None:
    subject, worker = {"request": f"R-{run:06d}", "run": run}, Actor.worker("w2")
    data = {"state": "queued", "owner_before": "", "clock_ahead_ms": ahead}
    past.say(event, worker, when, subject, data, run)


def test_how_long_entries_wait_for_their_checkpoint(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten entries: three checkpoints cover them after 0 to 9 s."""
    past = History()
    past.people(MONDAY - DAY)
    sealed(past, MONDAY - DAY / 2, monkeypatch)
    for seconds in (0, 1, 2, 3):
        alarm(past, at(seconds))
    sealed(past, at(3.5), monkeypatch)  # 3,500 2,500 1,500 500 ms
    for seconds in (10, 11, 12, 19):
        alarm(past, at(seconds))
    sealed(past, at(19.25), monkeypatch)  # 9,250 8,250 7,250 250 ms
    for seconds in (30, 32):
        alarm(past, at(seconds))
    sealed(past, at(34), monkeypatch)  # 4,000 2,000 ms
    report = told()
    # 250 500 1500 2000 2500 3500 4000 7250 8250 9250: the fifth and the tenth; six are above 2,000
    assert figures(report, "ledger.entries", "ledger.seal_p50", "ledger.seal_p99", "ledger.seal_slow") == {
        "ledger.entries": 10, "ledger.seal_p50": 2_500, "ledger.seal_p99": 9_250, "ledger.seal_slow": 6,
    }  # fmt: skip
    first = told(Period(at(0), at(3)))
    assert figures(first, "ledger.seal_p50", "ledger.seal_slow") == {
        "ledger.seal_p50": 2_500, "ledger.seal_slow": 2,
    }  # fmt: skip


def test_what_befell_the_ledger_is_counted_and_told(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    past = History()
    past.people(MONDAY - DAY)
    alarm(past, at(1))
    alarm(past, at(2), spool="/var/spool/liveupdate")
    alarm(past, at(3), anchor="siem", over=False)
    alarm(past, at(4), anchor="siem", over=True)
    alarm(past, MONDAY - timedelta(hours=1))  # before the week
    for number, ok in enumerate((True, False), 5):
        bad = None if ok else "Entry 4 was altered."
        past.say(Event.LEDGER_VERIFY, Actor.portal(), at(number), {}, {"ok": ok, "size": 9, "first_bad": bad})
    past.say(Event.LEDGER_RESTORE, Actor.command("ledger_restore"), at(7), {}, {"reason": "A disk was lost"})
    past.say(Event.LEDGER_REKEY, Actor.command("ledger_key"), at(8), {}, {"reason": "Each year"})
    run = {"request": "R-000001", "run": 1}
    worker = Actor.worker("w1")
    past.say(Event.SPOOL_REPLAY, worker, at(9), run, {"command": 4, "bytes": 70_000}, 1)
    out = {"command": 4, "stream": "stderr", "offset": 100, "bytes": 0, "chunks": []}
    gap = {"from": 100, "to": 350, "digest": "sha256:" + "0" * 64}
    past.say(Event.CMD_OUT, worker, at(10), run, out | {"gap": gap}, 1)
    past.say(Event.CMD_OUT, worker, at(11), run, out | {"bytes": 9}, 1)
    sealed(past, at(12), monkeypatch)
    report = told()
    wanted = {
        "ledger.alarms": 3, "ledger.spool_alarms": 1, "ledger.anchor_alarms": 1, "ledger.verified": 2,
        "ledger.bad": 1, "ledger.restores": 1, "ledger.rekeys": 1, "ledger.prunes": 0, "ledger.replays": 1,
        "ledger.gaps": 1,
    }  # fmt: skip
    assert figures(report, *wanted) == wanted
    said = [row.cells[1:4:2] for row in table(report, "audit_health", "ledger.health").rows]
    assert said == [
        *[("ledger.alarm", "It is so.")] * 4,
        ("ledger.verify", "Entry 4 was altered."),
        ("ledger.restore", "A disk was lost"),
        ("ledger.rekey", "Each year"),
        ("spool.replay", "70000 bytes of command 4 of run 1"),
    ]
    [row] = table(report, "audit_health", "ledger.gaps").rows
    assert row.cells[1:5] == (1, 4, "stderr", 250)
    for name in ("NIST SP 800-53 r5 AU-5", "PCI DSS 4.0 10.7"):
        assert control(report, name).status is Status.NOT_SATISFIED
        assert "a spool holds what the ledger does not: 1" in control(report, name).because


def test_clocks_of_workers_are_judged_to_a_second(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    past = History()
    past.people(MONDAY - DAY)
    claimed(past, at(1), 1, 0)
    claimed(past, at(2), 2, 1_000)
    claimed(past, at(3), 3, -1_000)
    sealed(past, at(4), monkeypatch)
    clocks = ("NIST SP 800-53 r5 AU-8", "PCI DSS 4.0 10.6", "ISO/IEC 27001:2022 A.8.17")
    assert {control(told(), name).status for name in clocks} == {Status.SATISFIED}
    claimed(past, at(5), 4, 1_001)
    claimed(past, at(6), 5, -86_400_000, Event.RUN_ADOPT)
    sealed(past, at(7), monkeypatch)
    report = told()
    assert figures(report, "clocks.measured", "clocks.off") == {"clocks.measured": 5, "clocks.off": 2}
    rows = [row.cells[1:] for row in table(report, "audit_health", "clocks").rows]
    assert rows == [("w2", 4, 1_001), ("w2", 5, -86_400_000)]
    assert {control(report, name).status for name in clocks} == {Status.NOT_SATISFIED}
    before = told(Period(MONDAY - 2 * DAY, MONDAY))
    assert {control(before, name).status for name in clocks} == {Status.NOT_ASSESSED}


def test_roles_kept_apart_and_what_was_denied(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be given both by the portal; whoever writes them into the database is found."""
    past = History()
    for role in (Role.APPROVER, Role.OPERATOR):
        Membership.objects.create(user=fleet.aud, team=fleet.teams["Payroll"], role=role)
    past.people(MONDAY - DAY)

    def denied(person: str, seconds: int, page: str, why: str) -> None:
        said = {"method": "POST", "page": page, "path": "/x/", "why": why}
        past.say(Event.ACCESS_DENIED, Actor.person(fleet.people[person].public_id), at(seconds), {}, said)

    denied("sam", 1, "approve-request", "role_needed")
    denied("sam", 2, "approve-request", "role_needed")
    denied("ana", 3, "deadlines", "role_needed")
    refused = {"plan_digest": "sha256:0", "code": "own_request", "why": "It is your own."}
    past.say(
        Event.APPROVAL_REFUSED, Actor.person(fleet.bo.public_id), at(4), {"request": "R-000001"}, refused
    )
    sealed(past, at(5), monkeypatch)
    report = told()
    wanted = {"access.apart": 1, "access.denied": 3, "access.refused": 1}
    assert figures(report, *wanted) == wanted
    [row] = table(report, "access", "access.apart").rows
    assert row.cells == (fleet.aud.public_id, ("approver", "auditor", "operator"))
    rows = {row.cells[:4] for row in table(report, "access", "access.denied").rows}
    assert rows == {
        (fleet.sam.public_id, "POST approve-request", "role_needed", 2),
        (fleet.ana.public_id, "POST deadlines", "role_needed", 1),
        (fleet.bo.public_id, "decide on R-000001", "own_request", 1),
    }
    for name in ("AU-9(4)", "CM-5(1)"):
        found = control(report, f"NIST SP 800-53 r5 {name}")
        assert found.status is Status.NOT_SATISFIED
        assert found.because == "Hold roles that nobody holds together: 1."


def test_controls_of_access_and_anchors_are_assessed(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    past = History()
    past.people(MONDAY - DAY)
    said = {"method": "GET", "page": "audit", "path": "/audit/", "why": "role_needed"}
    past.say(Event.ACCESS_DENIED, Actor.person(fleet.sam.public_id), at(1), {}, said)
    sealed(past, at(2), monkeypatch)
    names = ("AU-9(4)", "CM-5(1)", "AU-5", "AU-9(2)")
    stand = {name: control(told(), f"NIST SP 800-53 r5 {name}") for name in names}
    assert [each.status for each in stand.values()] == [*[Status.SATISFIED] * 3, Status.NOT_ASSESSED]
    assert stand["AU-9(2)"].because == "Nothing to judge by: Answers of anchors outside: 0."
    Receipt.objects.create(anchor="witness", kind="cosignature", size=1, content="x", at=at(1))
    assert control(told(), "NIST SP 800-53 r5 AU-9(2)").status is Status.SATISFIED
    alarm(past, at(3), anchor="witness", over=False)
    sealed(past, at(4), monkeypatch)
    assert control(told(), "NIST SP 800-53 r5 AU-9(2)").status is Status.NOT_SATISFIED


SUNDAY = date(2026, 3, 8)
LOW, HIGH = "7200-05-03-2148", "7200-05-04-2220"


def excepted(fleet: Fleet, lpar: str, starts: date, expires: date, **other: Any) -> LevelException:
    values: dict[str, Any] = {
        "owner": fleet.ana, "granted_by": fleet.adm, "reason": "The vendor certifies later",
        "compensation": "Reached from the payroll network alone",
    }  # fmt: skip
    row = LevelException.objects.create(
        lpar=fleet.lpars[lpar], starts_on=starts, expires_on=expires, **(values | other)
    )
    LevelException.objects.filter(pk=row.pk).update(granted_at=datetime(2026, 2, 1, tzinfo=UTC))
    return row


def test_exceptions_by_hand(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A baseline since 1 February; the week ends on Sunday, 8 March."""
    past = History()
    past.people(MONDAY - DAY)
    sealed(past, WEEK.end + DAY, monkeypatch)
    Baseline.objects.create(
        name="march", minimum_level="7200-05-04", environment="", due_on=date(2026, 2, 1), reason="r",
        created_by=fleet.adm,
    )  # fmt: skip
    for name, level in (("pay01", LOW), ("pay02", LOW), ("web01", HIGH), ("web02", LOW)):
        seen_at = datetime(2026, 1, 1, tzinfo=UTC)
        LevelChange.objects.create(lpar=fleet.lpars[name], level_after=level, seen_at=seen_at)
    excepted(fleet, "pay01", date(2026, 2, 1), date(2026, 3, 7))  # over on Saturday, and still below
    excepted(fleet, "pay02", date(2026, 2, 1), SUNDAY)  # holds on its last day
    excepted(fleet, "web01", date(2026, 2, 1), date(2026, 3, 4), owner=fleet.wes)  # over, and updated
    ended = datetime(2026, 3, 5, 12, tzinfo=UTC)
    excepted(fleet, "web02", date(2026, 2, 1), date(2026, 4, 1), ended_at=ended)  # ended early, but below
    excepted(fleet, "web02", SUNDAY, date(2026, 4, 1), owner=fleet.adm)  # covers it; granted by its owner
    excepted(fleet, "pay01", date(2026, 3, 9), date(2026, 4, 1))  # begins after the week
    excepted(fleet, "pay01", date(2026, 1, 1), date(2026, 3, 1))  # was over before it
    report = told()
    wanted = {
        "exceptions.all": 5, "exceptions.in_force": 2, "exceptions.expired_in_use": 1, "exceptions.own": 1,
    }  # fmt: skip
    assert figures(report, *wanted) == wanted
    rows = [row.cells for row in table(report, "exceptions", "exceptions").rows]
    keys = [column.key for column in table(report, "exceptions", "exceptions").columns]
    shown = [dict(zip(keys, cells, strict=True)) for cells in rows]
    assert [(each["lpar"], each["state"], each["still_below"]) for each in shown] == [
        ("pay01", "over", True),
        ("pay02", "in force", True),
        ("web01", "over", False),
        ("web02", "over", True),
        ("web02", "in force", True),
    ]
    assert {each["compensation"] for each in shown} == {"Reached from the payroll network alone"}
    assert (shown[0]["starts_on"], shown[0]["expires_on"]) == ("2026-02-01", "2026-03-07")
    assert (shown[0]["owner"], shown[0]["granted_by"]) == (fleet.ana.public_id, fleet.adm.public_id)
    assert control(report, "PCI DSS 4.0 6.3.3").status is Status.NOT_SATISFIED


def test_an_exception_enters_its_owner_measure_and_start(fleet: Fleet) -> None:
    today = now().date()
    lpar = fleet.lpars["pay01"]
    leave = Leave(fleet.ana, "The vendor certifies later", "Watched closely", today, today + DAY)
    given = grant_exception(fleet.adm, lpar.pk, leave)
    end_exception(fleet.adm, given.pk, "Certified")
    seal_now()
    begin = now() - DAY
    report = compliance_report(Period(begin, now() + DAY), Scope(), now())
    [row] = table(report, "exceptions", "exceptions").rows
    assert row.cells[:5] == (
        "pay01", fleet.ana.public_id, "The vendor certifies later", "Watched closely", fleet.adm.public_id,
    )  # fmt: skip
    assert row.cells[6:9] == (today.isoformat(), (today + DAY).isoformat(), "over")
    assert table(report, "exceptions", "exceptions.hosts").rows == ()


def test_a_bundle_recounts_access_exceptions_and_health(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of people who signed in last before the period: their entries come with the bundle."""
    past, today = History(), now()
    past.people(today - 200 * DAY)
    for person, days in (("ana", 100), ("ana", 80), ("bo", 100), ("ivy", 0)):
        past.say(Event.AUTH_OK, Actor.person(fleet.people[person].public_id), today - days * DAY, {}, {})
    past.say(Event.AUTH_FAIL, Actor.portal(), today, {}, {"why": "password"})
    alarm(past, today, spool="/var/spool/liveupdate")
    claimed(past, today, 1, 5_000)
    past.say(Event.LEDGER_VERIFY, Actor.portal(), today - 9 * DAY, {}, {"ok": True, "size": 1})
    lpar, day = fleet.lpars["pay01"], today.date()
    changed = {"row": lpar.pk, "before": None, "after": lpar_state(lpar)}
    past.say(Event.LPAR_CHANGE, Actor.portal(), today - 50 * DAY, {"lpar": lpar.name}, changed)
    past.enter()
    for reason in ("The vendor certifies later", "Once more"):
        leave = Leave(fleet.ana, reason, "Watched closely", day, day + DAY)
        given = grant_exception(fleet.adm, lpar.pk, leave)
    end_exception(fleet.adm, given.pk, "Certified")
    review_access(fleet.adm, roles_digest(roles_held()), "Everybody keeps their roles")
    seal_now()
    path = tmp_path / "days.zip"
    words = ("--from", f"{day - DAY}", "--to", f"{day + DAY}", "--out", str(path))
    call_command("evidence", *words, stdout=io.StringIO(), stderr=io.StringIO())
    bundle = open_bundle(path.read_bytes())
    assert check_report(bundle).findings == []
    counted = recount(bundle, json.loads(bundle.files[COMPLIANCE])).figures
    wanted = {
        "access.people": 7, "access.stale": 5, "access.sessions": 1, "access.failed": 1,
        "access.review_overdue": 0, "exceptions.all": 2, "exceptions.in_force": 1, "exceptions.own": 0,
        "ledger.spool_alarms": 1, "clocks.off": 1, "ledger.verified": 0, "ledger.verified_good": True,
        "coverage.known_since": rfc3339(today - 50 * DAY),
    }  # fmt: skip
    assert {key: counted[key] for key in wanted} == wanted


def test_the_verifier_keeps_the_same_roles_apart(fleet: Fleet) -> None:
    for one, two in product(Role, Role):
        held = [{"role": str(role), "team": ""} for role in (one, two)]
        assert bool(apart_of({"p": {"active": True, "roles": held}})) is apart(one, two), (one, two)
