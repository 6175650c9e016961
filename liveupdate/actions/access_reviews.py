"""Reviews of access: who looked when at who holds which role, and what they concluded."""

from django.db import transaction

from liveupdate.models import AccessReview
from portal.access.models import Membership, User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import digest_of
from portal.lib.errors import Conflict, Invalid

REVIEWERS = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})


def roles_held() -> list[Membership]:
    """Every role of every active person, as a review goes through them."""
    rows = Membership.objects.filter(user__is_active=True).select_related("user", "team", "granted_by")
    return list(rows.order_by("user__username", "role", "team__name"))


def roles_digest(held: list[Membership]) -> str:
    """One digest over who holds which role where."""
    return digest_of(
        sorted([row.user.public_id, row.role, row.team.slug if row.team else ""] for row in held)
    )


def review_access(person: User, shown: str, conclusion: str) -> AccessReview:
    """Record that somebody went through all roles. `shown` is the digest of those that they were shown.

    Raises NotAllowed, Invalid, Conflict where roles have changed meanwhile.
    """
    require(person, REVIEWERS, None, "review access")
    if not conclusion.strip():
        raise Invalid(
            "Say what you concluded: who keeps their roles, and what is to change?", code="reason_missing"
        )
    with transaction.atomic():
        held = roles_held()
        if roles_digest(held) != shown:
            raise Conflict(
                "Roles have changed since you were shown them.",
                remedy="Go through them again.",
                code="changed_meanwhile",
            )
        review = AccessReview.objects.create(
            by=person,
            roles_digest=shown,
            people=len({row.user_id for row in held}),
            conclusion=conclusion.strip(),
        )
        data = {"review": review.pk, "roles_digest": shown, "people": review.people}
        said = {"conclusion": review.conclusion}
        record(Event.ACCESS_REVIEW, Actor.person(person.public_id), {}, data | said)
    return review
