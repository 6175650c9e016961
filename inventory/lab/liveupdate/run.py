"""The Live Updates of the estate."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inventory.lab.lab import Lab


class LiveUpdates:
    """All Live Updates that run, and what they hold of the managed system."""

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab

    def recover(self) -> None:
        """Bring what a stopped lab left half-way to an end."""

    def uses(self, host: str, over: str) -> bool:
        """Whether a Live Update of this host installs from the mount point."""
        return False

    def free_memory(self) -> int:
        """MB that the managed system can give."""
        return self._lab.world.system.free_memory()

    def free_units(self) -> float:
        """Processor units that the managed system can give."""
        return self._lab.world.system.free_units()
