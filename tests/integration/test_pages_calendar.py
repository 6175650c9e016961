"""The calendar's pages: editor with its effects, week and month, files in and out, feeds."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from liveupdate.actions.feeds import open_feed
from liveupdate.actions.periods import PeriodWish, write_period
from liveupdate.control.calendar import Kind, Scope
from liveupdate.control.ical import read_calendar
from liveupdate.models import CalendarFeed, Request, StoredPeriod
from portal.access.models import Membership
from portal.audit.models import Intake
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.request_pages import opened, sent

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
HOUR = timedelta(hours=1)


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def form(kind: str = "freeze", begin: float = -1, end: float = 20, **changes: str) -> dict[str, str]:
    first, last = (f"{now() + hours * HOUR:%Y-%m-%dT%H:%M}" for hours in (begin, end))
    values = {"kind": kind, "name": "Quarter's end", "zone": "UTC", "first": first, "last": last}
    return values | {"reason": "The books are closed.", "do": "preview"} | changes


def wish(kind: Kind, begin: float, end: float, **more: Any) -> PeriodWish:
    first, last = ((now() + hours * HOUR).replace(tzinfo=None) for hours in (begin, end))
    return PeriodWish(
        **({"kind": kind, "name": "Nights", "zone": "UTC", "first": first, "last": last} | more)
    )


def test_the_effects_are_shown_first_and_saving_moves_nothing(fleet: Fleet) -> None:
    request = fleet.approved()
    page = sent(fleet, "adm", reverse("new-period"), **form()).content.decode()
    assert "1 request could not start any more" in page
    assert request.number in page
    assert "not saved yet" in page
    assert not StoredPeriod.objects.exists()

    answer = sent(fleet, "adm", reverse("new-period"), **form(do="save"))
    row = StoredPeriod.objects.get()
    assert answer["location"] == reverse("period", args=[row.uid])
    assert Request.objects.values_list("starts_at", "ends_at", "state").get() == (
        request.starts_at,
        request.ends_at,
        "approved",
    )
    calendar = opened(fleet, "ana", reverse("calendar"))
    assert "1 approved request cannot start in its own window" in calendar
    assert request.number in calendar
    held = opened(fleet, "ana", request.get_absolute_url())
    assert "The freeze “Quarter's end” (every LPAR) lasts until" in held

    page = opened(fleet, "adm", answer["location"])
    assert "Can start." in page, "taking the freeze out would let the request start"
    out = {"version": "1", "remove-reason": "It was closed early."}
    sent(fleet, "adm", reverse("remove-period", args=[row.uid]), **out)
    assert "cannot start in its own window" not in opened(fleet, "ana", reverse("calendar"))


def test_a_change_makes_the_next_version(fleet: Fleet) -> None:
    row = write_period(fleet.adm, wish(Kind.WINDOW, 5, 9, rule="FREQ=DAILY"), "agreed")
    address = reverse("period", args=[row.uid])
    page = opened(fleet, "adm", address)
    assert '<option value="FREQ=DAILY" selected>' in page
    changed = form(
        "window", 6, 10, repeats="rule", rule="freq=weekly", but="2030-01-01", version="1", do="save"
    )
    assert sent(fleet, "adm", address, **changed).status_code == 302
    new = StoredPeriod.objects.current().get()
    assert (new.uid, new.version, new.rule, new.but) == (row.uid, 2, "FREQ=WEEKLY", ["2030-01-01"])
    late = sent(fleet, "adm", address, **changed)
    assert late.status_code == 400
    assert "was changed meanwhile" in late.content.decode()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"zone": "Berlin"}, "There is no time zone"),
        ({"lpar": "web01"}, "There is no LPAR web01"),
        ({"but": "tomorrow"}, "Write days as"),
        ({"first": "soon"}, "Enter a date and a time"),
        ({"repeats": "rule", "rule": "FREQ=MINUTELY"}, "FREQ is one of"),
        ({"rule": "FREQ=DAILY"}, "Choose “By a rule” above"),
        ({"repeats": "rule"}, "Write the rule."),
        ({"team": ""}, "This field is required"),
        ({"reason": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_is_said_beside_it(fleet: Fleet, changes: dict[str, str], why: str) -> None:
    own = form(team=str(fleet.teams["Payroll"].pk), do="save")
    answer = sent(fleet, "bo", reverse("new-period"), **(own | changes))
    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert not StoredPeriod.objects.exists()


def test_a_week_shows_windows_freezes_and_requests_by_lane(fleet: Fleet) -> None:
    write_period(fleet.adm, wish(Kind.WINDOW, -1, 30, name="Nights", team=fleet.teams["Payroll"]), "agreed")
    write_period(fleet.adm, wish(Kind.FREEZE, -200, 200, name="Shop freeze", environment="test"), "sale")
    request = fleet.approved()
    page = opened(fleet, "ana", reverse("calendar"))
    assert 'class="window"' in page
    assert "Shop freeze" not in page, "none of her LPARs is in the environment test"
    assert f'href="{request.get_absolute_url()}"' in page
    assert "style=" not in page.split("<main", 1)[1]
    shop = opened(fleet, "wes", reverse("calendar") + "?by=applications")
    assert 'fill="url(#hatch)"' in shop
    assert "Nights" not in shop
    assert request.number not in shop
    month = opened(fleet, "kim", reverse("calendar") + "?view=month&day=2027-03-01")
    assert "March 2027" in month
    assert "no such day" not in opened(fleet, "kim", reverse("calendar") + "?day=no+such+day&page=99&by=x")


def test_a_week_shows_what_surrogates_take_of_each_managed_system(fleet: Fleet, settings: Any) -> None:
    settings.TIME_ZONE = "UTC"
    fleet.approved()
    week = opened(fleet, "kim", reverse("calendar"))
    assert "Surrogates: 8.2 of 71 GB, 0.5 of 11.5 cores" in week
    assert 'class="load"' in week
    assert "Surrogates:" not in opened(fleet, "kim", reverse("calendar") + "?view=month")


def test_the_page_of_an_lpar_says_what_the_calendar_holds_for_it(fleet: Fleet) -> None:
    address = reverse("lpar", args=[fleet.lpars["pay01"].pk])
    assert "A Live Update may start at any time;" in opened(fleet, "ana", address)
    write_period(fleet.adm, wish(Kind.FREEZE, -1, 4, name="Books"), "agreed")
    night = wish(Kind.WINDOW, 8, 14, name="Night")
    write_period(fleet.adm, night, "agreed")
    shown = opened(fleet, "ana", address)
    assert "The freeze “Books” (every LPAR) lasts until" in shown
    assert f'Next slot for a Live Update: <b><time datetime="{night.first:%Y-%m-%dT%H:%M}' in shown
    assert all(f"<b>{name}</b></a>" in shown for name in ("Books", "Night"))


def test_the_command_imports_and_exports_as_the_pages_do(
    fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = fleet.approved()
    begin = now() - timedelta(days=1)
    freeze = ICS.replace("20261130", f"{begin:%Y%m%d}").replace("RRULE:FREQ=MONTHLY;BYMONTHDAY=-1\n", "")
    file, out = tmp_path / "close.ics", tmp_path / "out.ics"
    file.write_text(freeze.replace("20261202", f"{begin + timedelta(days=3):%Y%m%d}"))
    asked = ["calendar", "import", str(file), "--zone", "UTC", "--as-user"]
    with pytest.raises(SystemExit) as left:
        call_command(*asked, "adm", "--dry-run")
    assert left.value.code == 1
    assert f"{request.number} could start no more: The freeze “Month end" in capsys.readouterr().out
    assert not StoredPeriod.objects.exists()
    for person, why in (("nobody", "no active person 'nobody'"), ("ana", "You may not change this part")):
        with pytest.raises(CommandError, match=why):
            call_command(*asked, person, "--reason", "x")
    call_command(*asked, "adm", "--reason", "Finance closes the books.")
    assert StoredPeriod.objects.get().reason == "Finance closes the books."
    call_command("calendar", "export", str(out))
    exported = read_calendar(out.read_bytes(), Kind.WINDOW, Scope(), "UTC")
    assert StoredPeriod.objects.get().period in [each.period for each in exported]
    assert f"{request.number}@liveupdate" in [each.source for each in exported]


def test_a_night_in_which_the_clock_changes_has_its_hours(fleet: Fleet, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    page = opened(fleet, "ana", reverse("calendar") + "?day=2026-10-25")
    assert 'viewBox="0 0 1500 24"' in page
    assert "25 h" in page


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Others//EN
BEGIN:VEVENT
UID:close@example.com
SUMMARY:Month end <script>
DTSTART;VALUE=DATE:20261130
DTEND;VALUE=DATE:20261202
RRULE:FREQ=MONTHLY;BYMONTHDAY=-1
END:VEVENT
END:VCALENDAR
"""


