"""The post-check of handbook 5.8: what must hold after the update, and what people should know."""

import re
from collections.abc import Callable

from inventory.command import aix, hmc
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.proc_version import PROC_VERSION
from liveupdate.lpar.disks import LEFTOVER
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.procedures.disks_and_media import boots_from
from liveupdate.procedures.draft import Draft, look, restored
from liveupdate.procedures.step import Expect, OnFailure, Phase, Step, StepHost

RMC_PATIENCE_S = 900
"""RMC is in contact again some minutes after a Live Update or a restart."""
COMPLETED = "12295E0B"
"""The error log's identifier of a completed Live Update."""


def at_level(step_id: str, phase: Phase, level: str, title: str, why: str) -> Step:
    """The proof that the disk is at a level (handbook 5.8 row 1); the first answer can take minutes."""
    expect = Expect(has=(rf"^{level}\s*$",))
    return look(step_id, phase, title, why, aix("oslevel", "-s"), expect=expect, deadline_s=600)


def present_level(draft: Draft) -> None:
    """The level on the disk and the kernel that runs are those that the plan was made for."""
    before, kernel = draft.subject.value(OSLEVEL), draft.subject.value(PROC_VERSION)
    draft.parameters["level_before"] = before.text
    draft.add(
        at_level(
            "level_before",
            Phase.CHECK,
            before.text,
            f"Prove that the level is {before}",
            "This plan was made for it.",
        ),
        look(
            "kernel_before",
            Phase.CHECK,
            f"Prove that the kernel {kernel.tag} runs",
            "What runs afterwards is compared with it.",
            aix("cat", "/proc/version"),
            expect=Expect(has=(rf"^{re.escape(kernel.tag)}(?:\s|$)",)),
        ),
    )


def level_unchanged(draft: Draft) -> None:
    """The proofs that a rehearsal installed nothing."""
    before, kernel = draft.subject.value(OSLEVEL), draft.subject.value(PROC_VERSION)
    draft.add(
        at_level(
            "level_after",
            Phase.VERIFY,
            before.text,
            f"Prove that the level is {before} still",
            "A rehearsal installs nothing.",
        ),
        look(
            "kernel_after",
            Phase.VERIFY,
            f"Prove that the kernel {kernel.tag} runs still",
            "Another one would mean that updates were waiting to be activated.",
            aix("cat", "/proc/version"),
            expect=Expect(has=(rf"^{re.escape(kernel.tag)}(?:\s|$)",)),
        ),
    )
    completed(draft)


def level(draft: Draft) -> None:
    """The proofs that the update is installed and active, and that a Live Update activated it."""
    active(draft)
    completed(draft)


def active(draft: Draft) -> None:
    """The proofs that the update is installed and that the new kernel runs; without them it failed."""
    before = draft.subject.value(PROC_VERSION)
    draft.add(
        at_level(
            "level_after",
            Phase.VERIFY,
            draft.parameters["target_level"],
            f"Prove that the level is {draft.parameters['target_level']}",
            "oslevel names the highest level for which every fileset is there.",
        ),
        *complete(draft.parameters["target_level"]),
        look(
            "kernel_after",
            Phase.VERIFY,
            "Prove that another kernel runs",
            f"The kernel was {before.tag}. The same one would mean: updated, not activated.",
            aix("cat", "/proc/version"),
            expect=Expect(has=("_kdb_buildinfo",), lacks=(rf"^{re.escape(before.tag)}(?:\s|$)",)),
        ),
    )


