"""The demo's people and teams: who may do what, and how they sign in."""

from dataclasses import dataclass

from portal.access.actions import add_person, add_team, grant
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor

PASSWORD = "live-update-demo"  # noqa: S105 - of made-up people, on loopback, in the demo only


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person with their roles: (team, role) pairs, an empty team meaning everywhere."""

    username: str
    first_name: str
    last_name: str
    roles: tuple[tuple[str, Role], ...]
    does: str


PEOPLE = (
    Person("ana", "Ana", "Costa", (("Payroll", Role.REQUESTER),), "owns the payroll application"),
    Person("web", "Wes", "Weber", (("Webshop", Role.REQUESTER),), "owns the web shop"),
    Person(
        "ivy",
        "Ivy",
        "Novak",
        (("Payroll", Role.APPROVER), ("Webshop", Role.APPROVER)),
        "approves changes of both teams",
    ),
    Person("kim", "Kim", "Lind", (("", Role.OPERATOR),), "operates: watches runs, aborts, decides"),
    Person("aud", "Aud", "Sato", (("", Role.AUDITOR),), "audits: reads everything, changes nothing"),
    Person("adm", "Ada", "Maier", (("", Role.ADMINISTRATOR),), "administers hosts, keys and roles"),
)
TEAMS = ("Payroll", "Webshop")


def make_people() -> None:
    """Add those that are missing, as an administrator would: the ledger knows where each right comes from."""
    by = Actor.command("demo")
    teams = {name: Team.objects.filter(slug=name.lower()).first() or add_team(name, by=by) for name in TEAMS}
    for person in PEOPLE:
        user = User.objects.filter(username=person.username).first() or add_person(
            person.username,
            PASSWORD,
            by=by,
            first_name=person.first_name,
            last_name=person.last_name,
            email=f"{person.username}@example.test",
        )
        for team, role in person.roles:
            if not Membership.objects.filter(user=user, team=teams.get(team), role=role).exists():
                grant(user, role, teams.get(team), by=by)
