"""Making the rollback clone: its disks, the copy of rootvg, and the proof of both (handbook 5.1, A-21)."""

from inventory.command import aix
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.lpar.clone import ASKED, CLONE, choose_for_clone
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.disks import NoDisks
from liveupdate.procedures import words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.disks_and_media import boots_from, pvids_of, rootvg_disks
from liveupdate.procedures.draft import Draft, change, look, once, restore, restored
from liveupdate.procedures.step import Expect, Fetch, OnFailure, Phase, Run

LOG = "/var/adm/ras/alt_disk_inst.log"
COPY_DEADLINE_S = 3 * 3600
CLONE_DISKS = Ask(
    ASKED,
    "Disks for the clone",
    "One disk for each disk of rootvg, e.g. hdisk11. Left empty, the plan takes those that the inventory "
    "designates, or else the smallest free ones that are large enough and no Live Update needs.",
    words.disk,
    required=False,
    many=True,
)


def level_of_clone(draft: Draft) -> None:
    """The level that the clone is going to hold."""
    level = draft.subject.value(OSLEVEL).text
    draft.parameters["level_before"] = level
    draft.add(
        look(
            "clone_level",
            Phase.CHECK,
            f"Prove that the level is {level}",
            "The clone is kept as one of this level.",
            aix("oslevel", "-s"),
            expect=Expect(has=(rf"^{level}\s*$",)),
            deadline_s=600,
        )
    )


def disks(draft: Draft) -> None:
    """Handbook 5.1 row 1: find disks that were mapped lately, and prove that the chosen ones may be taken."""
    try:
        choice = choose_for_clone(draft.subject)
    except NoDisks as none:
        draft.refuse(" ".join((none.message, *none.reasons)))
        return
    names = [words.disk(name) for name in choice.disks]
    pvids = pvids_of(draft.subject, names)
    draft.parameters |= {"clone": names, "replaced": list(choice.replaced), "pvids": pvids}
    groups = {name: CLONE if name in choice.replaced else "None" for name in names}
    draft.add(
        change(
            "devices_found",
            Phase.PREPARE,
            "Look for disks that were mapped lately",
            "A disk that AIX has not configured yet cannot take the clone.",
            Run(aix("cfgmgr", "-v")),
            deadline_s=900,
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "clone_disks_before",
            Phase.PREPARE,
            f"Prove that {', '.join(names)} may be overwritten",
            "They are the disks that they were, and no other volume group lies on them.",
            aix("lspv"),
            expect=Expect(
                has=tuple(rf"^{name}\s+{pvids[name]}\s+{group}\b" for name, group in groups.items())
            ),
        ),
    )


def present_clone(draft: Draft) -> None:
    """AIX knows one `altinst_rootvg`: the present clone goes before a new one is made."""
    replaced = [words.disk(name) for name in draft.parameters.get("replaced", ())]
    if not replaced or not draft.may(
        Consent.REPLACE_CLONE, f"{', '.join(replaced)} holds the present clone, {CLONE}."
    ):
        return
    draft.add(
        once(
            "clone_removed",
            Phase.PREPARE,
            f"Give up the present clone on {', '.join(replaced)}",
            f"A second {CLONE} cannot be made beside it.",
            aix("alt_rootvg_op", "-X", CLONE),
            deadline_s=900,
            reversible=False,
        )
    )
    draft.warnings.append(
        "The present clone is given up first: until the new one is proven there is no way back."
    )


def copy(draft: Draft) -> None:
    """Handbook 5.1 rows 2 and 3 (RQ-120): the copy, the clone proven, the boot list as it was."""
    names, rootvg = draft.parameters["clone"], rootvg_disks(draft)
    bootlist = aix("bootlist", "-m", "normal", "-o")
    draft.add(
        look(
            "boot_list_before",
            Phase.PREPARE,
            "Record the boot list",
            "The copy must leave it alone.",
            bootlist,
        ),
        once(
            "clone_made",
            Phase.UPDATE,
            f"Copy rootvg to {', '.join(names)}",
            "-B leaves the boot list as it is: the LPAR goes on starting from its own rootvg.",
            aix("alt_disk_copy", "-B", "-d", " ".join(names)),
            expect=Expect(lacks=(r"^\s*0505-\d{3}\b",)),
            deadline_s=COPY_DEADLINE_S,
        ),
        look(
            "clone_proven",
            Phase.VERIFY,
            f"Prove that {', '.join(names)} holds {CLONE}",
            "Only a clone that AIX shows can be started from.",
            aix("lspv"),
            expect=Expect(has=tuple(rf"^{name}\s+\S+\s+{CLONE}\b" for name in names)),
        ),
        change(
            "clone_log",
            Phase.VERIFY,
            "Keep the log of the copy",
            f"{LOG} says how the copy went, and is evidence.",
            Fetch(LOG, "alt_disk_inst.log"),
            expect=Expect(has=(rf"^cmd:.*alt_disk_copy\b.*{names[0]}\b",)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "boot_list_kept",
            Phase.VERIFY,
            "Prove that the boot list is as it was",
            "A restart by accident would start the clone.",
            bootlist,
            expect=Expect(equals_saved="boot_list_before"),
        ),
    )
    draft.undo(
        restore(
            "boot_list_back",
            "clone_made",
            "Let the boot list begin with the active rootvg, if the copy changed that",
            "A restart by accident would start the clone.",
            aix("sh", "-c", _active_first(rootvg)),
        ),
        restored(
            "boot_list_is_back",
            "clone_made",
            "Prove that the boot list begins with the active rootvg",
            "The next restart starts what runs now.",
            bootlist,
            expect=Expect(has=(boots_from(rootvg),)),
        ),
    )


def _active_first(rootvg: tuple[str, ...]) -> str:
    """Leaves a boot list alone that begins with one of these disks, whatever else it holds."""
    first = "|".join(f"{name}\\ *" for name in rootvg)
    return f"case $(bootlist -m normal -o) in {first}) ;; *) bootlist -m normal {' '.join(rootvg)} ;; esac"
