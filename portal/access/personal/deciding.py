"""What the acts of administrators on a person's data have in common."""

from collections.abc import Collection
from dataclasses import dataclass

from portal.access.factors import Factor
from portal.access.models import LegalHold, User
from portal.access.policies import require
from portal.access.roles import Role
from portal.lib.errors import Conflict, Invalid, NotAllowed

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who decides, and what they had proved themselves with lately."""

    user: User
    factor: Factor

    def check(self, doing: str) -> None:
        """Raise NotAllowed for anybody else than an administrator."""
        require(self.user, {Role.ADMINISTRATOR}, None, doing)


def locked_person(person: User) -> User:
    """The person's row, locked. Raises Conflict where they are erased."""
    row = User.objects.select_for_update().get(pk=person.pk)
    if row.erased_at is not None:
        raise Conflict(f"{row.public_id} is erased: there is nobody to change.", code="erased")
    return row


def not_oneself(person: User, by: Administrator) -> None:
    """Raise NotAllowed where somebody decides of their own data."""
    if person.pk == by.user.pk:
        raise NotAllowed(
            "You may not decide of your own data: others have to answer for what is kept and what goes.",
            remedy="Ask two other administrators.",
            code="own_data",
        )


def not_the_same(first: User, by: Administrator, what: str) -> None:
    """Raise NotAllowed where the administrator who asked would also confirm."""
    if first.pk == by.user.pk:
        raise NotAllowed(
            f"You asked for {what} yourself; somebody else has to confirm it.",
            remedy="Ask another administrator.",
            code="asked_yourself",
        )


def hold_on(person: User) -> LegalHold | None:
    """The legal hold on a person that was not ended."""
    return (
        LegalHold.objects.filter(person=person, ended_at=None)
        .select_related("set_by", "end_asked_by")
        .first()
    )


def reason_for_ever(reason: str, person: User) -> str:
    """A reason as the ledger keeps it. Raises Invalid for none, a long one, and one that names the person."""
    said = reason.strip()
    if not said:
        raise Invalid("Say why.", code="reason_missing")
    if len(said) > LONGEST:
        raise Invalid(f"The reason is longer than {LONGEST} characters.", code="too_long")
    if any(name.casefold() in said.casefold() for name in names_of(person)):
        raise Invalid(
            "The reason names the person: the ledger would keep the name for ever.",
            remedy="Name the case or the ticket instead.",
            code="reason_names_person",
        )
    return said


def names_of(person: User) -> Collection[str]:
    """Everything in a person's row that names them."""
    parts = (person.username, person.get_full_name(), person.first_name, person.last_name, person.email)
    return {part for part in parts if part}
