"""Errors a person reads: what is wrong, where, and what to do."""


class PortalError(Exception):
    """Base of every error that the portal raises on purpose.

    `message` is a sentence; `remedy` says what to do about it; `code` is stable for machines.
    """

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code or type(self).code

    def as_dict(self) -> dict[str, str]:
        """The error as pages, API and `--json` show it."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy}


class NotAllowed(PortalError):
    """The actor may not do this; the message says why."""

    code = "not_allowed"


class Conflict(PortalError):
    """The object is not in the state that this action needs, or changed meanwhile."""

    code = "conflict"


class Invalid(PortalError):
    """The input is not acceptable."""

    code = "invalid"
