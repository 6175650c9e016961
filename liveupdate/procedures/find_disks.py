"""Finds disks that were mapped to the LPAR, for a Live Update or a clone (handbook 5.1 row 1)."""

from inventory.command import aix
from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, change, look
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, Run, StepHost

NAME = "find_disks"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        parts=(found,),
        warnings=lambda draft: (
            "cfgmgr configures whatever it finds: devices that were removed on purpose come back too.",
        ),
        roles=(StepHost.LPAR,),
        watched=False,
        needs_credential=False,
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def found(draft: Draft) -> None:
    """The devices are looked for; every disk that is known has to stay."""
    known = [words.disk(disk.name) for disk in draft.subject.value(LSPV)]
    draft.parameters["disks_before"] = known
    draft.add(
        look(
            "disks_before",
            Phase.CHECK,
            "Record the disks",
            "It shows afterwards which are new.",
            aix("lspv"),
        ),
        change(
            "devices_found",
            Phase.UPDATE,
            "Look for new devices",
            "Disks that the storage team mapped appear as hdisks of no volume group.",
            Run(aix("cfgmgr", "-v")),
            expect=Expect(statuses=(0,)),
            deadline_s=900,
        ),
        look(
            "disks_after",
            Phase.VERIFY,
            "Prove that no disk is gone, and record the new ones",
            "A plan chooses those for Live Update itself; that of the clone is named in the inventory.",
            aix("lspv"),
            expect=Expect(has=tuple(rf"^{name}\s" for name in known)),
        ),
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Look for new disks of {plan.lpar['name']}, which has {len(plan.parameters['disks_before'])}"


PROCEDURE = Procedure(
    name=NAME,
    title="Find disks that were mapped to the LPAR",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.SET_UP,
    moves_workload=False,
    checks=frozenset({"RQ-150", "RQ-177"}),
)
