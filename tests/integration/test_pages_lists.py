"""The lists at the size of a fleet: the same few queries, filters, export, and nothing of other teams."""

import csv
import io
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Hmc, Host, Lpar, ManagedSystem
from liveupdate.models import Plan, Request, Run
from portal.access.models import Team
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
MANY = 1000
QUERIES = {"/lpars/": 12, "/hosts/": 12, "/requests/": 12, "/runs/": 12, "/": 40, "/approvals/": 40}
"""Most queries of a page, session and rights included."""


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def grow(fleet: Fleet, count: int = MANY) -> None:
    """Many more LPARs of team Payroll, each with a request and its run."""
    key = fleet.lpars["pay01"].host.credential
    team = fleet.teams["Payroll"]
    hosts = Host.objects.bulk_create(
        Host(
            name=f"lpar{n:04}",
            kind="lpar",
            address=f"10.1.{n // 250}.{n % 250}",
            account="root",
            credential=key,
        )
        for n in range(count)
    )
    system, hmc = ManagedSystem.objects.get(), Hmc.objects.get()
    verdicts = ("ready", "ready_with_actions", "not_possible", "unknown")
    lpars = Lpar.objects.bulk_create(
        Lpar(
            host=host, uuid=f"U{n}", managed_system=system, hmc=hmc, team=team, application=f"App {n % 7}",
            level="7200-05-03-2148", verdict=verdicts[n % 4], facts_read_at=now() - timedelta(minutes=n),
        )
        for n, host in enumerate(hosts)
    )  # fmt: skip
    moment = now()
    requests = Request.objects.bulk_create(
        Request(
            lpar=lpar, team=team, requester=fleet.ana, last_editor=fleet.ana, procedure="local_live_update",
            reason="r", starts_at=moment, ends_at=moment, state="finished", target_level="7200-05-04-2220",
        )
        for lpar in lpars
    )  # fmt: skip
    plans = Plan.objects.bulk_create(
        Plan(
            request=request, lpar=request.lpar, procedure="local_live_update", document="{}",
            digest="sha256:" + "0" * 64, summary="", verdict="ready", facts_read_at=moment,
        )
        for request in requests
    )  # fmt: skip
    Run.objects.bulk_create(
        Run(
            request=plan.request,
            plan=plan,
            lpar=plan.lpar,
            state="succeeded",
            blackout_ms=9000,
            ended_at=moment,
        )
        for plan in plans
    )


def timed(client: Client, address: str) -> tuple[Any, int, float]:
    """The answer, its number of queries, and the milliseconds of processor time of the quickest of five."""
    client.get(address)
    times = []
    for _ in range(5):
        started = time.process_time()
        client.get(address)
        times.append((time.process_time() - started) * 1000)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(address)
    return answer, len(queries), min(times)


@pytest.mark.deep
@pytest.mark.parametrize("address", QUERIES)
def test_a_page_costs_the_same_queries_with_four_lpars_and_with_a_thousand(
    fleet: Fleet, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.queued()
    client = Client()
    client.force_login(fleet.kim)
    answer, few, few_ms = timed(client, address)
    assert answer.status_code == 200
    grow(fleet)
    answer, many, many_ms = timed(client, address)
    with capsys.disabled():
        print(f"\n{address:<12} 4 LPARs: {few} queries, {few_ms:.0f} ms;", end=" ")
        print(f"{MANY + 4}: {many} queries, {many_ms:.0f} ms")
    assert many <= few + 1  # a page that fills up asks for what its rows show
    assert many <= QUERIES[address]


@pytest.mark.parametrize("address", ["/requests/1/", "/lpars/1/", "/runs/1/"])
def test_a_page_of_one_thing_does_not_grow_with_the_fleet(fleet: Fleet, address: str) -> None:
    run = fleet.queued()
    address = address.replace("/lpars/1/", f"/lpars/{run.lpar_id}/").replace(
        "/runs/1/", run.get_absolute_url()
    )
    address = address.replace("/requests/1/", run.request.get_absolute_url())
    client = Client()
    client.force_login(fleet.kim)
    _, few, _ = timed(client, address)
    grow(fleet, 100)
    _, many, _ = timed(client, address)
    assert many == few


@pytest.fixture
def ana(fleet: Fleet) -> Iterator[Client]:
    client = Client()
    client.force_login(fleet.ana)
    yield client


def exported(client: Client, address: str) -> list[dict[str, str]]:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    assert "attachment" in answer["content-disposition"]
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_exports_hold_what_the_list_holds(ana: Client, fleet: Fleet) -> None:
    rows = exported(ana, "/lpars/?export=csv")
    assert [row["name"] for row in rows] == ["pay01", "pay02"]
    assert rows[0]["level"] == "7200-05-03-2148"
    assert [row["name"] for row in exported(ana, "/lpars/?export=csv&q=pay02")] == ["pay02"]
    answer: Any = ana.get("/lpars/?export=json")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"pay01" in body
    assert b"web01" not in body


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize("address", ["/requests/", "/runs/"])
def test_lists_of_another_team_are_empty(fleet: Fleet, address: str) -> None:
    run = fleet.queued()
    names = {}
    for person in ("ana", "wes", "sam", "aud"):
        client = Client()
        client.force_login(fleet.people[person])
        names[person] = run.request.number in client.get(address).content.decode()
    assert names == {"ana": True, "wes": False, "sam": False, "aud": True}


def test_a_filter_offers_only_ones_own_teams(ana: Client) -> None:
    page = ana.get("/lpars/").content.decode()
    assert ">Payroll</option>" in page
    assert ">Webshop</option>" not in page
    foreign = Team.objects.get(name="Webshop").pk
    answer = ana.get(f"/lpars/?team={foreign}").content.decode()
    assert "web01" not in answer


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("q=archive", ["pay02"]),
        ("level=7200-05-04", []),
        ("verdict=ready_with_actions", ["pay02"]),
        ("verdict=nonsense", []),
        ("environment=PRODUCTION", ["pay01", "pay02"]),
        ("sort=-name", ["pay02", "pay01"]),
        ("sort=nonsense", ["pay01", "pay02"]),
    ],
)
def test_filters_and_sorting(ana: Client, query: str, wanted: list[str]) -> None:
    assert [row["name"] for row in exported(ana, f"/lpars/?export=csv&{query}")] == wanted


@pytest.mark.parametrize(
    ("words", "found"), [("R-000001", True), ("1", True), ("pay01", True), ("R-9", False), ("²", False)]
)
def test_requests_are_found_by_number_and_lpar(ana: Client, fleet: Fleet, words: str, found: bool) -> None:
    request = fleet.asked()
    words = words.replace("000001", f"{request.pk:06}") if words.startswith("R-0") else words
    words = str(request.pk) if words == "1" else words
    assert (request.number in ana.get("/requests/", {"q": words}).content.decode()) == found
