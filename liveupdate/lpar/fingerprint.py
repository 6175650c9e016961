"""The fingerprint of an LPAR: what of its level, hardware, disks and software makes updates differ."""

from collections.abc import Callable, Collection

from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.aix.cluster_manager import CLUSTER_MANAGER
from inventory.facts.aix.emgr_list import EMGR_LIST
from inventory.facts.aix.kernel_extensions import KERNEL_EXTENSIONS, OF_AIX
from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.lsvg_disks import LSVG_DISKS
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.base import FactMissing, FactSet
from liveupdate.control.canaries import Fingerprint

READ = (ADAPTERS, CLUSTER_MANAGER, EMGR_LIST, KERNEL_EXTENSIONS, LSSRC, LSVG_DISKS, OSLEVEL)
"""The facts that fingerprints rest on."""
POWERHA = "clstrmgrES"


def fingerprint_of(facts: FactSet, machine: str, agents: Collection[str]) -> Fingerprint:
    """The traits of an LPAR on a managed system of type and model `machine`.

    `agents` are the names of the approved list; those that run as subsystems count.
    """
    asked: dict[str, Callable[[], Collection[str]]] = {
        "level": lambda: [f"level {facts.value(OSLEVEL)}"],
        "adapters": lambda: [f"adapter {one.description}" for one in facts.value(ADAPTERS)],
        "rootvg": lambda: [f"rootvg on {len(facts.value(LSVG_DISKS, 'rootvg'))} disk(s)"],
        "interim fixes": lambda: [f"interim fix {one.label}" for one in facts.value(EMGR_LIST)],
        "kernel extensions": lambda: _foreign_extensions(facts),
        "agents": lambda: _agents(facts, agents),
    }
    traits, unknown = {f"machine {machine or 'of unknown model'}"}, []
    for what, ask in asked.items():
        try:
            traits.update(ask())
        except FactMissing:
            unknown.append(what)
    if runs_powerha(facts):
        traits.add("PowerHA")
    return Fingerprint(frozenset(traits), tuple(unknown))


def runs_powerha(facts: FactSet) -> bool:
    """Whether the LPAR is a node of a PowerHA cluster, as far as its cluster manager was asked."""
    try:
        return facts.value(CLUSTER_MANAGER, POWERHA).state not in ("", "NOT_CONFIGURED")
    except FactMissing:
        return False


def _foreign_extensions(facts: FactSet) -> list[str]:
    paths = facts.value(KERNEL_EXTENSIONS)
    return [f"kernel extension {path}" for path in paths if not OF_AIX.fullmatch(path)]


def _agents(facts: FactSet, agents: Collection[str]) -> list[str]:
    active = {one.name for one in facts.value(LSSRC) if one.status != "inoperative"}
    return [f"agent {name}" for name in sorted(active.intersection(agents))]
