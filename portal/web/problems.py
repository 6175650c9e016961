"""Refusals for programs: problem details (RFC 9457) with the code and the remedy of the error."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse

from portal.lib.errors import PortalError

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "This cannot be accepted",
    401: "Nobody is signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Not at this address",
    409: "Not in this state",
    410: "Not there any more",
    412: "Changed meanwhile",
    415: "Not in this format",
    416: "Not that many bytes",
    422: "This cannot be accepted",
    428: "Say which version you mean",
    429: "Too often",
    500: "Something broke",
}


def problem(error: PortalError, status: int, **more: Any) -> dict[str, Any]:
    """The members of a problem document; `detail` is the error's sentence."""
    said = error.as_dict()
    sentence = said.pop("message")
    title = TITLES.get(status, TITLES[400])
    return {"type": "about:blank", "title": title, "status": status, "detail": sentence, **said, **more}


def problem_response(
    error: PortalError, status: int, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JsonResponse:
    """The document as an answer."""
    return JsonResponse(
        problem(error, status, **more), status=status, content_type=CONTENT_TYPE, headers=dict(headers or {})
    )


def wants_problem(request: HttpRequest) -> bool:
    """Whether a program asks rather than a browser."""
    if request.path.startswith("/api/"):
        return True
    kinds = ["text/html", "application/json", CONTENT_TYPE]
    return request.get_preferred_type(kinds) in kinds[1:]
