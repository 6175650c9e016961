"""Refusals and failures as pages, or as problem documents for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.lib.errors import Conflict, Gone, Invalid, NotAllowed, PortalError
from portal.web.problems import TITLES, problem_response, wants_problem

REFUSED = "refused_code"
"""Attribute of an answer that says no: the code of the refusal, for whoever enters it into a record."""

_STATUS: tuple[tuple[type[PortalError], int], ...] = (
    (NotAllowed, 403),
    (Conflict, 409),
    (Gone, 410),
    (Invalid, 400),
)


def status_of(error: PortalError) -> int:
    """The HTTP status that says what kind of refusal `error` is."""
    if error.code == "not_found":
        return 404
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def error_response(request: HttpRequest, error: PortalError, status: int | None = None) -> HttpResponse:
    """`error` as a page with what to do about it, or as a problem document for a program."""
    status = status or status_of(error)
    if wants_problem(request):
        return refusing(problem_response(error, status), error)
    context = {"error": error, "status": status, "title": TITLES.get(status, TITLES[400])}
    return refusing(render(request, "errors/error.html", context, status=status), error)


def refusing(answer: HttpResponse, error: PortalError) -> HttpResponse:
    """The answer, marked with the code of its refusal."""
    setattr(answer, REFUSED, error.code)
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Status 400."""
    return error_response(
        request, Invalid("The portal could not make sense of this request.", code="request_not_understood")
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Status 403, for Django's own refusals."""
    return error_response(request, NotAllowed("You may not do this.", code="not_permitted"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Status 404; says the same whether the thing is missing or belongs to another team."""
    missing = PortalError(
        "There is nothing at this address that you may see.",
        remedy="Check the address, or ask an administrator whether your roles reach that team.",
        code="not_found",
    )
    return error_response(request, missing, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Status 403 for a form that did not come from a page of this session."""
    stale = NotAllowed(
        "This form was sent from a page that is no longer current, or from another site. Nothing was done.",
        remedy="Open the page again and repeat what you did; allow cookies for this site.",
        code="stale_form",
    )
    return error_response(request, stale)


def server_error(request: HttpRequest) -> HttpResponse:
    """Status 500; needs neither database nor session, which may be what broke."""
    broken = PortalError(
        "The portal made a mistake, and it is in its log. A run that is under way goes on by itself.",
        remedy="Try again in a minute; if it stays, tell an administrator the time and this address.",
        code="server_error",
    )
    if wants_problem(request):
        return problem_response(broken, 500)
    context: dict[str, Any] = {"error": broken, "status": 500, "title": TITLES[500]}
    return render(None, "errors/error.html", context, status=500)
