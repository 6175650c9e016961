"""What a procedure is: a named, versioned way to make a plan for an LPAR."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.step import HostRef, Plan, StepHost
from liveupdate.states import LparState

Render = Callable[[Subject, dict[StepHost, HostRef], str, frozenset[str]], Plan]
UNDISTURBED = frozenset({LparState.IDLE, LparState.FAILED_CLEAN, LparState.DONE})
"""The states in which an LPAR may be updated, rehearsed or backed up."""


class Purpose(StrEnum):
    """What people want from a procedure; the order in which they are offered."""

    UPDATE = "Update"
    REHEARSE = "Preview and rehearse"
    SAFEGUARD = "Back up and roll back"
    FINISH = "Check and finish"
    REPAIR = "Repair"
    SET_UP = "Set up"


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure. `render` takes the LPAR, its hosts, the name of the credential for the HMC's
    Live Update user, and the consents given; it raises CannotPlan. `summary` says a plan in a line.

    `asks` is what the requester has to say. `moves_workload` tells whether a surrogate is made, which
    needs spare disks, room on the managed system and every readiness check; a procedure that makes
    none is judged by `checks` alone (RQ-…). `consents` are those that its plans may need. `states` are
    those of the LPAR in which it may be asked for.
    `changes_nim`: it changes what the NIM master knows, so that the master is read again when it is over.
    """

    name: str
    title: str
    version: int
    render: Render
    summary: Callable[[Plan], str]
    purpose: Purpose
    asks: tuple[Ask, ...] = ()
    moves_workload: bool = True
    checks: frozenset[str] = frozenset()
    consents: frozenset[Consent] = frozenset()
    states: frozenset[LparState] = UNDISTURBED
    changes_nim: bool = False
