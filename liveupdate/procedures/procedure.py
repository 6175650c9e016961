"""What a procedure is: a named, versioned way to make a plan for an LPAR."""

from collections.abc import Callable
from dataclasses import dataclass

from liveupdate.procedures.step import HostRef, Plan, StepHost
from liveupdate.subject import Subject

Render = Callable[[Subject, dict[StepHost, HostRef], str, frozenset[str]], Plan]


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure. `render` takes the LPAR, its hosts, the name of the credential for the HMC's
    Live Update user, and the consents given; it raises CannotPlan. `summary` says a plan in a line.
    """

    name: str
    title: str
    version: int
    render: Render
    summary: Callable[[Plan], str]
