"""Why something is not possible, or not yet: one form for pages, API, mail and the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.lib.clock import rfc3339
from portal.lib.errors import Conflict, PortalError


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `code` is for machines and stays as it is; `until` is when it ends by itself, if it does.

    `link` is the page of what stands in the way, or where to act; empty without one. `label` is what it is
    called where one can act there.
    """

    code: str
    message: str
    remedy: str = ""
    until: datetime | None = None
    link: str = ""
    label: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    @classmethod
    def of(cls, refused: PortalError) -> "Reason":
        """The reason that an action gave when it refused."""
        return cls(refused.code, refused.message, refused.remedy, link=refused.link, label=refused.label)

    def as_dict(self) -> dict[str, str]:
        """The reason as JSON holds it; what it does not have is left out."""
        until = rfc3339(self.until) if self.until else ""
        parts = {"code": self.code, "message": self.message, "remedy": self.remedy, "until": until}
        parts |= {"link": self.link, "label": self.label}
        return {name: text for name, text in parts.items() if text}

    def conflict(self) -> Conflict:
        """The refusal of an action for this reason."""
        return Conflict(self.message, remedy=self.remedy, code=self.code, link=self.link, label=self.label)


def reason_in(said: Mapping[str, str]) -> Reason:
    """The reason that `as_dict` wrote."""
    until = datetime.fromisoformat(said["until"]) if "until" in said else None
    remedy, link, label = (said.get(name, "") for name in ("remedy", "link", "label"))
    return Reason(said["code"], said["message"], remedy, until, link, label)
