"""A database of the version before people had a salt: what its people keep, and what they get."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from liveupdate.models import Delegation
from portal.access.models import ApiToken, Membership, SavedFilter, SecondFactor, Team, User
from portal.lib.clock import now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.deep]
BEFORE = [("access", "0003_second_factor_and_tokens")]
NAMES = (("Ana", "Lima", "ana@example.test"), ("", "", ""), ("Ivo", "Šťastný", "ivo@example.test"))


def migrate(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    return executor.migrate(targets).apps


@pytest.fixture
def before() -> Iterator[Any]:
    """The models of the version before."""
    yield migrate(BEFORE)
    migrate([key for key in MigrationExecutor(connection).loader.graph.leaf_nodes() if key[0] == "access"])


def fill(apps: Any) -> None:
    person, team = apps.get_model("access", "User"), apps.get_model("access", "Team")
    payroll = team.objects.create(name="Payroll", slug="payroll")
    people = [
        person.objects.create(
            username=f"person{number}",
            public_id=f"u_{number:08x}",
            first_name=first,
            last_name=last,
            email=email,
            password="!",
            is_active=number != 1,
        )
        for number, (first, last, email) in enumerate(NAMES)
    ]
    ana, _, ivo = people
    apps.get_model("access", "Membership").objects.create(user=ana, team=payroll, role="approver")
    apps.get_model("access", "ApiToken").objects.create(
        owner=ana, name="ci", prefix="a" * 8, mac="b" * 64, expires_at=now()
    )
    apps.get_model("access", "SecondFactor").objects.create(user=ivo, sealed_secret="sealed")
    apps.get_model("access", "SavedFilter").objects.create(owner=ivo, path="/audit/", name="mine", query="")


def test_people_of_the_version_before_keep_what_they_had_and_get_a_salt_of_their_own(before: Any) -> None:
    fill(before)
    giver, taker = (
        before.get_model("access", "User").objects.filter(is_active=True).values_list("pk", flat=True)
    )
    Delegation.objects.create(
        giver_id=giver,
        taker_id=taker,
        starts_at=now(),
        ends_at=now() + timedelta(days=1),
        risk="low",
        reason="x",
    )

    migrate([("access", "0004_personal_data")])

    people = list(User.objects.order_by("username"))
    assert [(each.first_name, each.last_name, each.email) for each in people] == list(NAMES)
    assert [each.is_active for each in people] == [True, False, True]
    assert len({bytes(each.salt or b"") for each in people}) == len(people)
    assert {len(each.salt or b"") for each in people} == {32}
    assert Membership.objects.get().user == people[0] and Team.objects.get().slug == "payroll"
    assert ApiToken.objects.get().owner == people[0]
    assert SecondFactor.objects.get().user == SavedFilter.objects.get().owner == people[2]
    delegation = Delegation.objects.get()
    assert (delegation.giver, delegation.taker) == (people[0], people[2])
