"""Activates what is installed already: by a Live Update without media, and, if it fails, by another one
with the workload stopped, or by a restart (handbook 5.4 S5 and S6)."""

import re
from dataclasses import replace

from inventory.command import aix, hmc
from liveupdate.procedures import update, words, workload
from liveupdate.procedures.disks_and_media import boots_from
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.step import Branch, Expect, OnFailure, Phase, Step, StepHost

MOVE = "update"
RESTART_DEADLINE_S = 45 * 60


def preview(draft: Draft) -> None:
    """Handbook 5.4 S5: the gate of the Live Update, with the new files on the disk."""
    draft.add(preview_step("activation_preview"))


def move(draft: Draft) -> None:
    """Handbook 5.4 S6, with both of its ways out."""
    draft.add(replace(live_update_step(MOVE), on_failure=OnFailure.CHOOSE))
    stops = workload.stopped(draft)
    if stops:
        draft.offer(
            Branch(
                "workload_stopped",
                MOVE,
                "Stop the workload and repeat the Live Update",
                "A kernel that cannot release the libraries of running programs (1020-007) can without them. "
                "The workload is down until the Live Update has ended.",
                (
                    *_nothing_left(draft, "repeat"),
                    *stops,
                    preview_step("repeat_preview"),
                    live_update_step("repeat"),
                ),
            )
        )
    else:
        draft.warnings.append(
            "The request names no commands that stop the workload: if the Live Update fails, only a restart "
            "is prepared."
        )
    draft.offer(
        Branch(
            "restart",
            MOVE,
            "Activate by a restart, not live",
            "The updates are on the disk and become active when the LPAR starts. Whatever runs on it stops.",
            (*_nothing_left(draft, "restart"), *restarted(draft)),
        )
    )


def restarted(draft: Draft) -> tuple[Step, ...]:
    """The restart, with the proof that it starts from the updated rootvg."""
    return (
        look(
            "boot_list_for_restart",
            Phase.UPDATE,
            "Prove that the boot list begins with the active rootvg",
            "The restart has to start what was updated.",
            aix("bootlist", "-m", "normal", "-o"),
            expect=Expect(has=(boots_from(tuple(draft.parameters["rootvg"])),)),
        ),
        once(
            "restarted",
            Phase.UPDATE,
            "Restart the LPAR",
            "Everything that runs on it stops. If it does not come back, its console on the HMC shows why.",
            aix("shutdown", "-Fr"),
            deadline_s=RESTART_DEADLINE_S,
            reversible=False,
            restarts=True,
        ),
    )


def nothing_left(draft: Draft) -> None:
    """No Live Update has left anything behind: a restart would take what its cleanup needs."""
    draft.add(*(replace(step, phase=Phase.CHECK) for step in _nothing_left(draft, "before")))


def preview_step(step_id: str) -> Step:
    """The preview of a Live Update without media (handbook 5.4 S5, 5.5 H3)."""
    return once(
        step_id,
        Phase.UPDATE,
        "Preview the Live Update, with nothing to install",
        "It changes nothing; without its positive sentence there is no Live Update.",
        aix("geninstall", "-k", "-p"),
        expect=Expect(has=(update.PREVIEW_SUCCEEDED,), lacks=(r"1430-\d{3} FAILED",)),
        deadline_s=update.PREVIEW_DEADLINE_S,
    )


def live_update_step(step_id: str) -> Step:
    """The Live Update without media (handbook 5.4 S6, 5.5 H5)."""
    return once(
        step_id,
        Phase.UPDATE,
        "Move the workload to the updated surrogate",
        "Nothing is installed any more. Once begun it is not started again, and from the point of no return "
        "on nobody interrupts it.",
        aix("geninstall", "-k"),
        expect=Expect(has=(update.SUCCEEDED,), lacks=update.FAILED),
        deadline_s=update.UPDATE_DEADLINE_S,
        reversible=False,
        live_update=True,
    )


def _nothing_left(draft: Draft, prefix: str) -> tuple[Step, ...]:
    """A second attempt, or a restart, before the cleanup would destroy what clvupdate needs."""
    name, system = words.system_name(draft.subject.partition), words.system_name(draft.subject.managed_system)
    spare = (*draft.parameters.get("nhdisk", ()), *draft.parameters.get("mhdisk", ()))
    partitions = look(
        f"{prefix}_one_partition",
        Phase.UPDATE,
        f"Prove that the HMC shows no {name}_lku0",
        "What a failed Live Update leaves has to be cleaned up first.",
        hmc("lssyscfg", "-r", "lpar", "-m", system, "-F", "name,lpar_id,state"),
        expect=Expect(lacks=(rf"^{re.escape(name)}_lku\d+,",)),
        host=StepHost.HMC,
    )
    if not spare:
        return (partitions,)
    disks = look(
        f"{prefix}_disks_free",
        Phase.UPDATE,
        f"Prove that {', '.join(spare)} are free again",
        "What a failed Live Update leaves has to be cleaned up first.",
        aix("lspv"),
        expect=Expect(has=tuple(rf"^{disk}\s+\S+\s+None\b" for disk in spare)),
    )
    return (partitions, disks)
