"""Reports of a moment of the past: they say what the inventory and the teams were then, whenever asked."""

from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from inventory.actions.decisions import accept
from inventory.actions.imports import import_hosts
from inventory.models import Discovered, Host
from inventory.survey import Answers
from liveupdate.actions.discoveries import discover_now
from liveupdate.reports.catalogue import Question, build
from liveupdate.reports.document import Period, Report
from liveupdate.reports.inventory_then import inventory_at
from portal.access.actions import grant, revoke
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.sealer import seal_now
from portal.audit.standing import standing_at
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet, make_people
from tests.hmc_answers import Cec, Console, Part, uuid

pytestmark = pytest.mark.django_db
SERIAL, SYSTEM = "78A1234", "9080-M9S-78A1234"
HEAD = (
    "kind,name,address,account,credential,credential_reference,serial,managed_system,hmc,uuid,team,environment\n"
    "hmc,hmc01,10.254.0.1,hscroot,key,file:/etc/live-update/key,,,,,,\n"
    f"managed_system,{SYSTEM},,,,,{SERIAL},,hmc01,,,\n"
)


def bring_in(fleet: Fleet, *rows: tuple[str, str, str, str]) -> None:
    """Import LPARs: name, UUID, team and environment."""
    lines = [
        f"lpar,{name},10.254.0.20,root,key,,,{SERIAL},hmc01,{identity},{team},{environment}\n"
        for name, identity, team, environment in rows
    ]
    done = import_hosts(
        "hosts.csv", (HEAD + "".join(lines)).encode(), actor=actor(fleet), person=fleet.adm, dry_run=False
    )
    assert (done.applied, done.problems) == (True, [])


def actor(fleet: Fleet) -> Actor:
    return Actor.person(fleet.adm.public_id)


def discover(*parts: Part) -> None:
    facts = Console([Cec(SERIAL, SYSTEM, partitions=parts)]).facts(now())
    with mock.patch("inventory.actions.console_discovery.read_console", return_value=Answers(facts)):
        discover_now(Host.objects.get(name="hmc01"), Actor.command("discover"))


def signed() -> datetime:
    """Have everything signed; the moment by which it was."""
    seal_now()
    return now()


def report(as_of: datetime, kind: str = "fleet", team: str = "") -> Report:
    period = Period(as_of - timedelta(days=30), as_of + timedelta(days=1), "Europe/Berlin")
    return build(Question(kind, period, team, as_of), lambda *_: None)


def fleet_of(told: Report) -> list[tuple[Any, ...]]:
    [table] = [each for each in told.section("fleet").tables if each.key == "fleet.lpars"]
    return [row.cells[:3] for row in table.rows]


@pytest.fixture
def fleet() -> Fleet:
    return make_people()


def test_each_moment_is_told_as_it_was_then_and_later_the_same(fleet: Fleet) -> None:
    bring_in(fleet, ("pay01", uuid(26), "payroll", "production"))
    begin = signed()
    at_once = [report(begin), report(begin, team="payroll")]

    bring_in(fleet, ("web01", uuid(33), "webshop", "test"))
    added = signed()
    at_once += [report(added), report(added, team="payroll")]

    bring_in(fleet, ("shop1", uuid(26), "webshop", "test"))
    moved = signed()
    at_once += [report(moved), report(moved, team="payroll")]

    discover(Part("web01", 33, uuid(33)))
    accept(fleet.adm, Discovered.objects.get(change="gone", kind="lpar").pk)
    gone = signed()
    at_once += [report(gone), report(gone, team="payroll")]

    pay, shop, web = (
        ("pay01", "Payroll", "production"),
        ("shop1", "Webshop", "test"),
        ("web01", "Webshop", "test"),
    )
    expected = [[pay], [pay], [pay, web], [pay], [shop, web], [], [web], []]
    assert [fleet_of(each) for each in at_once] == expected
    later = [report(moment, team=team) for moment in (begin, added, moved, gone) for team in ("", "payroll")]
    assert [each.content for each in later] == [each.content for each in at_once]


def test_what_an_hmc_lists_again_is_back_in_service_from_then_on(fleet: Fleet) -> None:
    bring_in(fleet, ("pay01", uuid(26), "payroll", "production"), ("web01", uuid(33), "webshop", "test"))
    web = Part("web01", 33, uuid(33))
    discover(web)
    accept(fleet.adm, Discovered.objects.get(change="gone", kind="lpar").pk)
    gone = signed()
    discover(web, Part("pay01", 26, uuid(26)))
    back = signed()
    names = [[name for name, *_ in fleet_of(report(moment))] for moment in (gone, back)]
    assert names == [["web01"], ["pay01", "web01"]]


def test_an_lpar_from_before_any_entry_is_what_its_first_entry_says_that_it_had_been() -> None:
    fleet = make_fleet()
    before = signed()
    bring_in(fleet, ("pay01", fleet.lpars["pay01"].uuid, "webshop", "test"))
    after = signed()

    def pay01(moment: datetime) -> tuple[str, str]:
        lpars = inventory_at(standing_at(moment).size, moment).lpars
        assert len(lpars) == len(fleet.lpars)
        then = lpars[fleet.lpars["pay01"].pk]
        return then.team, then.environment

    assert [pay01(before), pay01(after)] == [("Payroll", "production"), ("Webshop", "test")]


def test_coverage_counts_the_lpars_of_then(fleet: Fleet) -> None:
    bring_in(fleet, ("pay01", uuid(26), "payroll", "production"))
    begin = signed()
    bring_in(fleet, ("web01", uuid(33), "webshop", "test"))
    signed()
    figures = {each.key: each.value for each in report(begin, "compliance").section("population").figures}
    assert (figures["coverage.lpars"], figures["coverage.never"]) == (1, 1)
    assert str(figures["coverage.known_since"]) < begin.isoformat()


def test_a_member_is_told_from_joining_to_leaving(fleet: Fleet) -> None:
    before = signed()
    held = (fleet.wes, Role.REQUESTER, fleet.teams["Payroll"])
    grant(*held, by=fleet.adm)
    joined = signed()
    at_once = report(joined, "access")
    revoke(*held, by=fleet.adm)
    left = signed()

    def roles(told: Report) -> tuple[str, ...]:
        [table] = [each for each in told.section("access").tables if each.key == "access.people"]
        [row] = [row for row in table.rows if row.cells[0] == fleet.wes.public_id]
        assert isinstance(row.cells[1], tuple)
        return row.cells[1]

    word = "requester of payroll"
    assert [word in roles(report(moment, "access")) for moment in (before, joined, left)] == [
        False,
        True,
        False,
    ]
    assert report(joined, "access").content == at_once.content
