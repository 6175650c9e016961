"""Writes `lvupdate.data`, the stanza file that tells Live Update its disks and its console.

Attribute lines begin with a tab: a key at column 0 is silently ignored by AIX 7200-03-01.
"""

from dataclasses import dataclass

from inventory.facts.aix.ipsec import IPSEC
from inventory.facts.aix.lvupdate_template import LVUPDATE_TEMPLATE, LvupdateTemplate
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.base import FactMissing
from liveupdate.knowledge.levels import Feature, allows
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from portal.lib.errors import Invalid

IPSEC_KEY = "ipsec_auto_migrate"
PATH = "/var/adm/ras/liveupdate/lvupdate.data"


def template_of(subject: Subject) -> LvupdateTemplate | None:
    """The keys that the LPAR's template knows, None where it could not be read."""
    try:
        return subject.value(LVUPDATE_TEMPLATE)
    except FactMissing:
        return None


def carries_ip_security(subject: Subject) -> bool:
    """Whether the file can have Live Update carry IP security over: by its level, and a key of its template.

    Raises FactMissing.
    """
    template = template_of(subject)
    if template is None or not template.present or not template.knows("general", IPSEC_KEY):
        return False
    return bool(subject.value(IPSEC)) and allows(Feature.IPSEC_AUTO_MIGRATE, subject.value(OSLEVEL))


NEEDED = frozenset({"nhdisk", "mhdisk", "management_console", "user", "project"})
"""Keys that no template can make superfluous."""


class BadLvupdateData(Invalid):
    """Choices that Live Update could not carry out."""

    code = "bad_lvupdate_data"


@dataclass(frozen=True, slots=True)
class LvupdateData:
    """The choices of one update, through an HMC or (with a `project`) through PowerVC.

    `nhdisk` holds the clone that the surrogate boots from, `mhdisk` the mirror of rootvg, `tohdisk`
    and `tshdisk` temporary storage of original and surrogate (usually none). `lpar_id` is the id
    wanted for the surrogate, None: the HMC chooses. `management_console` and `user` must be those of
    `hmcauth -l` (1430-237, 1430-246), with PowerVC of `pvcauth -l`. PowerVC brings the disks itself and
    knows no `lpar_id`; its stanza is `pvc`.
    """

    nhdisk: tuple[str, ...]
    mhdisk: tuple[str, ...]
    management_console: str
    user: str
    tohdisk: tuple[str, ...] = ()
    tshdisk: tuple[str, ...] = ()
    lpar_id: int | None = None
    kext_check: bool = True
    cpu_reduction: bool = False
    ipsec_auto_migrate: bool = False
    project: str = ""

    def text(self, template: LvupdateTemplate | None = None) -> str:
        """The file's content, the same bytes for the same choices.

        Keys that may be left out are, where the LPAR's template does not know them. Raises BadWord for a
        name that has no place in the file, BadLvupdateData for missing or twice-used disks.
        """
        self._check_disks()
        general = {"kext_check": _yes(self.kext_check), "cpu_reduction": _yes(self.cpu_reduction)}
        if self.ipsec_auto_migrate:
            general[IPSEC_KEY] = "yes"
        stanzas = {"general": general, **(self._powervc() if self.project else self._hmc())}
        written = {name: _known(name, entries, template) for name, entries in stanzas.items()}
        return "\n".join(_stanza(name, entries) for name, entries in written.items() if entries)

    def _hmc(self) -> dict[str, dict[str, str]]:
        return {
            "disks": {
                "nhdisk": _disks(self.nhdisk),
                "mhdisk": _disks(self.mhdisk),
                "tohdisk": _disks(self.tohdisk),
                "tshdisk": _disks(self.tshdisk),
            },
            "hmc": {
                "lpar_id": "" if self.lpar_id is None else str(self.lpar_id),
                "management_console": words.host_address(self.management_console),
                "user": words.hmc_user(self.user),
            },
        }

    def _powervc(self) -> dict[str, dict[str, str]]:
        console = {
            "management_console": words.host_address(self.management_console),
            "user": words.hmc_user(self.user),
            "project": words.project(self.project),
        }
        return {"pvc": console}

    def _check_disks(self) -> None:
        if self.project:
            return
        if not self.nhdisk or not self.mhdisk:
            raise BadLvupdateData(
                "Live Update through an HMC needs a disk for the clone and one for the mirror.",
                remedy="Map two free disks of rootvg's size to the LPAR.",
            )
        named = [*self.nhdisk, *self.mhdisk, *self.tohdisk, *self.tshdisk]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise BadLvupdateData(
                f"lvupdate.data would use {', '.join(twice)} twice.",
                remedy="Choose one disk for each purpose.",
            )


def _known(stanza: str, entries: dict[str, str], template: LvupdateTemplate | None) -> dict[str, str]:
    return {
        key: value
        for key, value in entries.items()
        if key in NEEDED or template is None or template.knows(stanza, key)
    }


def _stanza(name: str, entries: dict[str, str]) -> str:
    width = max(len(key) for key in entries)
    lines = [f"\t{key:<{width}} = {value}".rstrip() for key, value in entries.items()]
    return "\n".join([f"{name}:", *lines, ""])


def _disks(names: tuple[str, ...]) -> str:
    return ",".join(words.disk(name) for name in names)


def _yes(switch: bool) -> str:
    return "yes" if switch else "no"
