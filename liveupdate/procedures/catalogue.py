"""Every procedure there is; a module of this package with a PROCEDURE is one."""

import liveupdate.procedures
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.draft import CannotPlan
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost
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


def in_order() -> list[Procedure]:
    """Every procedure, those of one purpose together, in the order in which they are offered."""
    return sorted(PROCEDURES.values(), key=lambda each: (list(Purpose).index(each.purpose), each.title))


def title_of(name: str) -> str:
    """What a procedure is called; the name of one that is not there any more."""
    return PROCEDURES[name].title if name in PROCEDURES else name


def checks_of(name: str) -> frozenset[str] | None:
    """The checks (RQ-…) that a procedure is judged by; None for all. Raises Invalid like `render`."""
    procedure = procedure_named(name)
    return None if procedure.moves_workload else procedure.checks


def procedure_named(name: str) -> Procedure:
    """The procedure of this name. Raises Invalid when there is none."""
    if name not in PROCEDURES:
        raise Invalid(
            f"There is no procedure {name!r}.",
            remedy=f"Choose one of {', '.join(PROCEDURES)}.",
            code="unknown_name",
        )
    return PROCEDURES[name]
