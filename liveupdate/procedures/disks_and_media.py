"""Preparation: the way back, the spare disks, `lvupdate.data`, and the media of the update."""

import re
from collections.abc import Iterable

from inventory.command import aix
from inventory.facts.aix.bootlist import BOOTLIST
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.mount import MOUNT
from liveupdate.lpar import lvupdate_data
from liveupdate.lpar.capacity import reduces_processors
from liveupdate.lpar.clone import CLONE, doubt_of_clone
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.disks import LEFTOVER, NoDisks, choose, clone_disks, removable
from liveupdate.lpar.lvupdate_data import LvupdateData
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.procedures.draft import ANY_WAY, Draft, change, look, once, restore_once, restored
from liveupdate.procedures.kept_file import KeptFile, keep
from liveupdate.procedures.step import Expect, Phase, Run, StepHost, WriteFile
from portal.lib.canonical import digest

MOUNT_POINT = "/mnt"
MAKE_CLONE = "Make one first: ask for a rollback clone."


def rollback_clone(draft: Draft) -> None:
    """Handbook 5.1 row 2 (RQ-120): no change of the level without a clone of the present one.

    What Live Update commits cannot be rejected.
    """
    clone_there(draft)
    if "rollback_clone" not in draft.parameters:
        return
    if doubt := doubt_of_clone(draft.subject):
        draft.refuse(f"{doubt} {MAKE_CLONE}")
    elif draft.subject.clone.made_at is None:
        draft.warnings.append(
            "The rollback clone was not made by a run of this portal: nobody proved its level and its age."
        )


def clone_if_any(draft: Draft) -> None:
    """For what can be taken back without one: the clone stays as it is, and its lack is said."""
    there = {disk.name for disk in draft.subject.value(LSPV) if disk.volume_group == CLONE}
    clones = [words.disk(name) for name in clone_disks(draft.subject)]
    draft.parameters["rollback_clone"] = [name for name in clones if name in there]
    if not draft.parameters["rollback_clone"]:
        draft.warnings.append("There is no rollback clone; interim fixes can be removed, one by one.")


def clone_there(draft: Draft) -> None:
    """Prove that a clone lies on the disks that are designated for it, whatever its level."""
    clones = [words.disk(name) for name in clone_disks(draft.subject)]
    cloned = {disk.name for disk in draft.subject.value(LSPV) if disk.volume_group == CLONE}
    missing = [name for name in clones if name not in cloned]
    if not clones:
        draft.refuse(f"No disk is designated for the rollback clone. {MAKE_CLONE}")
        return
    if missing:
        draft.refuse(
            f"{', '.join(missing)} is designated for the rollback clone and lspv shows no {CLONE} on it. "
            f"{MAKE_CLONE}"
        )
        return
    draft.parameters["rollback_clone"] = clones
    draft.add(
        look(
            "rollback_clone_exists",
            Phase.CHECK,
            f"Prove that the rollback clone on {', '.join(clones)} exists",
            "Live Update commits what it installs; only the clone brings the old level back.",
            aix("lspv"),
            expect=Expect(
                has=tuple(
                    rf"^{name}\s+{pvid}\s+{CLONE}\b" for name, pvid in pvids_of(draft.subject, clones).items()
                )
            ),
        )
    )


def boot_list(draft: Draft) -> None:
    """Handbook 5.1 row 3 (RQ-121)."""
    rootvg = rootvg_disks(draft)
    if draft.subject.value(BOOTLIST)[0] not in rootvg:
        draft.add(
            change(
                "boot_list_set",
                Phase.PREPARE,
                f"Let the boot list begin with {', '.join(rootvg)}",
                "It pointed at another disk than that of the active rootvg.",
                Run(aix("bootlist", "-m", "normal", *rootvg)),
                cures=("RQ-121",),
            )
        )
    draft.add(
        look(
            "boot_list_right",
            Phase.PREPARE,
            "Prove that the boot list begins with the active rootvg",
            "A restart by accident would start another level.",
            aix("bootlist", "-m", "normal", "-o"),
            expect=Expect(has=(boots_from(rootvg),)),
        )
    )


def boots_from(rootvg: tuple[str, ...]) -> str:
    """A pattern for a boot list whose first device is one of these disks."""
    return rf"\A\s*(?:{'|'.join(rootvg)})\b"


def rootvg_disks(draft: Draft) -> tuple[str, ...]:
    """The disks of the active rootvg. Raises FactMissing."""
    return tuple(words.disk(disk.name) for disk in draft.subject.value(LSPV) if disk.volume_group == "rootvg")


def leftovers(draft: Draft) -> None:
    """Handbook 5.1 row 15 (RQ-103): the volume group that an earlier Live Update left."""
    left = [disk for disk in draft.subject.value(LSPV) if disk.volume_group == LEFTOVER]
    if not left:
        return
    named = ", ".join(words.disk(disk.name) for disk in left)
    if not all(removable(disk) for disk in left):
        draft.refuse(f"{LEFTOVER} on {named} is varied on; it may still be in use.")
        return
    if not draft.may(Consent.REMOVE_LEFTOVERS, f"{named} holds {LEFTOVER} of an earlier Live Update."):
        return
    draft.add(
        once(
            "leftovers_removed",
            Phase.PREPARE,
            f"Remove {LEFTOVER} of an earlier Live Update from {named}",
            "The next one needs the disk and this name.",
            aix("alt_rootvg_op", "-X", LEFTOVER),
            deadline_s=900,
            cures=("RQ-103",),
            reversible=False,
        )
    )


