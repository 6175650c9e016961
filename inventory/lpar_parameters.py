"""For what the facts with parameters are asked on an LPAR: what its other facts have named."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from inventory.disk_parameters import capi_devices, compared_disks, measured_disks, spare_disks
from inventory.facts.aix.audit_wpars import STANZA
from inventory.facts.aix.hmcauth import HMCAUTH
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.notification_scripts import NOTIFICATION_SCRIPTS
from inventory.facts.aix.wpars import WPARS
from inventory.facts.base import FactMissing, FactSet

MOST_SCRIPTS = 30

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
        "script": _known(
            lambda: site_scripts(script.command for script in facts.value(NOTIFICATION_SCRIPTS))
        ),
    }


def site_scripts(commands: Iterable[str]) -> list[str]:
    """The scripts that Live Update calls by these commands and that AIX did not bring, each once."""
    paths = dict.fromkeys(path for command in commands if (path := _script(command)))
    return [path for path in paths if not _OF_AIX.fullmatch(path)][:MOST_SCRIPTS]


def _consoles(facts: FactSet, address: str) -> list[str]:
    """How the LPAR itself calls its HMC: by its sessions, by `lvupdate.data`, else as the portal does."""
    called = []
    with suppress(FactMissing):
        called += [session.address for session in facts.value(HMCAUTH)]
    with suppress(FactMissing):
        called.append(facts.value(LVUPDATE_DATA).get("hmc", "management_console"))
    named = [name for name in called if _HOST_NAME.fullmatch(name)]
    return [address] if address in named else [*named, address][:1]


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
