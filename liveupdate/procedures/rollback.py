"""Goes back to the rollback clone: one restart, the former level, and what was written since is lost.

Handbook 5.13. The boot list is set last before the restart; if the run ends before it, and also
afterwards, it is made to begin with the rootvg that is active.
"""

import re

from inventory.command import aix
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.proc_version import PROC_VERSION
from liveupdate.lpar.clone import CLONE, FORMER
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, verification, words
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.disks_and_media import boots_from
from liveupdate.procedures.draft import Draft, change, look, once, restore
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, OnFailure, Phase, Plan, Run, StepHost
from liveupdate.states import LparState

NAME = "rollback"
VERSION = 1
RESTART_DEADLINE_S = 45 * 60
ACTIVE_FIRST = "bootlist -m normal $(lspv | awk '$3 == \"rootvg\" { print $1 }')"
"""Whichever disk holds the active rootvg: that of the clone once the LPAR has started from it."""


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(
            NAME,
            VERSION,
            parts=(disks_and_media.clone_there, before),
            proofs=(restart, former_level, former_disks, verification.partition, verification.nim_client),
            warnings=_warnings,
            roles=verification.roles(subject),
            watched=False,
            needs_credential=False,
        ),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def before(draft: Draft) -> None:
    """What the LPAR is left as, to tell it from what comes back."""
    subject = draft.subject
    level, kernel = subject.value(OSLEVEL).text, subject.value(PROC_VERSION).tag
    rootvg = [words.disk(disk.name) for disk in subject.value(LSPV) if disk.volume_group == ROOTVG]
    draft.parameters |= {"level_before": level, "level_of_clone": subject.clone.level, "rootvg": rootvg}
    if subject.clone.level == level:
        draft.warnings.append(f"The clone is of {level} too: the level will be the same.")
    draft.add(
        look(
            "level_before",
            Phase.CHECK,
            f"Prove that the level is {level}",
            "This plan was made for it.",
            aix("oslevel", "-s"),
            expect=Expect(has=(rf"^{level}\s*$",)),
            deadline_s=600,
        ),
        look(
            "kernel_before",
            Phase.CHECK,
            f"Record the kernel that runs, {kernel}",
            "After the restart that of the clone has to run.",
            aix("cat", "/proc/version"),
        ),
    )


def restart(draft: Draft) -> None:
    """Handbook 5.13 rows 3 and 4."""
    clone = draft.parameters["rollback_clone"]
    named = ", ".join(clone)
    draft.add(
        change(
            "boot_list_clone",
            Phase.PREPARE,
            f"Let the boot list begin with the clone on {named}",
            "The next restart starts the former level.",
            Run(aix("bootlist", "-m", "normal", *clone)),
        ),
        look(
            "boot_list_is_clone",
            Phase.PREPARE,
            f"Prove that the boot list begins with {named} and its boot image",
            "No restart without it.",
            aix("bootlist", "-m", "normal", "-o"),
            expect=Expect(has=(rf"\A\s*(?:{'|'.join(clone)})\s+blv=hd5\b",)),
        ),
        once(
            "restart",
            Phase.UPDATE,
            "Restart the LPAR from the clone",
            "Everything that runs on it stops. If it does not come back, its console on the HMC shows why.",
            aix("shutdown", "-Fr"),
            deadline_s=RESTART_DEADLINE_S,
            reversible=False,
            restarts=True,
        ),
    )
    draft.undo(
        restore(
            "boot_list_fits",
            "boot_list_clone",
            "Let the boot list begin with the rootvg that is active",
            "The clone after a restart from it, the former rootvg if there was none.",
            aix("sh", "-c", ACTIVE_FIRST),
        )
    )


def former_level(draft: Draft) -> None:
    """Handbook 5.13 row 5: the level and the kernel of the clone."""
    of_clone = draft.parameters["level_of_clone"]
    kernel = draft.subject.value(PROC_VERSION).tag
    differs = of_clone not in ("", draft.parameters["level_before"])
    draft.add(
        look(
            "level_after",
            Phase.VERIFY,
            f"Prove that the level is {of_clone} again" if of_clone else "Record the level",
            "It is that of the clone.",
            aix("oslevel", "-s"),
            expect=Expect(has=(rf"^{of_clone}\s*$" if of_clone else r"^\d{4}-\d{2}-\d{2}-\d{4}\s*$",)),
            deadline_s=600,
        ),
        look(
            "kernel_after",
            Phase.VERIFY,
            "Prove that the kernel of the clone runs" if differs else "Record the kernel that runs",
            f"Before the restart {kernel} ran.",
            aix("cat", "/proc/version"),
            expect=Expect(
                has=("_kdb_buildinfo",), lacks=(rf"^{re.escape(kernel)}(?:\s|$)",) if differs else ()
            ),
        ),
    )


def former_disks(draft: Draft) -> None:
    """Handbook 5.13 row 5: rootvg lies on the clone's disks, the former one is called old_rootvg."""
    clone, rootvg = draft.parameters["rollback_clone"], draft.parameters["rootvg"]
    draft.add(
        look(
            "disks_after",
            Phase.VERIFY,
            f"Prove that rootvg lies on {', '.join(clone)} now",
            f"{', '.join(rootvg)} keeps what was active before, as {FORMER}.",
            aix("lspv"),
            expect=Expect(
                has=(
                    *(rf"^{name}\s+\S+\s+{ROOTVG}\s+active\b" for name in clone),
                    *(rf"^{name}\s+\S+\s+{FORMER}\b" for name in rootvg),
                ),
                lacks=(rf"\s{CLONE}\b",),
            ),
        ),
        look(
            "boot_list_after",
            Phase.VERIFY,
            f"Prove that the boot list begins with {', '.join(clone)}",
            "The next restart must start the same rootvg.",
            aix("bootlist", "-m", "normal", "-o"),
            expect=Expect(has=(boots_from(tuple(clone)),)),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def _warnings(draft: Draft) -> tuple[str, ...]:
    made_at = draft.subject.clone.made_at
    since = "since the clone was made" + (f", {made_at:%d %b %Y %H:%M} UTC" if made_at else "")
    return (
        "The LPAR restarts: its workload stands still until it is back, usually 5 to 20 minutes, and has "
        "to be started again if inittab does not do it.",
        f"Whatever was written to rootvg {since} is lost to the running system: users, passwords, crontabs, "
        "configuration, logs. Other volume groups keep their data. The former rootvg stays on its disk as "
        f"{FORMER}.",
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    back = chosen["level_of_clone"] or "the level of the clone"
    return (
        f"Restart {plan.lpar['name']} from its clone on {', '.join(chosen['rollback_clone'])}: "
        f"from {chosen['level_before']} back to {back}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Roll back to the clone, with a restart",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.SAFEGUARD,
    moves_workload=False,
    checks=frozenset({"RQ-150", "RQ-177"}),
    states=frozenset({LparState.IDLE, LparState.UPDATED_NOT_ACTIVE, LparState.FAILED_CLEAN, LparState.DONE}),
)
