"""Nothing starts outside the calendar: windows, freezes, too little time, rows that nobody entered."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from liveupdate.actions.periods import PeriodWish, remove_period, write_period
from liveupdate.actions.runs import start_run
from liveupdate.control.calendar import Kind
from liveupdate.engine import approval
from liveupdate.models import Request, Run, StoredPeriod
from liveupdate.records.calendar_fit import asked_by, held_by_calendar
from liveupdate.records.consequences import held_ones
from liveupdate.records.periods import calendar_now
from portal.access.actions import grant
from portal.access.models import User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.audit.said import said_at_all
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.integration.engine_world import World, make_world, sh

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def admin() -> User:
    person = User.objects.create(username="ada")
    grant(person, Role.ADMINISTRATOR, None, by=Actor.command("tests"))
    return person


@pytest.fixture
def request_(world: World) -> Request:
    return world.approved(world.plan([sh("a", "true")]))


def wall(hours: float) -> datetime:
    """So many hours from now, by a clock in UTC."""
    return (now() + timedelta(hours=hours)).replace(tzinfo=None)


def period(kind: Kind, begin: float, end: float, **more: Any) -> PeriodWish:
    return PeriodWish(
        **({"kind": kind, "name": "P", "zone": "UTC", "first": wall(begin), "last": wall(end)} | more)
    )


def test_a_freeze_starts_nothing_and_says_until_when(admin: User, request_: Request) -> None:
    row = write_period(admin, period(Kind.FREEZE, -1, 1, name="Year end"), "the books are closed")
    with pytest.raises(Conflict, match="The freeze “Year end”") as refused:
        start_run(request_.pk)
    assert refused.value.code == "frozen"
    assert refused.value.remedy.startswith("Its own change window has no slot; the next of the LPAR is ")
    assert not Run.objects.exists()
    remove_period(admin, row.uid, row.version, "the books were closed early")
    start_run(request_.pk)


def test_a_slot_later_in_its_own_window_is_named(admin: User, request_: Request) -> None:
    Request.objects.update(ends_at=now() + 9 * HOUR)
    request_.refresh_from_db()
    write_period(admin, period(Kind.FREEZE, -1, 1), "backup")
    reason = held_by_calendar(request_, now())
    assert reason is not None
    assert reason.remedy.startswith("Next slot: ")
    assert reason.until is not None
    assert abs(reason.until - now() - HOUR) < timedelta(minutes=2)


def test_outside_the_windows_of_the_lpar_it_is_held(admin: User, world: World, request_: Request) -> None:
    row = write_period(admin, period(Kind.WINDOW, 5, 9, team=world.team), "agreed with payroll")
    assert held_by_calendar(request_, now()).code == "no_window"
    write_period(admin, period(Kind.WINDOW, -1, 4, team=world.team), "this week only", row.uid, row.version)
    assert held_by_calendar(request_, now()) is None


@pytest.mark.parametrize(("seconds", "held"), [(-1, True), (1, False)])
def test_it_has_to_fit_before_the_windows_end_to_the_second(
    world: World, request_: Request, seconds: int, held: bool
) -> None:
    at = now()
    needs = asked_by(request_).expected.needs
    request_.starts_at, request_.ends_at = at - HOUR, at + needs + timedelta(seconds=seconds)
    reason = held_by_calendar(request_, at)
    assert (reason is not None) is held
    if reason:
        assert str(reason).startswith(
            "It needs 1 h 10 min with 15 min to clean up should it fail (IBM's usual"
        )
        assert "1 h 9 min are left before its change window ends." in str(reason)


def test_it_has_to_fit_before_a_freeze(admin: User, request_: Request) -> None:
    Request.objects.update(ends_at=now() + 9 * HOUR)
    request_.refresh_from_db()
    write_period(admin, period(Kind.FREEZE, 1, 2, name="Backup"), "backup")
    reason = held_by_calendar(request_, now())
    assert reason is not None
    assert reason.code == "does_not_fit"
    assert "are left before the freeze “Backup” begins" in reason.message


def test_the_worker_asks_again_in_its_claim(admin: User, request_: Request) -> None:
    run = start_run(request_.pk)
    assert approval.refusal(run) == ""
    write_period(admin, period(Kind.FREEZE, -1, 1, name="Now"), "an incident")
    assert approval.refusal(run).startswith("The freeze “Now”")


def test_a_freeze_takes_nothing_away_from_what_is_under_way(admin: User, request_: Request) -> None:
    run = start_run(request_.pk)
    Run.objects.update(state="running")
    write_period(admin, period(Kind.FREEZE, -1, 1), "an incident")
    run.refresh_from_db()
    assert (run.state, run.abort_asked_at, approval.withdrawn(run)) == ("running", None, "")


def test_a_change_names_whom_it_holds_and_moves_nothing(admin: User, request_: Request) -> None:
    before = Request.objects.values("starts_at", "ends_at", "state", "version", "plan_id").get()
    row = write_period(admin, period(Kind.FREEZE, -2, 20), "the quarter's end")
    entry = next(said_at_all(["freeze.open"]))
    assert entry["d"]["holds"] == [request_.number]
    assert entry["sub"] == {"period": row.uid, "team": ""}
    assert Request.objects.values("starts_at", "ends_at", "state", "version", "plan_id").get() == before
    held = held_ones(Request.objects.all(), calendar_now(), now())
    assert [(each.request, each.reason.code) for each in held if each.reason] == [(request_, "frozen")]


def drop_the_freeze(row: StoredPeriod) -> None:
    StoredPeriod.objects.all()._raw_delete("default")


def move_the_freeze(row: StoredPeriod) -> None:
    StoredPeriod.objects.update(first="2020-01-01T00:00")


def forge_a_removal(row: StoredPeriod) -> None:
    row.pk, row.version, row.removed = None, 2, True
    row.save(force_insert=True)


def narrow_the_freeze(row: StoredPeriod) -> None:
    StoredPeriod.objects.update(environment="nowhere")


@pytest.mark.parametrize("attack", [drop_the_freeze, move_the_freeze, forge_a_removal, narrow_the_freeze])
def test_a_calendar_that_somebody_edited_in_the_database_starts_nothing(
    admin: User, request_: Request, attack: Any
) -> None:
    attack(write_period(admin, period(Kind.FREEZE, -1, 1), "month end"))
    with pytest.raises(Conflict, match="not what was entered in the ledger"):
        start_run(request_.pk)
    seal_now()
    report = verify_ledger()
    assert any("Period" in problem.message for problem in report.problems), report.problems


def test_a_window_that_was_written_into_the_table_allows_nothing(admin: User, request_: Request) -> None:
    row = write_period(admin, period(Kind.WINDOW, 5, 9), "nights")
    row.pk, row.uid, row.first = None, "0" * 16, wall(-1).strftime("%Y-%m-%dT%H:%M")
    row.save(force_insert=True)
    with pytest.raises(Conflict, match="not what was entered in the ledger"):
        start_run(request_.pk)


def test_every_version_is_kept_and_verifies(admin: User) -> None:
    row = write_period(admin, period(Kind.WINDOW, 1, 5), "nights")
    again = write_period(admin, period(Kind.WINDOW, 2, 6), "an hour later", row.uid, 1)
    remove_period(admin, row.uid, 2, "no longer agreed")
    assert [each.version for each in StoredPeriod.objects.filter(uid=row.uid).order_by("version")] == [
        1,
        2,
        3,
    ]
    assert (again.uid, StoredPeriod.objects.current().count()) == (row.uid, 0)
    seal_now()
    report = verify_ledger()
    assert report.ok, report.problems


def test_of_two_changes_of_one_version_the_second_is_refused(admin: User) -> None:
    row = write_period(admin, period(Kind.WINDOW, 1, 5), "nights")
    write_period(admin, period(Kind.WINDOW, 2, 6), "later", row.uid, 1)
    with pytest.raises(Conflict, match="was changed meanwhile"):
        write_period(admin, period(Kind.WINDOW, 3, 7), "later still", row.uid, 1)
    remove_period(admin, row.uid, 2, "gone")
    with pytest.raises(Invalid, match="no such window"):
        remove_period(admin, row.uid, 3, "gone again")


def test_who_may_change_which_part_of_the_calendar(admin: User, world: World) -> None:
    everybodys, teams = period(Kind.FREEZE, 1, 2), period(Kind.FREEZE, 1, 2, team=world.team)
    before = Intake.objects.count()
    for person in (world.approver, world.requester, world.operator):
        with pytest.raises(NotAllowed):
            write_period(person, everybodys, "why not")
    for person in (world.requester, world.operator):
        with pytest.raises(NotAllowed):
            write_period(person, teams, "why not")
    assert Intake.objects.count() == before
    own = write_period(world.approver, teams, "payroll closes")
    companys = write_period(admin, everybodys, "year end")
    with pytest.raises(NotAllowed):
        remove_period(world.approver, companys.uid, 1, "in the way")
    remove_period(admin, own.uid, 1, "agreed with payroll")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": " "}, "needs a name"),
        ({"last": datetime(2020, 1, 1)}, "has to end after it begins"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"rule": "FREQ=SECONDLY"}, "FREQ is one of"),
    ],
)
def test_what_is_no_period_is_refused(admin: User, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        write_period(admin, period(Kind.WINDOW, 1, 2, **changes), "a test")
    with pytest.raises(Invalid, match="needs a reason"):
        write_period(admin, period(Kind.WINDOW, 1, 2), " ")
    assert not StoredPeriod.objects.exists()