def completed(draft: Draft) -> None:
    """The error log says that the Live Update came to its end; one that was cleared proves nothing."""
    draft.add(
        look(
            "error_log_after",
            Phase.VERIFY,
            "Prove that the error log's newest entry of Live Update is its completion",
            f"{COMPLETED} is logged when a Live Update has completed.",
            aix("errpt", "-N", "LVUPDATE"),
            expect=Expect(
                has=(rf"\A\s*IDENTIFIER[^\n]*\n\s*(?:{COMPLETED}\b|[^\n]*\bcompleted successfully)",)
            ),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def complete(level: str) -> tuple[Step, ...]:
    """Handbook 5.8 rows 1 and 5: `instfix` names the filesets that are behind a service pack.

    A level without a service pack has no keyword of this kind.
    """
    release, technology_level, service_pack, build = level.split("-")
    if service_pack == "00":
        return ()
    keyword = f"{release[:2]}-{technology_level}-{service_pack}{build}_SP"
    step = look(
        "service_pack_complete",
        Phase.VERIFY,
        f"Prove that no fileset is behind {level}",
        "A line with :-: names one that is.",
        aix("instfix", "-ciqk", keyword),
        expect=Expect(statuses=(0, 1), lacks=(r":-:",)),
        deadline_s=1800,
        on_failure=OnFailure.CONTINUE,
    )
    return (step,)


def state_left_by(step: str) -> Callable[[Draft], None]:
    """A part that records, however the step ended, what is on the disk and what runs (handbook 1.2).

    Updates are committed before the workload is moved, so after a failure the two may differ.
    """

    def part(draft: Draft) -> None:
        draft.undo(
            restored(
                "level_left",
                step,
                "Record the level that the disk holds",
                "An update that failed may have installed its filesets: updated, not activated.",
                aix("oslevel", "-s"),
                deadline_s=600,
            ),
            restored(
                "kernel_left",
                step,
                "Record the kernel that runs",
                "The old one beside a new level would mean: updated, not activated.",
                aix("cat", "/proc/version"),
            ),
        )

    return part


state_left = state_left_by("update")


def partition(draft: Draft) -> None:
    """One partition of the name is left, on the HMC and by its own account."""
    name, system = words.system_name(draft.subject.partition), words.system_name(draft.subject.managed_system)
    draft.add(
        look(
            "partition_after",
            Phase.VERIFY,
            f"Prove that the LPAR still calls itself {name}",
            "Its partition id may be another one now.",
            aix("uname", "-L"),
            expect=Expect(has=(rf"^\d+\s+{re.escape(name)}\s*$",)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "hmc_after",
            Phase.VERIFY,
            f"Prove that the HMC shows one {name}, running and in contact",
            f"A {name}_lku0 that is still there has to be cleaned up.",
            hmc("lssyscfg", "-r", "lpar", "-m", system, "-F", "name,lpar_id,state,rmc_state"),
            expect=Expect(
                has=(rf"^{re.escape(name)},\d+,Running,active\s*$",),
                lacks=(rf"^{re.escape(name)}_lku\d+,",),
            ),
            on_failure=OnFailure.CONTINUE,
            host=StepHost.HMC,
            patience_s=RMC_PATIENCE_S,
        ),
    )


def nim_client(draft: Draft) -> None:
    """Handbook 5.8 row 10: the NIM master takes the next operation; nothing where there is none."""
    if not draft.subject.nim_name:
        return
    name = words.host_address(draft.subject.nim_name)
    draft.add(
        look(
            "nim_after",
            Phase.VERIFY,
            f"Prove that the NIM master is ready for {name}",
            "mgmt_profile1 tells which partition id NIM believes in; it follows uname -L.",
            aix("lsnim", "-l", name),
            expect=Expect(has=(r"^\s*Cstate\s*=\s*ready for a NIM operation\s*$",)),
            on_failure=OnFailure.CONTINUE,
            host=StepHost.NIM_MASTER,
        )
    )


def roles(subject: Subject) -> tuple[StepHost, ...]:
    """The hosts that a check from every side asks: the NIM master only where there is one."""
    nim = (StepHost.NIM_MASTER,) if subject.nim_name else ()
    return (StepHost.LPAR, StepHost.HMC, *nim)


def disks(draft: Draft) -> None:
    """rootvg is where it was, the mirror is gone, the clone is untouched, nhdisk keeps the boot image."""
    _disks(draft, LEFTOVER, "as a Live Update leaves them")


def disks_either_way(draft: Draft) -> None:
    """The same where a restart may have taken the Live Update's place, which leaves nhdisk free."""
    _disks(draft, f"(?:{LEFTOVER}|None)", "as a Live Update or a restart leaves them")


def _disks(draft: Draft, on_nhdisk: str, how: str) -> None:
    chosen = draft.parameters
    nhdisk, mhdisk, rootvg = chosen["nhdisk"], chosen["mhdisk"], chosen["rootvg"]
    expected = [
        *(rf"^{name}\s+\S+\s+rootvg\s+active\b" for name in rootvg),
        *(rf"^{name}\s+\S+\s+None\b" for name in mhdisk),
        *(rf"^{name}\s+\S+\s+{on_nhdisk}(?!\S)" for name in nhdisk),
        *(rf"^{name}\s+\S+\s+altinst_rootvg\b" for name in chosen.get("rollback_clone", ())),
    ]
    draft.add(
        look(
            "disks_after",
            Phase.VERIFY,
            f"Prove that the disks are {how}",
            f"rootvg on {', '.join(rootvg)}, {', '.join(mhdisk)} free again, {LEFTOVER} at most on "
            f"{', '.join(nhdisk)}, the rollback clone untouched.",
            aix("lspv"),
            expect=Expect(has=tuple(expected)),
            on_failure=OnFailure.CONTINUE,
        ),
    )
    rootvg_whole(draft, rootvg, mhdisk)


def rootvg_whole(draft: Draft, rootvg: list[str], mhdisk: list[str]) -> None:
    """No disk of rootvg is missing, none of the mirror is left, and the next restart begins there."""
    draft.add(
        look(
            "mirror_after",
            Phase.VERIFY,
            "Prove that rootvg is whole",
            "No disk may be missing, and none of the mirror may be left.",
            aix("lsvg", "-p", "rootvg"),
            expect=Expect(
                has=tuple(rf"^{name}\s+active\b" for name in rootvg),
                lacks=(r"^\S+\s+(?:missing|removed)\b", *(rf"^{name}\s" for name in mhdisk)),
            ),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "boot_list_after",
            Phase.VERIFY,
            "Prove that the boot list begins with the active rootvg",
            "The next restart must start the new level.",
            aix("bootlist", "-m", "normal", "-o"),
            expect=Expect(has=(boots_from(tuple(rootvg)),)),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def software(draft: Draft) -> None:
    """What people should know of filesets, interim fixes and processes on replaced libraries."""
    draft.add(
        look(
            "ifixes_after",
            Phase.VERIFY,
            "Record the interim fixes",
            "None should lock a fileset of the new level.",
            aix("emgr", "-P"),
            expect=Expect(statuses=(0, 1)),
            on_failure=OnFailure.CONTINUE,
        ),
    )
    consistency(draft)


def consistency(draft: Draft) -> None:
    """Filesets that do not fit together, and processes that still use what was replaced."""
    draft.add(
        look(
            "filesets_after",
            Phase.VERIFY,
            "Check that the filesets fit together",
            "lppchk prints nothing when they do.",
            aix("lppchk", "-v"),
            deadline_s=1800,
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "stale_libraries",
            Phase.VERIFY,
            "List the processes on replaced libraries",
            "They use the old libraries until their owners start them again.",
            aix("genld", "-u"),
            expect=Expect(statuses=(0, 1)),
            deadline_s=600,
            on_failure=OnFailure.CONTINUE,
        ),
        *owners_now(),
    )


def owners_now() -> tuple[Step, ...]:
    """Looks that tell, beside `genld -u`, whose the processes on replaced libraries are."""
    return (
        look(
            "subsystems_now",
            Phase.VERIFY,
            "Record the subsystems",
            "They tell whose the processes on replaced libraries are.",
            aix("lssrc", "-a"),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "processes_now",
            Phase.VERIFY,
            "Record the processes",
            "They tell whose the others are.",
            aix("ps", "-ef"),
            on_failure=OnFailure.CONTINUE,
        ),
    )
