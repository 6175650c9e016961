"""Preparation: notification scripts that Live Update would call in vain (P5, RQ-021)."""

import re

from inventory.command import aix
from inventory.facts.aix.notification_scripts import NOTIFICATION_SCRIPTS, NotificationScript
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import Defect, hit_by
from liveupdate.procedures import words
from liveupdate.procedures.draft import ANY_WAY, Draft, look, once, restore_once, restored
from liveupdate.procedures.step import Expect, Phase

AUTOFS = "AUTOFS_UMOUNT"


def autofs_script(draft: Draft) -> None:
    """Handbook P5 (APARs IV89963, IJ04531, IJ04532): some levels register a script that is not there.

    Its status 127 ends the update with 1430-134. The registration is put back as it was: the level
    that the update brings may deliver the script.
    """
    subject = draft.subject
    if hit_by(Defect.AUTOFS_SCRIPT, subject.value(OSLEVEL)) is None:
        return
    listed = aix("lvupdateRegScript", "-l")
    found = [script for script in subject.value(NOTIFICATION_SCRIPTS) if script.label == AUTOFS]
    if not found:
        return
    draft.add(
        look(
            "autofs_script_before",
            Phase.PREPARE,
            "Record the notification scripts",
            "They are compared with this after the update.",
            listed,
            expect=Expect(has=(rf"\s{AUTOFS}\s*=",)),
        )
    )
    for script in found:
        _taken_out(draft, script)
    draft.add(
        look(
            "autofs_script_is_out",
            Phase.PREPARE,
            "Prove that the script of AutoFS is not registered",
            "Live Update would call it in vain (1430-134, status 127).",
            listed,
            expect=Expect(lacks=(rf"\s{AUTOFS}\s*=",)),
        )
    )


def _taken_out(draft: Draft, script: NotificationScript) -> None:
    side, phase = words.script_side(script.side), words.script_phase(script.phase)
    command, priority = words.script_command(script.command), str(script.priority)
    step = f"autofs_script_{side}_{phase.lower()}"
    named = ("-n", AUTOFS, "-d", side, "-P", phase)
    draft.add(
        once(
            f"{step}_out",
            Phase.PREPARE,
            "Take the script of AutoFS out of the registered ones",
            f"It is registered for {phase} and not delivered at this level (P5).",
            aix("lvupdateRegScript", "-r", *named),
            cures=("RQ-021",),
        )
    )
    draft.undo(
        restore_once(
            f"{step}_back",
            f"{step}_out",
            "Register the script of AutoFS again",
            "It was registered before.",
            aix("lvupdateRegScript", "-a", *named, "-s", command, "-p", priority),
            expect=ANY_WAY,
        ),
        restored(
            f"{step}_is_back",
            f"{step}_out",
            "Prove that the script of AutoFS is registered as it was",
            "Nothing of the update's settings may stay.",
            aix("lvupdateRegScript", "-l"),
            expect=Expect(
                has=(rf"^{side},{phase},{priority}:(?:\n\s.*)*\n\s+{AUTOFS}\s*=\s*{re.escape(command)}\s*$",)
            ),
        ),
    )
