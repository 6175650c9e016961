"""Every procedure there is; a module of this package with a PROCEDURE is one."""

import liveupdate.procedures
from liveupdate.procedures.draft import CannotPlan
from liveupdate.procedures.procedure import Procedure
from liveupdate.procedures.step import HostRef, Plan, StepHost
from liveupdate.subject import Subject
from portal.lib.discover import constants
from portal.lib.errors import Invalid

__all__ = ["PROCEDURES", "CannotPlan", "procedure_named", "render", "summary"]

PROCEDURES: dict[str, Procedure] = {
    procedure.name: procedure
    for procedure in constants(liveupdate.procedures, Procedure, skip=frozenset({__name__}))
}


def render(
    procedure: str,
    subject: Subject,
    hosts: dict[StepHost, HostRef],
    hmc_credential: str,
    consents: frozenset[str],
) -> Plan:
    """The plan of a procedure for one LPAR.

    `hmc_credential` is the name of the credential whose secret answers hmcauth's prompt. Raises
    CannotPlan with every reason, Invalid for a procedure that does not exist.
    """
    return procedure_named(procedure).render(subject, hosts, hmc_credential, consents)


def summary(plan: Plan) -> str:
    """One line for people: what the plan does to which LPAR. Raises Invalid like `render`."""
    return procedure_named(plan.procedure).summary(plan)


def procedure_named(name: str) -> Procedure:
    """The procedure of this name. Raises Invalid when there is none."""
    if name not in PROCEDURES:
        raise Invalid(f"There is no procedure {name!r}.", remedy=f"Choose one of {', '.join(PROCEDURES)}.")
    return PROCEDURES[name]
