"""What a person gives to prove who they are."""

from enum import StrEnum


class Factor(StrEnum):
    """The weaker first."""

    NONE = "none"
    PASSWORD = "password"  # noqa: S105 - the word, not one of them
    SECOND_FACTOR = "second_factor"

    def satisfies(self, wanted: "Factor") -> bool:
        """Whether this is as strong as `wanted`, or stronger."""
        order = list(Factor)
        return order.index(self) >= order.index(wanted)
