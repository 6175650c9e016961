"""Tokens of programs, besides the sessions of people."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from portal.access.models import ApiToken, User
from portal.access.tokens import token_behind
from portal.audit.channel import by_token

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer lu_…`"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The owner and the token; None for a request without one. Raises AuthenticationFailed."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = token_behind(text.strip())
        if token is None:
            raise exceptions.AuthenticationFailed("The token is wrong, over, or revoked.")
        by_token(token.prefix)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        """What a client without a name is told to send."""
        return SCHEME


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # has no types
    """The token in the API's description."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """An HTTP bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "Made on the page of one's account."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # has no types
    """The session in the API's description."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The session's cookie; what is not a read needs the CSRF token as well."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A signed-in browser; other methods than GET send `X-CSRFToken` too.",
        }
