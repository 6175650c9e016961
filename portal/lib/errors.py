"""Errors a person reads: what is wrong, where, and what to do."""


class PortalError(Exception):
    """Base of every error that the portal raises on purpose.

    `message` is a sentence; `remedy` says what to do about it; `code` is stable for machines; `link` is
    the page of what stands in the way, or where to act, which `label` calls by its name.
    """

    code = "error"

    def __init__(
        self, message: str, *, remedy: str = "", code: str | None = None, link: str = "", label: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code or type(self).code
        self.link = link
        self.label = label

    def as_dict(self) -> dict[str, str]:
        """The error as pages, API and `--json` show it."""
        link = {"link": self.link} if self.link else {}
        return {"code": self.code, "message": self.message, "remedy": self.remedy, **link}


class NotAllowed(PortalError):
    """The actor may not do this; the message says why."""

    code = "not_allowed"


class Conflict(PortalError):
    """The object is not in the state that this action needs, or changed meanwhile."""

    code = "conflict"


class Gone(PortalError):
    """What is asked for was here and was let go, as two people entered."""

    code = "gone"


class Invalid(PortalError):
    """The input is not acceptable."""

    code = "invalid"
