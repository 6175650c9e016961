"""Under which name a failed sign-in is counted: people type passwords into the field of the name."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from portal.access.models import User

SALT = "portal.access.attempts"


def counted_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The name of somebody who exists; of any other text a keyed digest, so that it is kept nowhere."""
    typed = str((credentials or {}).get("username") or request.POST.get("username", ""))
    if User.objects.filter(username=typed).exists():
        return typed
    return salted_hmac(SALT, typed, algorithm="sha256").hexdigest()[:40]
