"""A rehearsal through PowerVC: a Live Update with nothing to install, which really moves the workload.

Handbook 5.5 with PowerVC in the HMC's place.
"""

import re

from inventory.command import aix
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.proc_version import PROC_VERSION
from liveupdate.procedures import disks_and_media, local_live_update, powervc, software, update, verification
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, Step, StepHost
from liveupdate.subject import Subject

NAME = "powervc_rehearsal"
VERSION = 1
OF_INSTALLING = (
    disks_and_media.rollback_clone,
    disks_and_media.media,
    software.interim_fixes,
    software.applied_filesets,
)
PREPARATION = tuple(part for part in local_live_update.PARTS if part not in OF_INSTALLING)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        parts=(same_level, *powervc.in_place_of_the_hmc(PREPARATION)),
        proofs=(
            preview,
            powervc.session_before_update,
            rehearsal,
            level_unchanged,
            verification.partition,
            powervc.disks,
            verification.software,
        ),
        warnings=lambda draft: (
            "The workload really moves to a surrogate: every process stands still during the blackout.",
            powervc.ANOTHER_SYSTEM,
        ),
        needs_credential=False,
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def same_level(draft: Draft) -> None:
    """Level and kernel that must be the same afterwards."""
    level, kernel = draft.subject.value(OSLEVEL), draft.subject.value(PROC_VERSION)
    draft.parameters |= {"level_before": level.text, "kernel_before": kernel.tag}
    draft.add(*_level(draft, "before", Phase.CHECK))


def level_unchanged(draft: Draft) -> None:
    """A rehearsal installs nothing."""
    draft.add(*_level(draft, "after", Phase.VERIFY))


def _level(draft: Draft, moment: str, phase: Phase) -> tuple[Step, ...]:
    level, kernel = draft.parameters["level_before"], draft.parameters["kernel_before"]
    return (
        look(
            f"level_{moment}",
            phase,
            f"Prove that the level is {level}",
            "A rehearsal leaves it as it is.",
            aix("oslevel", "-s"),
            expect=Expect(has=(rf"^{level}\s*$",)),
            deadline_s=600,
        ),
        look(
            f"kernel_{moment}",
            phase,
            f"Prove that the kernel {kernel} runs",
            "A rehearsal starts the same one.",
            aix("cat", "/proc/version"),
            expect=Expect(has=(rf"^{re.escape(kernel)}(?:\s|$)",)),
        ),
    )


def preview(draft: Draft) -> None:
    """Handbook 5.5 H3."""
    draft.add(
        once(
            "preview",
            Phase.PREVIEW,
            "Preview the Live Update, with nothing to install",
            "It changes nothing; without its positive sentence there is no rehearsal.",
            aix("geninstall", "-k", "-p"),
            expect=Expect(has=(update.PREVIEW_SUCCEEDED,), lacks=(r"1430-\d{3} FAILED",)),
            deadline_s=update.PREVIEW_DEADLINE_S,
        )
    )


def rehearsal(draft: Draft) -> None:
    """Handbook 5.5 H5."""
    draft.add(
        once(
            "update",
            Phase.UPDATE,
            "Move the workload, with nothing to install",
            "Once begun it is not started again, and from the point of no return on nobody interrupts it.",
            aix("geninstall", "-k"),
            expect=Expect(has=(update.SUCCEEDED,), lacks=update.FAILED),
            deadline_s=update.UPDATE_DEADLINE_S,
            reversible=False,
            live_update=True,
        )
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return f"Rehearse a Live Update of {plan.lpar['name']} through PowerVC {chosen['powervc']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Rehearse a Live Update through PowerVC",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
)
