"""Every refusal of the API as a problem document."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.settings import api_settings

from portal.lib.errors import Invalid, NotAllowed, PortalError
from portal.web.errors import refusing, status_of
from portal.web.problems import problem_response

NOT_FOUND = PortalError(
    "There is nothing at this address that you may see.",
    remedy="Check the address, or ask an administrator whether your roles reach that team.",
    code="not_found",
)
STATUS_OF_CODE = {"changed_meanwhile": 412, "precondition_required": 428, "key_reused": 422}
"""Refusals for which HTTP has a status of its own."""


def refuse(raised: Exception, _context: dict[str, Any]) -> HttpResponse | None:
    """The answer to an exception that is a refusal; None for one that is a mistake of the portal."""
    for kinds, answer in ANSWERS:
        if isinstance(raised, kinds):
            return answer(raised)
    return None


def _own(raised: PortalError) -> HttpResponse:
    return refusing(problem_response(raised, STATUS_OF_CODE.get(raised.code, status_of(raised))), raised)


def _missing(raised: Exception) -> HttpResponse:
    return problem_response(NOT_FOUND, 404)


def _denied(raised: Exception) -> HttpResponse:
    error = NotAllowed(str(raised) or "You may not do this.", code="not_permitted")
    return refusing(problem_response(error, 403), error)


def _other(raised: exceptions.APIException) -> HttpResponse:
    return problem_response(PortalError(str(raised.detail), code=raised.default_code), raised.status_code)


def _invalid(raised: exceptions.ValidationError) -> HttpResponse:
    """Which fields are wrong, and why."""
    detail = raised.detail
    whole = api_settings.NON_FIELD_ERRORS_KEY
    fields = detail if isinstance(detail, dict) else {whole: detail}
    sentences = [_text(said) if name == whole else f"{name}: {_text(said)}" for name, said in fields.items()]
    error = Invalid(
        "; ".join(sentences), remedy="Correct these fields and send it again.", code="fields_invalid"
    )
    return problem_response(error, 400, errors={name: _text(said) for name, said in fields.items()})


def _text(said: Any) -> str:
    if isinstance(said, dict):
        return " ".join(f"{name}: {_text(part)}" for name, part in said.items())
    return " ".join(_text(part) for part in said) if isinstance(said, list | tuple) else str(said)


SIGN_IN = "Sign in, or send a valid token as `Authorization: Bearer …`."


def _unknown_person(raised: exceptions.APIException) -> HttpResponse:
    if isinstance(raised, exceptions.AuthenticationFailed):
        error = NotAllowed(str(raised.detail), remedy=SIGN_IN, code="token_refused")
    else:
        error = NotAllowed(
            "Nobody is signed in, and there is no token.", remedy=SIGN_IN, code="not_signed_in"
        )
    return problem_response(error, 401, headers={"WWW-Authenticate": "Bearer"})


def _too_often(raised: exceptions.Throttled) -> HttpResponse:
    """When the next call is answered."""
    wait = max(int(raised.wait or 0), 1)  # type: ignore[attr-defined]
    error = NotAllowed(
        "You called the API more often than one person may in a minute.",
        remedy=f"Wait {wait} s (`Retry-After`), then call again, less often.",
        code="too_many_calls",
    )
    return refusing(problem_response(error, 429, headers={"Retry-After": str(wait)}), error)


ANSWERS: tuple[tuple[tuple[type[Exception], ...], Callable[[Any], HttpResponse]], ...] = (
    ((PortalError,), _own),
    ((Http404, exceptions.NotFound), _missing),
    ((exceptions.ValidationError,), _invalid),
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), _unknown_person),
    ((exceptions.Throttled,), _too_often),
    ((exceptions.PermissionDenied, PermissionDenied), _denied),
    ((exceptions.APIException,), _other),
)
