"""PowerVC in the HMC's place: logon, `lvupdate.data` without disks, the disks afterwards.

Handbook 1.2, 2.7 (`pvc` stanza) and A-17 (`pvcauth`). PowerVC brings the disks of the surrogate and
takes them back, so a plan chooses and reserves none.
"""

import re

from inventory.command import aix
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.pvcauth import PVCAUTH
from liveupdate.lpar import lvupdate_data
from liveupdate.lpar.capacity import reduces_processors
from liveupdate.lpar.clone import CLONE
from liveupdate.lpar.console import listed_by, powervc_session
from liveupdate.lpar.disks import LEFTOVER, clone_disks
from liveupdate.lpar.lvupdate_data import LvupdateData
from liveupdate.lpar.subject import PowerVcConsole
from liveupdate.procedures import disks_and_media, update, verification, words
from liveupdate.procedures.compose import Part
from liveupdate.procedures.disks_and_media import keep_data_file
from liveupdate.procedures.draft import ANY_WAY, Draft, change, look, restore_once, restored
from liveupdate.procedures.step import Answer, Expect, OnFailure, Phase, Prompt, WriteFile
from portal.lib.canonical import digest
from portal.lib.errors import Conflict

ANOTHER_SYSTEM = (
    "PowerVC makes the surrogate's disks in its storage pool, and may place the surrogate on another managed "
    "system than the LPAR runs on now."
)
REJECTED = ("HTTP 401", "Authentication failure", "PMCSS00G")


def authentication(draft: Draft) -> None:
    """RQ-054: log on unless the kernel holds this session already; it expires, so it is proved again."""
    console = _console(draft)
    address, user = words.host_address(console.address), words.hmc_user(console.user)
    draft.parameters |= {"powervc": console.name, "powervc_address": address, "powervc_user": user}
    if draft.subject.value(PVCAUTH) is None:
        draft.refuse("pvcauth is not there: install bos.sysmgt.pvc first.")
        return
    if powervc_session(draft.subject) is None:
        logon = aix("pvcauth", "-u", user, "-a", address, "-o", words.project(console.project))
        draft.add(
            change(
                "powervc_logon",
                Phase.AUTHENTICATE,
                f"Log the LPAR on to {console.name} as {user}",
                "Live Update asks PowerVC for the surrogate. The password is typed at the prompt.",
                Answer(logon, (Prompt(r"(?i)password:\s*", console.credential),)),
                expect=Expect(lacks=REJECTED),
                cures=("RQ-054",),
            )
        )
        draft.undo(
            restore_once(
                "powervc_logoff",
                "powervc_logon",
                f"Log the LPAR off from {console.name}",
                "It was not logged on before; a restart of the LPAR ends a session too.",
                aix("pvcauth", "-r", "-a", address),
                expect=ANY_WAY,
            ),
            restored(
                "powervc_session_is_gone",
                "powervc_logon",
                f"Prove that the LPAR is not logged on to {console.name}",
                "Whoever is root on the LPAR could use the session.",
                aix("pvcauth", "-l"),
                expect=Expect(statuses=(0, 1), lacks=(_listed(console),)),
            ),
        )
    session(draft, "powervc_session", Phase.AUTHENTICATE)


def session(draft: Draft, step_id: str, phase: Phase) -> None:
    """The proof that the session is there."""
    console = _console(draft)
    draft.add(
        look(
            step_id,
            phase,
            f"Prove that the LPAR is logged on to {console.name}",
            "lvupdate.data names this PowerVC and this user (1430-246), and a session expires by itself.",
            aix("pvcauth", "-l"),
            expect=Expect(has=(_listed(console),)),
        )
    )


def _listed(console: PowerVcConsole) -> str:
    """A pattern for the session in the list of `pvcauth -l`."""
    listed = listed_by(console.name, console.address)
    return rf"^\s*Address\s*:\s*{listed}\s+User name\s*:\s*{re.escape(console.user)}\s"


def session_before_update(draft: Draft) -> None:
    """Right before the update: PowerVC's session expires, and the preview took its time."""
    session(draft, "powervc_session_still", Phase.UPDATE)


def data_file(draft: Draft) -> None:
    """`lvupdate.data` with the stanza `pvc` and no disks; the file that was there is kept."""
    subject, console = draft.subject, _console(draft)
    data = LvupdateData(
        nhdisk=(),
        mhdisk=(),
        management_console=console.address,
        user=console.user,
        project=console.project,
        cpu_reduction=reduces_processors(subject),
        ipsec_auto_migrate=lvupdate_data.carries_ip_security(subject),
    )
    content = data.text(lvupdate_data.template_of(subject))
    draft.parameters |= {
        "rootvg": [words.disk(disk.name) for disk in subject.value(LSPV) if disk.volume_group == "rootvg"],
        "lvupdate_data": {
            "path": lvupdate_data.PATH,
            "digest": digest(content.encode()),
            "bytes": len(content.encode()),
        },
    }
    keep_data_file(draft)
    draft.add(
        change(
            "lvupdate_data",
            Phase.PREPARE,
            "Write lvupdate.data",
            f"PowerVC {console.address} as {console.user}; it brings the disks itself.",
            WriteFile(lvupdate_data.PATH, content, "0600"),
            cures=("RQ-041",),
        )
    )


def disks(draft: Draft) -> None:
    """rootvg is where it was, the clone is untouched, PowerVC took its own disks back."""
    rootvg = draft.parameters["rootvg"]
    clones = [words.disk(name) for name in clone_disks(draft.subject)]
    untouched = [rf"^{name}\s+\S+\s+{CLONE}\b" for name in draft.parameters.get("rollback_clone", clones)]
    there = {disk.name for disk in draft.subject.value(LSPV) if disk.volume_group == LEFTOVER}
    draft.add(
        look(
            "disks_after",
            Phase.VERIFY,
            "Prove that the disks are as they were",
            f"rootvg on {', '.join(rootvg)}, the rollback clone untouched, nothing of PowerVC's left.",
            aix("lspv"),
            expect=Expect(
                has=(*(rf"^{name}\s+\S+\s+rootvg\s+active\b" for name in rootvg), *untouched),
                lacks=() if there else (rf"\s{LEFTOVER}\b",),
            ),
            on_failure=OnFailure.CONTINUE,
        )
    )
    verification.rootvg_whole(draft, rootvg, [])


IN_PLACE_OF: dict[Part, tuple[Part, ...]] = {
    update.authentication: (authentication,),
    disks_and_media.data_file: (data_file,),
    update.update: (session_before_update, update.update),
    verification.disks: (disks,),
}


def in_place_of_the_hmc(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of a procedure through the HMC, with those of PowerVC where the two differ."""
    return tuple(each for part in parts for each in IN_PLACE_OF.get(part, (part,)))


def _console(draft: Draft) -> PowerVcConsole:
    """The LPAR's PowerVC. Raises Conflict without one."""
    console = draft.subject.powervc
    if console is None:
        raise Conflict(
            f"The inventory names no PowerVC for {draft.subject.name}.",
            remedy="Import the PowerVC, and name it in the LPAR's row.",
            code="no_powervc",
        )
    return console
