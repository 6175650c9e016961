"""Where Live Update left an LPAR, as its page shows it: why, by which lines, and what may come next."""

from dataclasses import dataclass
from typing import Any

from inventory.models import Lpar
from inventory.update_states import update_state_words
from liveupdate.offers import offers
from liveupdate.procedures.catalogue import PROCEDURES, in_order
from liveupdate.procedures.procedure import Procedure
from liveupdate.states import LparState


@dataclass(frozen=True, slots=True)
class Refused:
    """Procedures that one sentence keeps from being asked for."""

    why: str
    procedures: tuple[Procedure, ...]


@dataclass(frozen=True, slots=True)
class StateView:
    """`evidence` holds hosts, commands and lines; `allowed` and `refused` are procedures, the former in the
    order in which they are offered."""

    state: LparState
    word: str
    why: str
    missing: tuple[str, ...]
    evidence: list[dict[str, Any]]
    allowed: tuple[Procedure, ...]
    refused: tuple[Refused, ...]


def state_of(lpar: Lpar) -> StateView:
    """The state that the last look told, with every procedure as it allows or refuses it."""
    state, basis = LparState(lpar.update_state), lpar.update_state_basis
    offered = offers(state)
    sentences = dict.fromkeys(filter(None, offered.values()))
    return StateView(
        state=state,
        word=update_state_words(state),
        why=basis.get("why", ""),
        missing=tuple(basis.get("missing", ())),
        evidence=basis.get("evidence", []),
        allowed=tuple(procedure for procedure in in_order() if not offered[procedure.name]),
        refused=tuple(
            Refused(sentence, tuple(PROCEDURES[name] for name, why in offered.items() if why == sentence))
            for sentence in sentences
        ),
    )
