"""Looks at an LPAR from every side after a change of its level: the twelve rows of handbook 5.8.

It changes nothing, but for one session with the HMC that it ends if the requester wants it. Each row
is reported, whatever the others say.
"""

import re
from dataclasses import replace

from inventory.command import aix
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.lpar.console import listed_as
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import services, verification, words
from liveupdate.procedures.ask import TARGET_LEVEL, Ask
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.disks_and_media import boots_from
from liveupdate.procedures.draft import Draft, change, look
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, OnFailure, Phase, Plan, Run, StepHost
from liveupdate.states import LparState

NAME = "post_check"
VERSION = 1
KEEP, END = "keep", "end"
HMC_SESSION = Ask(
    "hmc_session",
    "The LPAR's session with the HMC",
    "Sites that allow no standing session end it once the update is over (hmcauth -r).",
    str,
    required=False,
    choices=((KEEP, "Leave it as it is"), (END, "End it")),
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(
            NAME,
            VERSION,
            parts=(
                level,
                partition,
                disks,
                verification.partition,
                verification.nim_client,
                verification.software,
                services.compared_with_before,
                hmc_session,
            ),
            roles=verification.roles(subject),
            watched=False,
            needs_credential=False,
        ),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def level(draft: Draft) -> None:
    """Rows 1, 2 and 4."""
    wanted = draft.subject.target_level or draft.subject.value(OSLEVEL).text
    draft.parameters["target_level"] = words.level(wanted)
    draft.add(
        look(
            "level_after",
            Phase.VERIFY,
            f"Prove that the level is {wanted}",
            "oslevel names the highest level for which every fileset is there.",
            aix("oslevel", "-s"),
            expect=Expect(has=(rf"^{wanted}\s*$",)),
            deadline_s=600,
            on_failure=OnFailure.CONTINUE,
        ),
        *verification.complete(wanted),
        look(
            "kernel_after",
            Phase.VERIFY,
            "Record the kernel that runs",
            "An older build than the level's would mean: updated, not activated.",
            aix("cat", "/proc/version"),
            expect=Expect(has=("_kdb_buildinfo",)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "error_log_after",
            Phase.VERIFY,
            "Prove that no Live Update was begun and not completed",
            "The newest entry of LVUPDATE must be a completion, if there is one.",
            aix("errpt", "-N", "LVUPDATE"),
            expect=Expect(lacks=(r"\A\s*IDENTIFIER[^\n]*\n\s*9A74C7AB\b",)),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def partition(draft: Draft) -> None:
    """Row 3: what the partition calls itself, beside `uname -L`."""
    name = words.system_name(draft.subject.partition)
    draft.add(
        look(
            "partition_details",
            Phase.VERIFY,
            "Record the partition's configuration",
            "Processors and memory must be those of its profile.",
            aix("lparstat", "-i"),
            expect=Expect(has=(rf"^Partition Name\s*:\s*{re.escape(name)}\s*$",)),
            on_failure=OnFailure.CONTINUE,
        )
    )


def disks(draft: Draft) -> None:
    """Rows 6 and 7."""
    rootvg = tuple(words.disk(one.name) for one in draft.subject.value(LSPV) if one.volume_group == ROOTVG)
    draft.parameters["rootvg"] = list(rootvg)
    draft.add(
        look(
            "disks_after",
            Phase.VERIFY,
            f"Prove that rootvg is active on {', '.join(rootvg)}",
            "A former rootvg or a clone may lie on other disks.",
            aix("lspv"),
            expect=Expect(has=tuple(rf"^{name}\s+\S+\s+rootvg\s+active\b" for name in rootvg)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "rootvg_whole",
            Phase.VERIFY,
            "Prove that rootvg is in step",
            "Stale partitions would mean a mirror that was left.",
            aix("lsvg", "rootvg"),
            expect=Expect(has=(r"STALE PPs:\s+0\b",)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "volumes_now",
            Phase.VERIFY,
            "Record the logical volumes of rootvg",
            "Their copies must be as before.",
            aix("lsvg", "-l", "rootvg"),
            expect=Expect(lacks=(r"/stale\b",)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "boot_list_after",
            Phase.VERIFY,
            "Prove that the boot list begins with the active rootvg",
            "The next restart must start this level.",
            aix("bootlist", "-m", "normal", "-o"),
            expect=Expect(has=(boots_from(rootvg),)),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def hmc_session(draft: Draft) -> None:
    """Row 12."""
    subject = draft.subject
    listed = aix("hmcauth", "-l")
    draft.add(
        look(
            "hmc_sessions",
            Phase.VERIFY,
            "Record the LPAR's sessions with HMCs",
            "Whoever is root here can act on the HMC with them.",
            listed,
            on_failure=OnFailure.CONTINUE,
        )
    )
    if subject.choice(HMC_SESSION.name) != END:
        return
    address, user = words.host_address(subject.hmc_address), words.hmc_user(subject.hmc_user)
    draft.add(
        change(
            "hmc_session_ended",
            Phase.VERIFY,
            f"End the session with {subject.hmc}",
            "The requester wants none to stay.",
            Run(aix("hmcauth", "-r", "-a", address, "-u", user)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "hmc_session_gone",
            Phase.VERIFY,
            f"Prove that no session with {subject.hmc} is left",
            "It could be used by anybody who is root here.",
            listed,
            expect=Expect(lacks=(rf"^\s*Address\s*:\s*{listed_as(subject)}\s*$",)),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Check {plan.lpar['name']} at {plan.parameters['target_level']} from every side"


PROCEDURE = Procedure(
    name=NAME,
    title="Check the LPAR after an update",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.FINISH,
    asks=(replace(TARGET_LEVEL, required=False), HMC_SESSION),
    moves_workload=False,
    states=frozenset(LparState) - {LparState.UPDATING},
)
