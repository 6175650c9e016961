"""What readiness and procedures look at: one LPAR, what is asked for it, and its newest facts."""

from dataclasses import dataclass
from typing import Any, TypeVar

from inventory.facts.base import Fact, FactSet, Reading

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Subject:
    """One LPAR with its facts, and the update that is asked for.

    `media` is `SERVER:/directory` (mounted over NFS) or an absolute directory on the LPAR;
    `target_level` is an `oslevel -s` string, empty while nobody has named one.
    """

    name: str
    uuid: str
    managed_system: str
    managed_system_serial: str
    hmc: str
    hmc_address: str
    hmc_user: str
    rollback_clone_disk: str
    procedure: str
    media: str
    target_level: str
    facts: FactSet

    def value(self, fact: Fact[Value], *parameters: str) -> Value:
        """The typed value of a fact, read with these parameters. Raises FactMissing."""
        return self.facts.value(fact, fact_key(parameters))

    def reading(self, fact: Fact[Any], *parameters: str) -> Reading | None:
        """The reading of a fact, whatever its state, or None if it was never read."""
        return self.facts.reading(fact, fact_key(parameters))


def fact_key(parameters: tuple[str, ...]) -> str:
    """The key under which a fact read with these parameters is kept."""
    return ",".join(parameters)