def imported(do: str, content: str = ICS, **more: str) -> dict[str, str]:
    return {
        "content": content,
        "kind": "freeze",
        "zone": "Europe/Berlin",
        "reason": "Finance",
        "do": do,
    } | more


def test_a_calendar_file_is_looked_at_then_imported_and_again_only_where_it_changed(fleet: Fleet) -> None:
    address = reverse("import-calendar")
    page = sent(fleet, "adm", address, **imported("preview")).content.decode()
    assert "Month end &lt;script&gt;" in page
    assert "Mon 30 Nov 2026 00:00 to Wed 02 Dec 00:00 CET" in page
    assert not StoredPeriod.objects.exists()
    sent(fleet, "adm", address, **imported("import"))
    sent(fleet, "adm", address, **imported("import"))
    assert StoredPeriod.objects.count() == 1
    sent(fleet, "adm", address, **imported("import", ICS.replace("20261202", "20261203")))
    assert list(StoredPeriod.objects.order_by("version").values_list("version", "minutes")) == [
        (1, 2880),
        (2, 4320),
    ]
    assert Intake.objects.filter(event="freeze.open").count() == 2
    wrong = sent(fleet, "adm", address, **imported("import", ICS.replace("MONTHLY", "SECONDLY")))
    assert wrong.status_code == 400
    assert "Event 1 “Month end &lt;script&gt;”: FREQ is one of" in wrong.content.decode()
    payroll = str(fleet.teams["Payroll"].pk)
    assert sent(fleet, "wes", address, **imported("import", team=payroll)).status_code == 400
    assert sent(fleet, "ivy", address, **imported("import", team=payroll)).status_code == 302


