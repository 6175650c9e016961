"""`lvupdate.template`: the keys of `lvupdate.data` that this LPAR's level of AIX knows."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer

PATH = "/var/adm/ras/liveupdate/lvupdate.template"

_ABSENT = re.compile(r"0652-050|No such file or directory|[Cc]annot open")
_STANZA = re.compile(r"#?\s*(\w+):\s*")
_KEY = re.compile(r"#?\s*(\w+)\s*=.*")


@dataclass(frozen=True, slots=True)
class LvupdateTemplate:
    """The template's keys by stanza, also where they stand in comments; `present` is false without one."""

    present: bool
    stanzas: dict[str, tuple[str, ...]]

    def knows(self, stanza: str, key: str) -> bool:
        """Whether the key may be written: everything may where no template was found."""
        return not self.present or key in self.stanzas.get(stanza, ())


def _build() -> Command:
    return aix("cat", PATH)


def _parse(output: Output) -> LvupdateTemplate:
    if output.status and not output.stdout and _ABSENT.search(output.stderr):
        return LvupdateTemplate(False, {})
    stanzas: dict[str, dict[str, None]] = {}
    current: dict[str, None] | None = None
    for line in answer(output, "cat"):
        if stanza := _STANZA.fullmatch(line):
            current = stanzas.setdefault(stanza[1], {})
        elif current is not None and (key := _KEY.fullmatch(line.strip())):
            current[key[1]] = None
    known = {name: tuple(keys) for name, keys in stanzas.items() if keys}
    if not known:
        raise Unparsable("the template names no key", output.stdout.strip().split("\n")[0])
    return LvupdateTemplate(True, known)


LVUPDATE_TEMPLATE = Fact(name="lvupdate_template", host=HostKind.LPAR, build=_build, parse=_parse)
