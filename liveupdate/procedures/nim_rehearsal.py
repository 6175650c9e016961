"""The rehearsal through a NIM master: the workload moves for real, and nothing is installed.

Handbook 5.5 in its NIM form: the blackout is measured, the level stays. Interim fixes may stay too.
"""

from liveupdate.procedures import disks_and_media, local_live_update, nim, software, update, verification
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost
from liveupdate.subject import Subject

NAME = "nim_rehearsal"
VERSION = 1
ONLY_FOR_UPDATES = frozenset(
    {
        disks_and_media.rollback_clone,
        disks_and_media.media,
        software.interim_fixes,
        software.applied_filesets,
    }
)
PARTS = (
    verification.present_level,
    nim.client,
    nim.identity,
    *nim.in_place_of_local(tuple(part for part in local_live_update.PARTS if part not in ONLY_FOR_UPDATES)),
)
PROOFS = (
    nim.rest,
    *nim.in_place_of_local((update.preview, update.update)),
    verification.level_unchanged,
    *nim.in_place_of_local((verification.partition, verification.disks, verification.software)),
)
NOTHING_INSTALLED = (
    "The workload moves to the surrogate for real, and stands still during the blackout, usually 10 to 30 "
    "seconds; nothing is installed and the level stays."
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        PARTS,
        PROOFS,
        warnings=lambda _: (NOTHING_INSTALLED, nim.NOT_STOPPED),
        roles=nim.ROLES,
        needs_credential=subject.choice("hmc_logon") == "lpar",
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return (
        f"Rehearse a Live Update of {plan.lpar['name']} at {chosen['level_before']} through NIM: clone to "
        f"{', '.join(chosen['nhdisk'])}, mirror on {', '.join(chosen['mhdisk'])}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Rehearse a Live Update through NIM",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    asks=(nim.LOGON,),
)
