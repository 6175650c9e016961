"""For what the facts with parameters are asked on an LPAR: what its other facts have named."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from inventory.disk_parameters import capi_devices, compared_disks, measured_disks, spare_disks
from inventory.facts.aix.audit_wpars import STANZA
from inventory.facts.aix.hmcauth import HMCAUTH
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.notification_scripts import NOTIFICATION_SCRIPTS
from inventory.facts.aix.proc_users import PROC_USERS
from inventory.facts.aix.processes import PROCESSES
from inventory.facts.aix.wpars import WPARS
from inventory.facts.base import FactMissing, FactSet
from inventory.programs import READERS_OF_PROC, program_of

MOST_SCRIPTS = 30
MOST_READERS = 10
CLUSTER_MANAGER = "clstrmgrES"
POWERHA = ("cluster.es.server.rte",)
GLVM = ("glvm.rpv", "cluster.xd.glvm")

_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}")
_OF_AIX = re.compile(r"/(?:usr|etc|sbin)/.*|/opt/(?:rsct|triton)/.*")
_INTERPRETERS = frozenset({"sh", "bsh", "ksh", "ksh93", "bash", "perl", "env"})


def lpar_parameters(facts: FactSet, console: str) -> Mapping[str, Sequence[str]]:
    """The values by parameter; none for software that is not there, so that nothing is asked in vain.

    `console` is the HMC's address as the portal knows it.
    """
    return {
        "volume_group": ["rootvg"],
        "disk": measured_disks(facts),
        "compared_disk": compared_disks(facts),
        "spare": spare_disks(facts),
        "capi_device": capi_devices(facts),
        "console": _consoles(facts, console),
        "audit_stanza": _known(lambda: [STANZA] if facts.value(WPARS) else []),
        "cluster_manager": _known(lambda: [CLUSTER_MANAGER] if _installed(facts, POWERHA) else []),
        "mirrored_group": _known(lambda: _varied_on(facts) if _installed(facts, GLVM) else []),
        "proc_reader": _known(lambda: _proc_readers(facts)),
        "script": _known(
            lambda: site_scripts(script.command for script in facts.value(NOTIFICATION_SCRIPTS))
        ),
    }


def site_scripts(commands: Iterable[str]) -> list[str]:
    """The scripts that Live Update calls by these commands and that AIX did not bring, each once."""
    paths = dict.fromkeys(path for command in commands if (path := _script(command)))
    return [path for path in paths if not _OF_AIX.fullmatch(path)][:MOST_SCRIPTS]


def _installed(facts: FactSet, prefixes: tuple[str, ...]) -> bool:
    return any(fileset.name.startswith(prefixes) for fileset in facts.value(LSLPP))


def _varied_on(facts: FactSet) -> list[str]:
    """The active volume groups but rootvg, which cannot be mirrored asynchronously."""
    disks = [disk for disk in facts.value(LSPV) if disk.state in ("active", "concurrent")]
    disks = [disk for disk in disks if disk.volume_group != "rootvg"]
    return sorted({disk.volume_group for disk in disks if disk.volume_group.isprintable()})


def _consoles(facts: FactSet, address: str) -> list[str]:
    """How the LPAR itself calls its HMC: by its sessions, by `lvupdate.data`, else as the portal does."""
    called = []
    with suppress(FactMissing):
        called += [session.address for session in facts.value(HMCAUTH)]
    with suppress(FactMissing):
        called.append(facts.value(LVUPDATE_DATA).get("hmc", "management_console"))
    named = [name for name in called if _HOST_NAME.fullmatch(name)]
    return [address] if address in named else [*named, address][:1]


def _proc_readers(facts: FactSet) -> list[str]:
    """The processes to look at one by one: those that may read /proc, where lsof cannot say it of all."""
    if facts.value(PROC_USERS) is not None:
        return []
    readers = [each for each in facts.value(PROCESSES) if program_of(each, READERS_OF_PROC)]
    return [str(process.pid) for process in readers[:MOST_READERS]]


def _script(command: str) -> str:
    """The file that a command runs: its first word, or what an interpreter is given; empty if none."""
    words = [word.strip("\"'") for word in command.split()]
    if words and PurePosixPath(words[0]).name in _INTERPRETERS:
        words = [word for word in words[1:] if not word.startswith("-")]
    return words[0] if words and words[0].startswith("/") and words[0].isprintable() else ""


def _known(values: Callable[[], list[str]]) -> list[str]:
    try:
        return values()
    except FactMissing:
        return []
