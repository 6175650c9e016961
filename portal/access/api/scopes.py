"""What a token may do: reading, and what a view says that it may besides; never a decision."""

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from portal.access.models import ApiToken
from portal.access.tokens import Scope
from portal.lib.errors import NotAllowed


class ScopePermission(BasePermission):
    """A token's scope covers the method; `token_scope` of a view is that of methods that change things.

    A view without one is for people in a session.
    """

    def has_permission(self, request: Request, view: object) -> bool:
        """Raises NotAllowed, which says what is missing."""
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        wanted = Scope.READ if request.method in SAFE_METHODS else getattr(view, "token_scope", None)
        if wanted is None:
            raise NotAllowed(
                "A token never decides: this is done by a person in a session.",
                remedy="Sign in and do it there.",
                code="token_never_decides",
            )
        if wanted not in token.scopes:
            raise NotAllowed(
                f"This token has not the scope {wanted.value}.",
                remedy="Make another one on the page of your account.",
                code="scope_missing",
            )
        return True
