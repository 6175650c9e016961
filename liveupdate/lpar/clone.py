"""The rollback clone: a copy of rootvg that brings the former level back by one restart (RQ-120)."""

from dataclasses import dataclass

from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.lpar.disks import ROOTVG, NoDisks, choose, choose_clone, clone_disks, why_taken
from liveupdate.lpar.subject import Subject

CLONE = "altinst_rootvg"
FORMER = "old_rootvg"
ASKED = "clone_disks"
"""The name under which a request says which disks the clone is to take."""


@dataclass(frozen=True, slots=True)
class CloneChoice:
    """The disks that a new clone takes, one for each of rootvg; `replaced` are those of the present one."""

    disks: tuple[str, ...]
    replaced: tuple[str, ...]


def choose_for_clone(subject: Subject) -> CloneChoice:
    """The disks that were asked for, else the designated ones, else the smallest sufficient free ones.

    AIX knows one `altinst_rootvg` at a time, so a new clone replaces the present one wherever it lies.
    Raises NoDisks and FactMissing.
    """
    listed = {disk.name: disk for disk in subject.value(LSPV)}
    replaced = tuple(name for name, disk in listed.items() if disk.volume_group == CLONE)
    rootvg = [name for name, disk in listed.items() if disk.volume_group == ROOTVG]
    wanted = subject.chosen_lines(ASKED) or clone_disks(subject)
    if not wanted:
        return CloneChoice(replaced or _free(subject), replaced)
    reasons = [f"{name} is no disk of this LPAR." for name in wanted if name not in listed]
    known = [listed[name] for name in wanted if name in listed and name not in replaced]
    reasons += [reason for disk in known if (reason := why_taken(disk, subject))]
    if len(wanted) != len(rootvg):
        reasons.append(f"rootvg has {len(rootvg)} disk(s), and {len(wanted)} are named for the clone.")
    if reasons:
        raise NoDisks(f"No clone can be made on {', '.join(wanted)}.", reasons)
    return CloneChoice(tuple(wanted), replaced)


def _free(subject: Subject) -> tuple[str, ...]:
    """Free disks besides those that the next update takes, if there are any to choose from."""
    try:
        taken = choose(subject, reclaim=True)
        besides = (*taken.nhdisk, *taken.mhdisk)
    except NoDisks:
        besides = ()
    disks = choose_clone(subject, besides)
    if not disks:
        raise NoDisks("No disk is free and large enough for a clone of rootvg.", ())
    return disks


def doubt_of_clone(subject: Subject) -> str:
    """Why the clone is no way back to the present level, as a sentence; empty when nothing speaks against it.

    The age counts up to the moment when the LPAR was looked at. Where nothing is installed no level
    changes. Raises FactMissing.
    """
    if subject.installs_nothing:
        return ""
    record, named = subject.clone, ", ".join(clone_disks(subject))
    if record.made_at is None:
        return f"No run of this portal made the clone on {named}: its level and age are not known." * (
            record.own_only
        )
    level = subject.value(OSLEVEL).text
    if record.level != level:
        return f"The clone on {named} is of {record.level}, and {level} is installed."
    reading = subject.reading(LSPV)
    assert reading is not None
    days = (reading.read_at - record.made_at).days
    if days > record.most_days:
        return f"The clone on {named} is {days} days old; after {record.most_days} it is no way back."
    return ""
