"""The demo's people and teams: who may do what, and how they sign in."""

from dataclasses import dataclass

from portal.access.roles import Role

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
