"""Activates installed updates by a Live Update alone: an LPAR whose disk is newer than its kernel.

Handbook 5.4 from S5 on; the state UPDATED_NOT_ACTIVE of handbook 1.4.
"""

import re

from inventory.command import aix
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.proc_version import PROC_VERSION
from liveupdate.lpar.consents import OF_A_LIVE_UPDATE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import (
    disks_and_media,
    installation,
    local_live_update,
    separate_update,
    software,
    words,
)
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, look
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, StepHost
from liveupdate.procedures.workload import START_WORKLOAD, STOP_WORKLOAD
from liveupdate.states import LparState

NAME = "live_update_only"
VERSION = 1
OF_INSTALLING = (disks_and_media.rollback_clone, disks_and_media.media, software.interim_fixes)
PREPARATION = tuple(part for part in local_live_update.PARTS if part not in OF_INSTALLING)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        parts=(installed_level, disks_and_media.clone_there, *PREPARATION),
        proofs=(installation.daemons, *separate_update.ACTIVATION),
        warnings=lambda draft: (
            "If the Live Update fails, the run waits for a person, who chooses between the ways that are "
            "prepared.",
            "Every process of the LPAR stands still during the blackout, usually 10 to 30 seconds.",
        ),
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def installed_level(draft: Draft) -> None:
    """What the disk holds, and the older kernel that runs: this plan was made for both."""
    level, kernel = draft.subject.value(OSLEVEL), draft.subject.value(PROC_VERSION)
    draft.parameters |= {
        "level_before": level.text,
        "target_level": words.level(level.text),
        "kernel_before": kernel.tag,
    }
    draft.add(
        look(
            "level_before",
            Phase.CHECK,
            f"Prove that the disk holds {level}",
            "This plan was made for it.",
            aix("oslevel", "-s"),
            expect=Expect(has=(rf"^{level}\s*$",)),
            deadline_s=600,
        ),
        look(
            "kernel_before",
            Phase.CHECK,
            f"Prove that the kernel {kernel.tag} still runs",
            "Another one would mean that somebody restarted the LPAR.",
            aix("cat", "/proc/version"),
            expect=Expect(has=(rf"^{re.escape(kernel.tag)}(?:\s|$)",)),
        ),
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return (
        f"Activate {chosen['target_level']} on {plan.lpar['name']} by a Live Update: "
        f"{len(plan.all_steps)} steps, clone to {', '.join(chosen['nhdisk'])}, mirror on "
        f"{', '.join(chosen['mhdisk'])}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Activate installed updates by a Live Update",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(STOP_WORKLOAD, START_WORKLOAD),
    states=frozenset({LparState.UPDATED_NOT_ACTIVE}),
    consents=OF_A_LIVE_UPDATE,
)
