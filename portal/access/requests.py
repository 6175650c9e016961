"""Who is behind an HTTP request."""

from django.http import HttpRequest

from portal.access.models import User
from portal.lib.errors import NotAllowed


def person_of(request: HttpRequest) -> User:
    """The signed-in person. Raises NotAllowed where nobody is."""
    if not isinstance(request.user, User):
        raise NotAllowed("Nobody is signed in.", remedy="Sign in first.", code="not_signed_in")
    return request.user
