"""How often one person may call the API, by tokens and sessions together (threat T28)."""

from typing import Any

from django.conf import settings
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle


class CallsOfPerson(UserRateThrottle):
    """The calls of the last minute, as this web process counts them."""

    def get_rate(self) -> str | None:
        """`PORTAL_API_PER_MINUTE`; no limit where it is 0."""
        most = settings.PORTAL_API_PER_MINUTE
        return f"{most}/min" if most else None


class CallLimit(BasePermission):
    """Asked before what else a call needs, so that refused calls count as well."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises Throttled, with the seconds after which the next call is answered."""
        calls = CallsOfPerson()
        if not calls.allow_request(request, view):
            raise exceptions.Throttled(calls.wait())
        return True
