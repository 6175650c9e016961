"""How many queries a list costs, whatever it holds; and that rights read once for a page act at once."""

from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import Lpar
from portal.access.held import held_by, read_once
from portal.access.models import Membership, Team, User
from portal.access.policies import roles
from portal.access.roles import Role
from tests.alike import submitted_for
from tests.bench.fleet import fill
from tests.fleet import make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
LISTS = {
    "/audit/": 9,
    "/lpars/": 7,
    "/hosts/": 6,
    "/discoveries/": 6,
    "/requests/": 7,
    "/runs/": 7,
    "/campaigns/": 7,
    "/leftovers/": 7,
    "/outside-changes/": 7,
    "/deadlines/": 7,
    "/access-reviews/": 7,
    "/approvals/": 12,
    "/notices/": 7,
    "/policy/": 8,
    "/delegations/": 6,
    "/standard-changes/": 6,
    "/emergencies/": 6,
    "/people/": 8,
    "/checks/": 5,
    "/checks/RQ-161/": 6,
    "/readiness/": 9,
    "/signatures/": 5,
    "/signatures/P6/": 6,
    "/compliance/": 15,
    "/compliance/baselines/": 6,
    "/advisories/": 10,
    "/fleet/": 5,
    "/fleet/hmc/0/": 6,
    "/systems/": 6,
    "/schedules/": 6,
    "/agents/": 6,
    "/calendar/": 19,
    "/calendar/?view=month&by=applications": 16,
    "/calendar/periods/": 7,
    "/calendar/feeds/": 7,
}


@pytest.fixture
def olga() -> User:
    """Sees everything of a company with more rows than a page has."""
    return fill(60, 60, 60)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", LISTS)
def test_a_list_costs_few_queries_sign_in_and_rights_included(
    page: str, olga: User, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(olga)
    client.get(page)  # the first look at the ledger of a quarter of an hour enters that it was read
    with django_assert_max_num_queries(LISTS[page]):
        assert client.get(page).status_code == 200


def test_the_old_libraries_of_an_lpar_cost_few_queries(
    olga: User, django_assert_max_num_queries: Any
) -> None:
    page = reverse("lpar-stale", args=[Lpar.objects.latest("pk").pk])
    client = signed_in(olga)
    with django_assert_max_num_queries(16):
        assert client.get(page).status_code == 200


def test_a_page_reads_memberships_once(olga: User, django_assert_num_queries: Any) -> None:
    team = Team.objects.first()
    with read_once(), django_assert_num_queries(1):
        assert roles(olga, None) == roles(olga, team)
    with django_assert_num_queries(2):
        assert roles(olga, None) == roles(olga, team)


@pytest.mark.threat("T18")
@pytest.mark.asvs("8.3.2")
def test_a_right_that_is_taken_away_is_gone_with_the_next_request(olga: User) -> None:
    client = signed_in(olga)
    assert client.get("/audit/").status_code == 200
    Membership.objects.filter(user=olga).exclude(role=Role.OPERATOR).delete()
    assert client.get("/audit/").status_code == 403


@pytest.mark.threat("T36")
@pytest.mark.asvs("8.3.2")
def test_what_outlives_its_page_reads_rights_anew(olga: User) -> None:
    with read_once():
        held_by(olga.pk)
        stream = _asks_later(olga)
        assert Role.AUDITOR in next(stream)
    Membership.objects.filter(user=olga).delete()
    assert next(stream) == frozenset()


def _asks_later(user: User) -> Iterator[frozenset[Role]]:
    """As a task does that was started while the page was made."""
    context = copy_context()
    while True:
        yield context.run(roles, user, None)


def test_an_inbox_of_equal_plans_costs_the_same_for_few_and_many(django_assert_max_num_queries: Any) -> None:
    fleet = make_fleet()
    client = signed_in(fleet.ivy)
    for names in (["app01", "app02"], ["app10", "app11", "app12", "app13", "app14"]):
        asked = submitted_for(fleet.ana, fleet.lpars["pay01"], names)
        for page in (f"/approvals/?open={asked[0].pk}", asked[0].get_absolute_url()):
            with django_assert_max_num_queries(INBOX):
                assert client.get(page).status_code == 200


INBOX = 57
"""The inbox with the plan that is open in it."""
