"""Activates installed updates by a restart: an LPAR whose disk is newer than its kernel (handbook 5.4 S6)."""

from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import activation, disks_and_media, live_update_only, verification, words, workload
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost
from liveupdate.procedures.workload import START_WORKLOAD, STOP_WORKLOAD
from liveupdate.states import LparState

NAME = "activate_by_restart"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        parts=(
            live_update_only.installed_level,
            disks_and_media.clone_there,
            rootvg,
            activation.nothing_left,
            disks_and_media.boot_list,
        ),
        proofs=(restart, verification.active, verification.partition, rootvg_whole, verification.software),
        warnings=lambda draft: (
            "The updates become active by a restart, not live: whatever runs on the LPAR stops.",
        ),
        watched=False,
        needs_credential=False,
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def rootvg(draft: Draft) -> None:
    """The disks that the LPAR starts from."""
    disks = [disk.name for disk in draft.subject.value(LSPV) if disk.volume_group == ROOTVG]
    draft.parameters["rootvg"] = [words.disk(name) for name in disks]


def restart(draft: Draft) -> None:
    """The workload stops by its owner's commands, then the LPAR restarts."""
    draft.add(*workload.stopped(draft), *activation.restarted(draft))


def rootvg_whole(draft: Draft) -> None:
    """rootvg is whole after the restart."""
    verification.rootvg_whole(draft, draft.parameters["rootvg"], [])


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Activate {plan.parameters['target_level']} on {plan.lpar['name']} by a restart, not live"


PROCEDURE = Procedure(
    name=NAME,
    title="Activate installed updates by a restart",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(STOP_WORKLOAD, START_WORKLOAD),
    moves_workload=False,
    checks=frozenset({"RQ-107", "RQ-121", "RQ-122", "RQ-150", "RQ-174", "RQ-177"}),
    states=frozenset({LparState.UPDATED_NOT_ACTIVE}),
)
