"""Makes the rollback clone, or makes it anew: the way back that every level change needs (handbook 5.1)."""

from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import cloning, disks_and_media, security
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "rollback_clone"
VERSION = 2


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(
            NAME,
            VERSION,
            parts=(
                cloning.level_of_clone,
                cloning.disks,
                disks_and_media.boot_list,
                security.trusted_execution,
                cloning.present_clone,
            ),
            proofs=(cloning.copy,),
            warnings=lambda draft: (
                "The clone holds rootvg as it is while it is copied; what is written to rootvg later is not "
                "in it.",
            ),
            roles=(StepHost.LPAR,),
            watched=False,
            needs_credential=False,
        ),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    verb = "Make the rollback clone anew" if chosen["replaced"] else "Make a rollback clone"
    return f"{verb}: {plan.lpar['name']} at {chosen['level_before']}, on {', '.join(chosen['clone'])}"


PROCEDURE = Procedure(
    name=NAME,
    title="Make a rollback clone of rootvg",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.SAFEGUARD,
    asks=(cloning.CLONE_DISKS,),
    moves_workload=False,
    checks=frozenset({"RQ-107", "RQ-121", "RQ-122", "RQ-140", "RQ-150", "RQ-177", "RQ-179"}),
    consents=frozenset({Consent.REPLACE_CLONE, Consent.TRUSTED_EXECUTION_OFF}),
)
