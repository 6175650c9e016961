"""People, teams and roles: who may change them, what the ledger says of it, what the commands do."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from portal.access.actions import add_team, grant, revoke, set_active
from portal.access.models import Membership, Team, User
from portal.access.policies import roles
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.errors import Conflict, Invalid, NotAllowed

pytestmark = pytest.mark.django_db
COMMAND = Actor.command("test")
PASSWORD = "seven green bicycles"


@pytest.fixture
def payroll() -> Team:
    return add_team("Payroll", by=COMMAND)


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", first_name="Ana", last_name="Costa")


@pytest.fixture
def adm() -> User:
    return administrator("adm")


def administrator(name: str) -> User:
    user = User.objects.create_user(name)
    grant(user, Role.ADMINISTRATOR, None, by=COMMAND)
    return user


def entered() -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Event, actor, subject and data of each entry, oldest first, without times of roles and commitments."""
    rows = []
    for row in Intake.objects.order_by("pk"):
        document = json.loads(bytes(row.content))
        actor = f"{row.actor_kind}:{row.actor_id}"
        apart = ("granted_at", "commitment")
        data = {name: value for name, value in document["d"].items() if name not in apart}
        rows.append((row.event, actor, document.get("sub", {}), data))
    return rows


def run(*arguments: str) -> tuple[Any, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    return str(path)


def test_a_role_is_granted_and_revoked_at_once_and_entered(adm: User, ana: User, payroll: Team) -> None:
    before = len(entered())
    grant(ana, Role.APPROVER, payroll, by=adm)
    assert roles(ana, payroll) == {Role.APPROVER}
    assert roles(ana, None) == frozenset()
    revoke(ana, Role.APPROVER, payroll, by=adm)
    assert roles(ana, payroll) == frozenset()
    actor = f"user:{adm.public_id}"
    subject = {"user": ana.public_id, "team": "payroll"}
    assert entered()[before:] == [
        ("role.change", actor, subject, {"what": what, "role": "approver"}) for what in ("granted", "revoked")
    ]


@pytest.mark.threat("T31")
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("everywhere", [True, False])
def test_no_administrator_changes_roles_of_their_own(
    role: Role, everywhere: bool, adm: User, payroll: Team
) -> None:
    administrator("another")
    team = None if everywhere or role is Role.ADMINISTRATOR else payroll
    Membership.objects.get_or_create(user=adm, role=role, team=team)
    before = Membership.objects.count()
    for verb in (grant, revoke):
        with pytest.raises(NotAllowed, match="your own roles"):
            verb(adm, role, team, by=adm)
    assert Membership.objects.count() == before


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_of_everything_change_roles(role: Role, ana: User, payroll: Team) -> None:
    other = User.objects.create_superuser("other")
    grant(other, role, None, by=COMMAND)
    Membership.objects.create(user=other, role=Role.ADMINISTRATOR, team=payroll)
    Membership.objects.create(user=ana, role=Role.APPROVER, team=payroll)
    for verb in (grant, revoke):
        with pytest.raises(NotAllowed, match="You may not change roles"):
            verb(ana, Role.APPROVER, payroll, by=other)


def test_what_cannot_be_granted(adm: User, ana: User, payroll: Team) -> None:
    with pytest.raises(Invalid, match="for all teams"):
        grant(ana, Role.ADMINISTRATOR, payroll, by=adm)
    grant(ana, Role.OPERATOR, None, by=adm)
    with pytest.raises(Conflict, match="already"):
        grant(ana, Role.OPERATOR, None, by=adm)
    set_active(ana, False, by=COMMAND)
    with pytest.raises(Conflict, match="deactivated"):
        grant(ana, Role.AUDITOR, None, by=adm)
    with pytest.raises(Conflict, match="does not have the role"):
        revoke(ana, Role.AUDITOR, None, by=adm)
    with pytest.raises(Conflict, match="already"):
        set_active(ana, False, by=COMMAND)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other() -> None:
    """Whoever comes second has the right no more; on the portal's machine even the last one can go."""
    pair = [administrator("one"), administrator("two")]
    barrier = Barrier(2)

    def revoke_the_other(number: int) -> str:
        barrier.wait(timeout=20)
        try:
            revoke(pair[1 - number], Role.ADMINISTRATOR, None, by=pair[number])
        except NotAllowed:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(revoke_the_other, range(2))) == ["done", "refused"]
    left = Membership.objects.get()
    revoke(left.user, Role.ADMINISTRATOR, None, by=COMMAND)
    assert not Membership.objects.exists()


