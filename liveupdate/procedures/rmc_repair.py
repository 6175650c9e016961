"""Brings RMC between LPAR and HMC back: a restart first, then a rebuild (P8). Never on a cluster's node."""

from inventory.facts.aix.rmc_status import RMC_STATUS
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.hmc.lpars import LPARS
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import rmc
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Phase, Plan, StepHost
from liveupdate.states import LparState

NAME = "rmc_repair"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(
            NAME,
            VERSION,
            parts=(broken, rmc.no_cluster, rmc.restart, back),
            watched=False,
            needs_credential=False,
        ),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def broken(draft: Draft) -> None:
    """Only what does not work is repaired."""
    subject = draft.subject
    reached = [each.address for each in subject.value(RMC_STATUS).management if each.state == "IA"]
    own = subject.value(UNAME_L).id
    known = [each for each in subject.value(LPARS, subject.managed_system) if each.lpar_id == own]
    if reached and any(each.rmc_state == "active" for each in known):
        draft.refuse(f"RMC works: the LPAR reaches {', '.join(reached)}, and the HMC says active.")
    draft.parameters["rmc_reaches"] = reached


def back(draft: Draft) -> None:
    """RMC works again, seen from both sides."""
    draft.add(*rmc.looks(draft, "after", Phase.VERIFY, patience_s=rmc.HMC_SEES_S))


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Bring RMC between {plan.lpar['name']} and {plan.hosts[StepHost.HMC].name} back"


PROCEDURE = Procedure(
    name=NAME,
    title="Repair RMC between LPAR and HMC",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REPAIR,
    moves_workload=False,
    checks=frozenset({"RQ-150"}),
    states=frozenset(LparState) - {LparState.UPDATING, LparState.UNKNOWN},
)
