"""What the surrogate of an LPAR takes of its managed system: amounts of memory and processors."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """Memory in MB and processors in cores."""

    memory_mb: int
    cores: Decimal

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.memory_mb + other.memory_mb, self.cores + other.cores)


NOTHING = Amount(0, Decimal(0))


@dataclass(frozen=True, slots=True)
class Reservation:
    """What another plan's surrogate takes; `holder` says whose, `amount` is None while nobody knows."""

    holder: str
    amount: Amount | None


def total(reserved: tuple[Reservation, ...]) -> Amount | None:
    """All of them together; unknown as soon as one is."""
    amount = NOTHING
    for each in reserved:
        if each.amount is None:
            return None
        amount += each.amount
    return amount