def test_add_person_with_roles(payroll: Team, password_file: str) -> None:
    before = len(entered())
    arguments = ["--first", "Ivy", "--last", "Novak", "--email", "ivy@example.com"]
    arguments += ["--role", "approver", "--team", "payroll", "--role", "operator"]
    shown, said = run("add_person", "ivy", *arguments, "--password-file", password_file)
    ivy = User.objects.get(username="ivy")
    assert shown == {
        "username": "ivy",
        "public_id": ivy.public_id,
        "roles": [{"role": "approver", "team": "payroll"}, {"role": "operator", "team": None}],
    }
    assert "Granted Ivy Novak: Approver of Payroll." in said
    assert roles(ivy, payroll) == {Role.APPROVER, Role.OPERATOR}
    assert roles(ivy, None) == {Role.OPERATOR}
    assert ivy.check_password(PASSWORD)
    actor = "command:add_person"
    assert entered()[before:] == [
        ("user.change", actor, {"user": ivy.public_id}, {"what": "added"}),
        (
            "role.change",
            actor,
            {"user": ivy.public_id, "team": "payroll"},
            {"what": "granted", "role": "approver"},
        ),
        ("role.change", actor, {"user": ivy.public_id}, {"what": "granted", "role": "operator"}),
    ]
    assert not re.search(
        "ivy|novak|bicycles", str([bytes(row.content) for row in Intake.objects.all()]).lower()
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ivy", "--role", "approver", "--team", "nowhere"], "There is no team nowhere"),
        (["ivy", "--team", "payroll", "--role", "approver"], "--team stands after the --role"),
        (["ivy", "--role", "approver", "--team", "payroll", "--team", "x"], "--team stands after the --role"),
        (["ivy", "--role", "king"], "invalid choice: 'king'"),
        (["ivy", "--role", "auditor", "--role", "auditor"], "already"),
        (["ivy", "--role", "administrator", "--team", "payroll"], "for all teams"),
        (["ana"], "username: A user with that username already exists."),
        (["i v y"], "username: Enter a valid username"),
        (["ivy", "--email", "nonsense"], "email: Enter a valid email address"),
    ],
)
def test_add_person_refuses_whole(
    arguments: list[str], reason: str, ana: User, payroll: Team, password_file: str
) -> None:
    before = len(entered())
    with pytest.raises(CommandError, match=re.escape(reason)):
        call_command("add_person", *arguments, "--password-file", password_file)
    assert User.objects.count() == 1
    assert len(entered()) == before


@pytest.mark.threat("T19")
@pytest.mark.parametrize(
    ("password", "reason"), [("short", "too short"), ("password12345", "too common"), ("", "too short")]
)
def test_weak_passwords_are_refused(password: str, reason: str, tmp_path: Path, ana: User) -> None:
    path = tmp_path / "weak"
    path.write_text(password)
    for command, name in (("add_person", "ivy"), ("set_password", "ana")):
        with pytest.raises(CommandError, match=reason):
            call_command(command, name, "--password-file", str(path))
    assert not User.objects.filter(username="ivy").exists()


def test_a_password_is_typed_twice_where_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="no terminal"):
        call_command("add_person", "ivy")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("add_person", "ivy", "--password-file", "/nowhere/password")
    typed = iter([PASSWORD, "another " + PASSWORD, PASSWORD, PASSWORD])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("portal.access.lookup.getpass", lambda _prompt: next(typed))
    with pytest.raises(CommandError, match="differ"):
        call_command("add_person", "ivy")
    call_command("add_person", "ivy", stdout=StringIO())
    assert User.objects.get(username="ivy").check_password(PASSWORD)


def test_the_other_commands(ana: User, password_file: str) -> None:
    assert run("add_team", "Web Shop")[0] == {"name": "Web Shop", "slug": "web-shop"}
    granted = run("grant", "ana", "requester", "--team", "Web Shop")
    assert granted[0] == {"username": "ana", "role": "requester", "team": "web-shop"}
    assert granted[1].strip() == "Granted: App owner of Web Shop, Ana Costa."
    shop = Team.objects.get()
    assert roles(ana, shop) == {Role.REQUESTER}
    client = Client()
    client.force_login(ana)
    assert client.get("/").status_code == 200
    run("set_password", "ana", "--password-file", password_file)
    assert client.get("/").status_code == 302, "a new password ends the sessions"
    ana.refresh_from_db()
    client.force_login(ana)
    assert run("deactivate", "ana")[0] == {"username": "ana", "active": False}
    assert client.get("/").status_code == 302, "who is shut out is so at once"
    assert roles(User.objects.get(), shop) == frozenset()
    run("deactivate", "ana", "--undo")
    run("revoke", "ana", "requester", "--team", "web-shop")
    assert roles(User.objects.get(), shop) == frozenset()
    events = [(event, data.get("what")) for event, _, _, data in entered() if not event.startswith("auth.")]
    assert events == [
        ("group.change", "added"),
        ("role.change", "granted"),
        ("user.change", "password"),
        ("session.kill", None),
        ("user.change", "deactivated"),
        ("session.kill", None),
        ("user.change", "activated"),
        ("role.change", "revoked"),
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["grant", "nobody", "auditor"], "There is no person nobody"),
        (["revoke", "ana", "auditor"], "does not have the role"),
        (["add_team", "Payroll"], "already exists"),
        (["add_team", " … "], "slug: This field cannot be blank."),
    ],
)
def test_commands_say_why_not(arguments: list[str], reason: str, ana: User, payroll: Team) -> None:
    with pytest.raises(CommandError, match=reason) as caught:
        call_command(*arguments)
    assert caught.value.returncode == 2