def data_file(draft: Draft) -> None:
    """Handbook 5.1 row 16: choose the disks, write `lvupdate.data`, keep the file that was there."""
    content = spare_disks(draft, lvupdate_data.PATH)
    if content is None:
        return
    keep_data_file(draft)
    draft.add(
        change(
            "lvupdate_data",
            Phase.PREPARE,
            "Write lvupdate.data",
            told_of_data(draft),
            WriteFile(lvupdate_data.PATH, content, "0600"),
            cures=("RQ-041",),
        )
    )


def told_of_data(draft: Draft) -> str:
    """What the plan's data file says, in a line."""
    nhdisk, mhdisk = draft.parameters["nhdisk"], draft.parameters["mhdisk"]
    subject = draft.subject
    return (
        f"nhdisk {', '.join(nhdisk)}, mhdisk {', '.join(mhdisk)}, "
        f"HMC {subject.hmc_address} as {subject.hmc_user}."
    )


def spare_disks(draft: Draft, path: str) -> str | None:
    """Choose the disks and prove them free; the text of the data file at `path`, None when none are."""
    subject = draft.subject
    try:
        choice = choose(subject, reclaim=Consent.REMOVE_LEFTOVERS in draft.consents)
    except NoDisks as none:
        draft.refuse(" ".join((none.message, *none.reasons)))
        return None
    data = LvupdateData(
        nhdisk=choice.nhdisk,
        mhdisk=choice.mhdisk,
        management_console=subject.hmc_address,
        user=subject.hmc_user,
        cpu_reduction=reduces_processors(subject),
        ipsec_auto_migrate=lvupdate_data.carries_ip_security(subject),
    )
    content = data.text(lvupdate_data.template_of(subject))
    draft.parameters |= {
        "nhdisk": list(choice.nhdisk),
        "mhdisk": list(choice.mhdisk),
        "rootvg": list(choice.rootvg),
        "pvids": pvids_of(subject, (*choice.rootvg, *choice.nhdisk, *choice.mhdisk, *clone_disks(subject))),
        "lvupdate_data": {
            "path": path,
            "digest": digest(content.encode()),
            "bytes": len(content.encode()),
        },
    }
    if choice.larger:
        draft.warnings.append(
            f"{', '.join(choice.larger)} is larger than the disk of rootvg ({choice.needed_mb} MB)."
        )
    spare, pvids = (*choice.nhdisk, *choice.mhdisk), draft.parameters["pvids"]
    draft.add(
        look(
            "spare_disks_free",
            Phase.PREPARE,
            f"Prove that {', '.join(spare)} are the disks that they were and belong to no volume group",
            "Live Update overwrites them.",
            aix("lspv"),
            expect=Expect(has=tuple(rf"^{name}\s+{pvids[name]}\s+None\b" for name in spare)),
        )
    )
    return content


def pvids_of(subject: Subject, names: Iterable[str]) -> dict[str, str]:
    """The PVIDs of the plan's disks as lspv prints them: names can pass to other disks, PVIDs do not."""
    known = {disk.name: disk.pvid for disk in subject.value(LSPV)}
    return {name: known.get(name) or "none" for name in names}


def keep_data_file(draft: Draft, *, written_by: str = "lvupdate_data") -> None:
    """The restoration puts the file that was there back, or takes the new one away."""
    file = KeptFile("lvupdate_data", "lvupdate.data", lvupdate_data.PATH, StepHost.LPAR, written_by)
    keep(draft, file, present=draft.subject.value(LVUPDATE_DATA).present)


def media(draft: Draft) -> None:
    """Handbook 5.3 L3: the update's directory, with a table of contents."""
    media_directory(draft)
    directory = draft.parameters["directory"]
    root = directory.rstrip("/")
    toc = rf"^{re.escape(root)}/(?:installp/ppc/)?\.toc\s*$"
    draft.add(
        look(
            "media_readable",
            Phase.MEDIA,
            f"Prove that {directory} holds installable images",
            "A directory without table of contents cannot be installed from.",
            aix("ls", f"{root}/.toc", f"{root}/installp/ppc/.toc"),
            expect=Expect(statuses=(0, 1, 2), has=(toc,)),
            cures=("RQ-018",),
        )
    )


def media_directory(draft: Draft) -> None:
    """Mount the directory that the request names, or take one of the LPAR's own."""
    source = words.media(draft.subject.media)
    draft.parameters |= {
        "media": str(source),
        "directory": MOUNT_POINT if source.mounted else source.directory,
    }
    if source.mounted:
        _mounted(draft, source)


def _mounted(draft: Draft, source: words.Media) -> None:
    there = [each for each in draft.subject.value(MOUNT) if each.mount_point == MOUNT_POINT]
    if any((each.node, each.device) != (source.server, source.directory) for each in there):
        draft.refuse(f"{MOUNT_POINT} is taken by {there[0].device}; unmount it first.")
    if there:
        return
    draft.add(
        once(
            "media_mounted",
            Phase.MEDIA,
            f"Mount the media at {MOUNT_POINT}",
            f"The update is installed from {source}.",
            aix("mount", str(source), MOUNT_POINT),
        )
    )
    draft.undo(
        restore_once(
            "media_unmounted",
            "media_mounted",
            f"Unmount {MOUNT_POINT}",
            "It was not mounted before.",
            aix("umount", MOUNT_POINT),
            expect=ANY_WAY,
        ),
        restored(
            "media_is_unmounted",
            "media_mounted",
            f"Prove that nothing is mounted at {MOUNT_POINT}",
            "It was free before.",
            aix("mount"),
            expect=Expect(lacks=(rf"\s{MOUNT_POINT}\s",)),
        ),
    )
