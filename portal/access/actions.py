"""Changes of people, teams and roles: checked, locked, and entered in the ledger by pseudonym.

`by` is the administrator who does it on a page, or the actor of a command on the portal's machine.
"""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from portal.access.models import Membership, Team, User
from portal.access.personal.commitment import Committed, commitment_of, standing_of
from portal.access.personal.deciding import locked_person
from portal.access.policies import require
from portal.access.roles import Role, apart
from portal.access.sessions import end_sessions
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import rfc3339
from portal.lib.errors import Conflict, Invalid, NotAllowed

Author = User | Actor


def add_person(
    username: str, password: str, *, by: Actor, first_name: str = "", last_name: str = "", email: str = ""
) -> User:
    """A person who can sign in and has no role yet. Raises Invalid for a bad name, address or password."""
    user = User(username=username, first_name=first_name, last_name=last_name, email=email)
    _check_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        _check_fields(user)
        user.save()
        record(
            Event.USER_CHANGE,
            by,
            {"user": user.public_id},
            {"what": "added", "commitment": commitment_of(user)},
        )
    return user


def set_password(user: User, password: str, *, by: Actor) -> None:
    """Give a person another password; their sessions end. Raises Invalid for one that is too weak."""
    _check_password(password, user)
    with transaction.atomic():
        person = locked_person(user)
        person.set_password(password)
        person.save(update_fields=["password"])
        record(Event.USER_CHANGE, by, {"user": person.public_id}, {"what": "password"})
        end_sessions(person, by=by)


def set_name(user: User, *, first_name: str, last_name: str, email: str, by: Actor) -> None:
    """Give a person this name and mail, and commit to them anew. Raises Invalid, Conflict."""
    with transaction.atomic():
        person = locked_person(user)
        person.first_name, person.last_name, person.email = first_name, last_name, email
        _check_fields(person)
        person.save(update_fields=["first_name", "last_name", "email"])
        data = {"what": "named", "commitment": commitment_of(person)}
        record(Event.USER_CHANGE, by, {"user": person.public_id}, data)


def commit_to_names(*, by: Actor) -> list[User]:
    """Enter a commitment to whoever has none, as people of a version before; returns them. Raises Invalid."""
    without = [each for each in User.objects.filter(erased_at=None) if standing_of(each) is Committed.NEVER]
    for each in without:
        set_name(each, first_name=each.first_name, last_name=each.last_name, email=each.email, by=by)
    return without


def set_active(user: User, active: bool, *, by: Actor) -> None:
    """Let a person in, or shut them out at once. Raises Conflict where it is so already."""
    what = "activated" if active else "deactivated"
    with transaction.atomic():
        person = locked_person(user)
        if person.is_active == active:
            raise Conflict(f"{person} is {what} already.", code="so_already")
        person.is_active = active
        person.save(update_fields=["is_active"])
        record(Event.USER_CHANGE, by, {"user": person.public_id}, {"what": what})
        if not active:
            end_sessions(person, by=by)


def add_team(name: str, *, by: Actor) -> Team:
    """A team without members. Raises Invalid for a name without letters or digits, or one that is taken."""
    team = Team(name=name.strip(), slug=slugify(name))
    with transaction.atomic():
        _check_fields(team)
        team.save()
        record(Event.GROUP_CHANGE, by, {"team": team.slug}, {"what": "added"})
    return team


def grant(user: User, role: Role, team: Team | None, *, by: Author) -> Membership:
    """Give a role in a team, or with None in all teams.

    Nobody gives a role to themselves: an administrator could then approve what they like (separation
    of duties), and an auditor has no other role. Raises NotAllowed, Invalid, Conflict.
    """
    if role is Role.ADMINISTRATOR and team is not None:
        raise Invalid(
            f"The role {role.label} is for all teams; it cannot be given in {team} alone.", code="other_team"
        )
    with transaction.atomic():
        person = locked_person(user)
        _may_change_roles(person, by)
        if not person.is_active:
            raise Conflict(f"{person} is deactivated.", remedy="Activate them first.", code="inactive")
        _check_apart(person, role)
        giver = by if isinstance(by, User) else None
        membership, is_new = Membership.objects.get_or_create(
            user=person, role=role, team=team, defaults={"granted_by": giver}
        )
        if not is_new:
            raise Conflict(f"{membership}: they have that role already.", code="exists_already")
        _enter_role("granted", membership, by)
    return membership


def revoke(user: User, role: Role, team: Team | None, *, by: Author) -> None:
    """Take a role away; it ends at once. Raises NotAllowed, and Conflict where they do not have it.

    An administrator always remains: nobody revokes their own role, and of two who revoke each
    other's only the first can.
    """
    with transaction.atomic():
        lock_administrators()
        person = locked_person(user)
        _may_change_roles(person, by)
        membership = Membership.objects.filter(user=person, role=role, team=team).first()
        if membership is None:
            raise Conflict(
                f"{person} does not have the role {role.label} in {team or 'all teams'}.", code="role_missing"
            )
        _enter_role("revoked", membership, by)
        membership.delete()


def _check_apart(person: User, role: Role) -> None:
    held = [Role(each) for each in person.memberships.values_list("role", flat=True)]
    against = next((each for each in held if apart(role, each)), None)
    if against is not None:
        raise Conflict(
            f"{person} is {against.label.lower()}, which nobody is together with {role.label.lower()}: "
            "who audits has no part in what is audited.",
            remedy=f"Revoke the role {against.label} first, or give {role.label} to somebody else.",
            code="roles_apart",
        )


def _may_change_roles(user: User, by: Author) -> None:
    if isinstance(by, Actor):
        return
    require(by, {Role.ADMINISTRATOR}, None, "change roles")
    if by.pk == user.pk:
        raise NotAllowed(
            "You may not change your own roles: whoever gives rights does not give them to themselves.",
            remedy="Ask another administrator.",
            code="own_roles",
        )


def _enter_role(what: str, membership: Membership, by: Author) -> None:
    actor = by if isinstance(by, Actor) else Actor.person(by.public_id)
    subject = {"user": membership.user.public_id}
    if membership.team:
        subject["team"] = membership.team.slug
    granted_at = rfc3339(membership.granted_at)
    data = {"what": what, "role": str(membership.role), "granted_at": granted_at}
    record(Event.ROLE_CHANGE, actor, subject, data)


def lock_administrators() -> None:
    """Lock who is an administrator, so that of two changes one sees the other."""
    rows = Membership.objects.select_for_update(of=("self",)).order_by("pk")
    list(rows.filter(role=Role.ADMINISTRATOR, team=None))


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(
            " ".join(error.messages), remedy="Choose another password.", code="password_weak"
        ) from error


def _check_fields(row: User | Team) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        told = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise Invalid(told, code="value_not_possible") from error
