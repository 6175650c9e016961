"""What every template knows of the person who looks at it."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.access.policies import roles_anywhere
from portal.access.roles import Role
from portal.audit.hold import current_hold


def person(request: HttpRequest) -> dict[str, Any]:
    """`person_roles`: the roles held anywhere, in the order of their power; `ledger_hold`: why the portal
    only reads. Both are read only when shown.
    """
    return {
        "person_roles": SimpleLazyObject(lambda: _roles(request)),
        "ledger_hold": SimpleLazyObject(current_hold),
    }


def _roles(request: HttpRequest) -> list[Role]:
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return []
    held = roles_anywhere(request.user)
    return [role for role in Role if role in held]
