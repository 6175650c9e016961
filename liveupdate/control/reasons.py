"""Why something is not possible, or not yet: one form for pages, API, mail and the ledger."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `code` is for machines and stays as it is; `until` is when it ends by itself, if it does."""

    code: str
    message: str
    remedy: str = ""
    until: datetime | None = None

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