class TestPages:
    @pytest.fixture
    def client(self, adm: User) -> Client:
        client = Client()
        client.force_login(adm)
        return client

    def test_auditors_read_administrators_change(self, adm: User, ana: User, payroll: Team) -> None:
        aud = User.objects.create_user("aud")
        grant(aud, Role.AUDITOR, None, by=COMMAND)
        grant(ana, Role.APPROVER, payroll, by=COMMAND)
        held = ana.memberships.get()
        seen = {}
        for user in (ana, aud, adm):
            client = Client()
            client.force_login(user)
            page = client.get(f"/people/{ana.pk}/")
            seen[user.username] = (client.get("/people/").status_code, page.status_code)
            forms = ('id="grant"' in page.content.decode(), f'id="revoke-{held.pk}"' in page.content.decode())
            assert forms == (user == adm, user == adm)
            if user != adm:
                grants = client.post(f"/people/{aud.pk}/grant/", {"role": "approver"})
                revokes = client.post(f"/people/{ana.pk}/revoke/{held.pk}/")
                assert (grants.status_code, revokes.status_code) == (403, 403)
        assert seen == {"ana": (403, 403), "aud": (200, 200), "adm": (200, 200)}
        assert roles(ana, payroll) == {Role.APPROVER}

    def test_the_list_is_narrowed_by_role_and_team(
        self, client: Client, adm: User, ana: User, payroll: Team
    ) -> None:
        Membership.objects.get_or_create(user=ana, team=payroll, role=Role.REQUESTER)
        client.force_login(adm)
        page = client.get("/people/", {"role": "requester", "team": payroll.pk})
        assert b"invalid name" not in page.content
        shown = page.content.decode().split("<tbody", 1)[1]
        assert f"/people/{ana.pk}/" in shown
        assert f"/people/{adm.pk}/" not in shown

    def test_grant_and_revoke(self, client: Client, ana: User, payroll: Team) -> None:
        answer = client.post(
            f"/people/{ana.pk}/grant/", {"role": "approver", "team": payroll.pk}, follow=True
        )
        assert "Ana Costa: Approver of Payroll: granted." in answer.content.decode()
        assert roles(ana, payroll) == {Role.APPROVER}
        held = ana.memberships.get()
        assert client.post(f"/people/{held.user_id + 1}/revoke/{held.pk}/").status_code == 404
        client.post(f"/people/{ana.pk}/revoke/{held.pk}/")
        assert roles(ana, payroll) == frozenset()
        assert client.post(f"/people/{ana.pk}/grant/", {"role": "king"}).status_code == 400
        assert client.get(f"/people/{ana.pk}/grant/").status_code == 405

    def test_ones_own_page_says_why_there_is_no_form(self, client: Client, adm: User) -> None:
        page = client.get(f"/people/{adm.pk}/").content.decode()
        assert "Nobody changes their own roles" in page
        assert 'id="grant"' not in page
        answer = client.post(f"/people/{adm.pk}/grant/", {"role": "approver"})
        assert answer.status_code == 403
        assert "your own roles" in answer.content.decode()

    def test_the_list_filters_and_costs_the_same_for_many(
        self, client: Client, ana: User, payroll: Team, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(30):
            user = User.objects.create_user(f"p{number}")
            Membership.objects.create(user=user, role=Role.REQUESTER, team=payroll)
            Membership.objects.create(user=user, role=Role.APPROVER)
        with django_assert_max_num_queries(9):
            page = client.get("/people/").content.decode()
        assert "App owner of Payroll" in page

        def found(**filters: Any) -> set[str]:
            rows = json.loads(client.get("/people/", {"export": "json", **filters}).content)
            return {row["username"] for row in rows}

        assert found(q="costa") == {"ana"}
        assert found(role="administrator") == {"adm"}
        assert len(found(team=payroll.pk)) == 30
        rows = json.loads(client.get("/people/", {"export": "json", "q": "p17"}).content)
        assert rows[0]["roles"] == "Approver of all teams, App owner of Payroll"
