"""The `lvupdate.data` that an LPAR has, looked over, and beside the one that a plan writes."""

import difflib
from contextlib import suppress
from dataclasses import dataclass

from inventory.facts.aix.hmcauth import HMCAUTH
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.lvupdate_template import LVUPDATE_TEMPLATE
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import FactMissing
from liveupdate.lpar.console import is_console
from liveupdate.lpar.disks import ROOTVG, choose, why_not_free
from liveupdate.lpar.lvupdate_data import LvupdateData, template_of
from liveupdate.lpar.lvupdate_lint import KnownLpar, Remark, lint
from liveupdate.lpar.subject import Subject


@dataclass(frozen=True, slots=True)
class Review:
    """`text` is the file as it stands, None where there is none; `difference` leads to the plan's file."""

    text: str | None
    remarks: list[Remark]
    difference: list[str]


def review(subject: Subject, planned: str) -> Review | None:
    """The LPAR's file against the planned one; None where nobody knows whether there is one."""
    try:
        data = subject.value(LVUPDATE_DATA)
    except FactMissing:
        return None
    if not data.present:
        return Review(None, [], [])
    return Review(data.text, lint(data.text, known_lpar(subject)), difference(data.text, planned))


def generated(subject: Subject) -> str:
    """The file that a plan for this LPAR would write as its facts are now.

    Raises NoDisks, BadLvupdateData, BadWord, FactMissing.
    """
    choice = choose(subject, reclaim=True)
    data = LvupdateData(choice.nhdisk, choice.mhdisk, subject.hmc_address, subject.hmc_user)
    return data.text(template_of(subject))


def difference(old: str, new: str, old_name: str = "now", new_name: str = "planned") -> list[str]:
    """The lines of a unified diff, without its line ends; a CR is shown as `^M`."""
    lines = difflib.unified_diff(_shown(old), _shown(new), old_name, new_name, lineterm="")
    return list(lines)


def _shown(text: str) -> list[str]:
    lines = text.split("\n")
    ended = [line.replace("\r", "^M") for line in lines[:-1]]
    return [*ended, lines[-1] + "  (no line end)"] if lines[-1] else ended


def known_lpar(subject: Subject) -> KnownLpar:
    """What the LPAR's facts tell the linter; what was not read stays unknown."""
    keys = why = sessions = lpar_id = rootvg = None
    with suppress(FactMissing):
        template = subject.value(LVUPDATE_TEMPLATE)
        keys = template.stanzas if template.present else None
    with suppress(FactMissing):
        disks = subject.value(LSPV)
        why = {disk.name: why_not_free(disk, subject) for disk in disks}
        rootvg = sum(disk.volume_group == ROOTVG for disk in disks)
    with suppress(FactMissing):
        sessions = tuple((session.address, session.user) for session in subject.value(HMCAUTH))
    with suppress(FactMissing):
        lpar_id = subject.value(UNAME_L).id
    return KnownLpar(
        keys=keys,
        why_not_free=why,
        sessions=sessions,
        same_console=lambda one, other: (
            one == other or (is_console(subject, one) and is_console(subject, other))
        ),
        lpar_id=lpar_id,
        rootvg=rootvg,
    )
