"""The roles people hold, in a team or everywhere."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a membership lets a person do; nobody decides on a request of their own, in any role."""

    REQUESTER = "requester", "App owner"
    EMERGENCY = "emergency", "Emergency requester"
    APPROVER = "approver", "Approver"
    OPERATOR = "operator", "Operator"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


KEPT_APART = frozenset({Role.AUDITOR})
"""Roles that nobody holds together with another: who audits has no part in what is audited.

NIST SP 800-53 AU-9(4), AC-5. The entries of the ledger name the code that this rule is part of.
"""


def apart(role: Role, held: Role) -> bool:
    """Whether nobody may hold both roles."""
    return role is not held and not KEPT_APART.isdisjoint({role, held})
