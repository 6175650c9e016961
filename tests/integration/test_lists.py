"""The one list page: scope, filters, sorting, pages, export, number of queries."""

import csv
import io

import pytest
from django.test import Client

from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.web import exports, lists

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.sample_pages")]
LIST = "/sample/memberships/"


def fill(user: User, count: int, first: int = 0) -> None:
    teams = [Team(name=f"Team {n:04}", slug=f"team-{n}") for n in range(first, first + count)]
    made = Team.objects.bulk_create(teams)
    Membership.objects.bulk_create([Membership(user=user, team=team, role=Role.REQUESTER) for team in made])


@pytest.fixture
def ana(client: Client) -> User:
    user = User.objects.create_user("ana", password=None)
    client.force_login(user)
    return user


def names(page: str) -> list[str]:
    return [piece.split("<")[0] for piece in page.split('data-label="Name" class="">')[1:]]


def test_fifty_rows_a_page_with_links_to_the_others(client: Client, ana: User) -> None:
    fill(ana, 120)
    page = client.get(LIST).content.decode()
    assert names(page) == [f"Team {n:04}" for n in range(50)]
    assert "120 rows" in page
    assert "Page 1 of 3" in page
    assert names(client.get(LIST, {"page": "3"}).content.decode()) == [
        f"Team {n:04}" for n in range(100, 120)
    ]


@pytest.mark.parametrize("page", ["99", "0", "-1", "x", "2.5"])
def test_a_page_that_is_none_still_shows_rows(client: Client, ana: User, page: str) -> None:
    fill(ana, 60)
    assert names(client.get(LIST, {"page": page}).content.decode())


def test_filters_and_sorting_are_kept_by_links(client: Client, ana: User) -> None:
    fill(ana, 120)
    page = client.get(LIST, {"team": "Team 00", "sort": "-team"}).content.decode()
    assert names(page)[0] == "Team 0099"
    assert "100 rows match" in page
    assert 'aria-sort="descending"' in page
    assert "?team=Team+00&amp;sort=-team&amp;page=2" in page
    assert "?team=Team+00&amp;sort=-team&amp;export=csv" in page


def test_a_filter_value_that_makes_no_sense_shows_an_error_and_no_rows(client: Client, ana: User) -> None:
    fill(ana, 3)
    page = client.get(LIST, {"after": "yesterday"}).content.decode()
    assert "Enter a valid date" in page
    assert names(page) == []


def test_empty_lists_say_what_that_means(client: Client, ana: User) -> None:
    assert "Nobody has a role yet." in client.get(LIST).content.decode()
    assert "Nothing matches these filters." in client.get(LIST, {"team": "x"}).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, ana: User, django_assert_num_queries: object
) -> None:
    fill(ana, 2)
    with django_assert_num_queries(6):  # type: ignore[operator]  # session, person, roles, filters, count, rows
        client.get(LIST)
    fill(ana, 200, first=10)
    with django_assert_num_queries(6):  # type: ignore[operator]
        client.get(LIST, {"per_page": "200"})


@pytest.mark.threat("T28")
def test_nobody_gets_a_page_of_a_million_rows(client: Client, ana: User) -> None:
    fill(ana, 230)
    assert len(names(client.get(LIST, {"per_page": "1000000"}).content.decode())) == lists.PAGE_MOST


@pytest.mark.threat("T28")
@pytest.mark.asvs("2.3.2")
def test_long_lists_are_counted_up_to_a_limit(
    client: Client, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNT_CAP", 100)
    fill(ana, 100)
    assert "100 rows" in client.get(LIST).content.decode()
    fill(ana, 1, first=500)
    page = client.get(LIST).content.decode()
    assert "100+ rows" in page
    assert "Page 1 of 2" in page


def test_an_export_holds_the_rows_of_all_pages_as_filtered_and_sorted(client: Client, ana: User) -> None:
    fill(ana, 120)
    answer = client.get(LIST, {"team": "Team 00", "sort": "-team", "export": "csv"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="memberships.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["team"] for row in rows] == [f"Team {n:04}" for n in range(99, -1, -1)]
    assert rows[0]["role"] == "requester"
    assert rows[0]["granted_at"].endswith("Z")
    data = client.get(LIST, {"team": "Team 00", "sort": "-team", "export": "json"}).json()
    assert [list(row.values()) for row in data] == [list(row.values()) for row in rows]


@pytest.mark.threat("T12")
@pytest.mark.asvs("1.2.10")
def test_an_export_starts_no_formula(client: Client, ana: User) -> None:
    team = Team.objects.create(name='=HYPERLINK("//evil")', slug="evil")
    Membership.objects.create(user=ana, team=team, role=Role.REQUESTER)
    text = client.get(LIST, {"export": "csv"}).content.decode()
    assert '"\'=HYPERLINK(""//evil"")"' in text


def test_an_export_that_would_be_cut_or_is_of_no_known_kind_is_refused(
    client: Client, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ana, 4)
    assert client.get(LIST, {"export": "xlsx"}).status_code == 400
    monkeypatch.setattr(exports, "LIMIT", 3)
    refused = client.get(LIST, {"export": "csv"})
    assert refused.status_code == 400
    assert "Narrow it by a filter" in refused.content.decode()


@pytest.mark.threat("T11")
def test_names_of_teams_are_text_never_markup(client: Client, ana: User) -> None:
    team = Team.objects.create(name="<script>alert(1)</script>", slug="x")
    Membership.objects.create(user=ana, team=team, role=Role.REQUESTER)
    assert "<script>alert" not in client.get(LIST).content.decode()