def feed_address(fleet: Fleet, person: str = "ana", team: str = "Payroll") -> str:
    made = sent(fleet, person, reverse("calendar-feeds"), team=str(fleet.teams[team].pk))
    found = re.search(r"http://testserver(/calendar/feeds/[^<]+\.ics)", made.content.decode())
    assert found
    return found[1]


def test_a_feed_shows_one_team_to_who_knows_its_address(fleet: Fleet) -> None:
    fleet.approved("web01", "wes", "ivy")
    write_period(fleet.adm, wish(Kind.FREEZE, 1, 5, name="Everybody"), "x")
    write_period(fleet.adm, wish(Kind.WINDOW, -30, 50, name="Own", team=fleet.teams["Payroll"]), "x")
    write_period(fleet.adm, wish(Kind.WINDOW, 1, 5, name="Others", team=fleet.teams["Webshop"]), "x")
    asked = fleet.approved(starts_at=now() + 6 * HOUR, ends_at=now() + 12 * HOUR)
    address = feed_address(fleet)
    assert StoredPeriod.objects.count() == 3
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    text = answer.content.decode().replace("\r\n ", "")
    assert "SUMMARY:Everybody" in text
    assert "SUMMARY:Own" in text
    assert "Others" not in text
    assert "web01" not in text
    assert f"http://testserver{asked.get_absolute_url()}" in text
    token = address.rsplit("/", 1)[1].removesuffix(".ics")
    stored = CalendarFeed.objects.get()
    assert token not in stored.token_digest
    assert len(token) >= 43
    assert (
        token not in b"".join(bytes(row) for row in Intake.objects.values_list("content", flat=True)).decode()
    )
    assert token not in opened(fleet, "ana", reverse("calendar-feeds"))


def test_a_feed_ends_with_its_maker_its_end_and_any_other_secret(fleet: Fleet) -> None:
    address = feed_address(fleet)
    assert Client().get(address[:-5] + "x.ics").status_code == 404
    assert Client().post(address).status_code == 405
    Membership.objects.filter(user=fleet.ana).delete()
    assert Client().get(address).status_code == 404
    other = feed_address(fleet, "ivy")
    assert Client().get(other).status_code == 200
    fleet.ivy.is_active = False
    fleet.ivy.save()
    assert Client().get(other).status_code == 404
    feed, token = open_feed(fleet.wes, fleet.teams["Webshop"])
    own = reverse("calendar-feed", args=[token])
    assert Client().get(own).status_code == 200
    assert sent(fleet, "bo", reverse("end-calendar-feed", args=[feed.pk])).status_code == 403
    sent(fleet, "adm", reverse("end-calendar-feed", args=[feed.pk]))
    assert Client().get(own).status_code == 404
    assert (
        sent(fleet, "ana", reverse("calendar-feeds"), team=str(fleet.teams["Webshop"].pk)).status_code == 404
    )


def test_a_calendar_that_was_edited_in_the_database_is_told(fleet: Fleet) -> None:
    write_period(fleet.adm, wish(Kind.FREEZE, 1, 5), "x")
    StoredPeriod.objects.update(first=f"{datetime(2020, 1, 1):%Y-%m-%dT%H:%M}")
    assert "not what was entered in the ledger" in opened(fleet, "ana", reverse("calendar"))
