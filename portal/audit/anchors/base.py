"""What every anchor is: a place outside the database that takes checkpoints."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.audit.models import Receipt
from portal.lib.errors import PortalError


class AnchorFailed(PortalError):
    """An anchor did not take a checkpoint; it is tried again."""

    code = "anchor_failed"


class AnchorContradicts(AnchorFailed):
    """An anchor knows another ledger than the one in the database."""

    code = "anchor_contradicts"


@dataclass(frozen=True, slots=True)
class Published:
    """A signed checkpoint on its way out."""

    size: int
    root: bytes
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What an anchor gave for a checkpoint: proof to keep, beside what the file of anchors says of it."""

    kind: Receipt.Kind
    content: str
    line: dict[str, Any]


class Anchor(ABC):
    """One place. `every`: it takes each checkpoint in turn; else the newest vouches for those before it."""

    kind: str
    name: str
    every = False
    pause = timedelta()
    """Least time between two checkpoints."""

    @abstractmethod
    def publish(self, checkpoint: Published, last: int) -> Answer | None:
        """Hand a checkpoint over; `last` is the size of the one that this anchor took before, 0 for none.

        Raises AnchorFailed.
        """
