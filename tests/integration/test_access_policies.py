"""Who may do what where."""

import pytest
from django.contrib.auth.models import AnonymousUser

from portal.access.models import Membership, Team, User
from portal.access.policies import require, roles, roles_anywhere, visible_teams
from portal.access.roles import Role
from portal.lib.errors import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def payroll() -> Team:
    return Team.objects.create(name="Payroll", slug="payroll")


@pytest.fixture
def webshop() -> Team:
    return Team.objects.create(name="Webshop", slug="webshop")


def person(name: str, *held: tuple[Team | None, Role], **more: bool) -> User:
    user = User.objects.create_user(name, password=None, **more)
    for team, role in held:
        Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.mark.deep
def test_a_role_holds_in_its_team_alone(payroll: Team, webshop: Team) -> None:
    ana = person("ana", (payroll, Role.REQUESTER))
    assert roles(ana, payroll) == {Role.REQUESTER}
    assert roles(ana, webshop) == frozenset()
    assert roles(ana, None) == frozenset()
    assert roles_anywhere(ana) == {Role.REQUESTER}
    assert list(visible_teams(ana)) == [payroll]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_watches_everything_sees_every_team(role: Role, payroll: Team, webshop: Team) -> None:
    kim = person("kim", (None, role))
    assert roles(kim, payroll) == roles(kim, None) == {role}
    assert list(visible_teams(kim)) == [payroll, webshop]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR])
def test_the_same_role_in_one_team_shows_that_team_alone(role: Role, payroll: Team, webshop: Team) -> None:
    assert list(visible_teams(person("kim", (payroll, role)))) == [payroll]


@pytest.mark.threat("T31")
def test_superuser_gives_nothing(payroll: Team) -> None:
    root = person("root", is_superuser=True, is_staff=True)
    assert roles(root, payroll) == frozenset()
    assert not visible_teams(root).exists()
    with pytest.raises(NotAllowed):
        require(root, {Role.APPROVER}, payroll, "approve request 1")


def test_someone_inactive_or_not_signed_in_has_no_role(payroll: Team) -> None:
    gone = person("gone", (payroll, Role.APPROVER), (None, Role.OPERATOR), is_active=False)
    for user in (gone, AnonymousUser()):
        assert roles(user, payroll) == frozenset()
        assert not visible_teams(user).exists()


@pytest.mark.threat("T18")
@pytest.mark.asvs("8.3.2")
def test_deactivation_acts_on_a_person_who_is_still_in_memory(payroll: Team) -> None:
    ana = person("ana", (payroll, Role.REQUESTER))
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert roles(ana, payroll) == frozenset()


def test_a_refusal_says_what_was_missing(payroll: Team) -> None:
    ana = person("ana", (payroll, Role.REQUESTER))
    require(ana, {Role.REQUESTER}, payroll, "ask for an update of pay01")
    with pytest.raises(NotAllowed) as refused:
        require(ana, {Role.APPROVER, Role.OPERATOR}, payroll, "approve request 12")
    assert refused.value.message == (
        "You may not approve request 12: this needs the role Approver or Operator in team Payroll, "
        "and you have App owner there."
    )
    assert refused.value.remedy
