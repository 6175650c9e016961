"""What a rehearsal does: a Live Update with nothing to install, which moves the workload for real.

Handbook 5.5: interim fixes and applied filesets may stay, and the level is proven to be the same.
"""

from dataclasses import replace

from inventory.command import aix
from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.clone import CLONE
from liveupdate.lpar.disks import LEFTOVER, clone_disks
from liveupdate.procedures import (
    activation,
    disks_and_media,
    local_live_update,
    software,
    verification,
    words,
)
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.step import Expect, OnFailure, Phase

OF_INSTALLING = (
    disks_and_media.rollback_clone,
    disks_and_media.media,
    software.interim_fixes,
    software.applied_filesets,
)
REALLY_MOVES = (
    "The rehearsal moves the LPAR for real: every process stands still during the blackout, usually 10 to 30 "
    "seconds. Nothing is installed."
)
NO_CLONE = "There is no rollback clone. No level changes, so a clone is recommended, not needed."


def clone(draft: Draft) -> None:
    """A clone that is there has to stay; its lack is said, and stops nothing: no level changes."""
    there = {disk.name for disk in draft.subject.value(LSPV) if disk.volume_group == CLONE}
    clones = [words.disk(name) for name in clone_disks(draft.subject) if name in there]
    draft.parameters["rollback_clone"] = clones
    if not clones:
        draft.warnings.append(NO_CLONE)


PARTS = (
    verification.present_level,
    clone,
    *(part for part in local_live_update.PARTS if part not in OF_INSTALLING),
)


def preview(draft: Draft) -> None:
    """Handbook 5.5 H3: the gate."""
    draft.add(replace(activation.preview_step("preview"), phase=Phase.PREVIEW))


def move(draft: Draft) -> None:
    """Handbook 5.5 H5: moves the workload to a surrogate of the same level."""
    step = activation.live_update_step("update")
    draft.add(replace(step, title="Move the workload, with nothing to install"))


def spare_disks(draft: Draft) -> None:
    """Handbook 5.5 H7: the former rootvg is of the same level, so nobody wants to go back to it."""
    nhdisk = draft.parameters["nhdisk"]
    draft.add(
        once(
            "former_rootvg_removed",
            Phase.VERIFY,
            f"Remove {LEFTOVER}, the former rootvg, from {', '.join(nhdisk)}",
            "It is of the same level; the update that is rehearsed needs the disk.",
            aix("alt_rootvg_op", "-X", LEFTOVER),
            deadline_s=900,
            on_failure=OnFailure.CONTINUE,
            reversible=False,
        ),
        look(
            "spare_disks_after",
            Phase.VERIFY,
            "Prove that the spare disks are free again",
            "The next Live Update takes them.",
            aix("lspv"),
            expect=Expect(has=tuple(rf"^{name}\s+\S+\s+None\b" for name in nhdisk)),
            on_failure=OnFailure.CONTINUE,
        ),
    )


PROOFS = (
    preview,
    move,
    verification.level_unchanged,
    verification.partition,
    verification.disks,
    verification.software,
    spare_disks,
)
