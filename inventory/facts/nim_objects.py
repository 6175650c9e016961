"""NIM objects as `lsnim` prints them: one row each, or a stanza of attributes (`-l`)."""

import re
from dataclasses import dataclass

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled

FREE_TEXT = frozenset({"err_info", "info", "comments"})
"""Attributes whose value may go on over several lines, as the message of a command that failed does."""

_PROFILE_WORDS = 3
_NAMED_BY_SERIAL = re.compile(r"[0-9]{4}-[0-9A-Z]{3}_[0-9A-Z]{7}")
_ROW = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)\s+(?P<cls>machines|networks|resources|management|groups|customers)\s+(?P<type>\w+)"
)
_HEADING = re.compile(r"(\S+):")
_ATTRIBUTE = re.compile(r"(?P<lead>\s+(?P<name>\w+)\s*)=(?:\s+(?P<value>.*))?")


@dataclass(frozen=True, slots=True)
class NimEntry:
    """A row of `lsnim`: an object's name, class (`machines`, `management`, …) and type (`cec`, …)."""

    name: str
    cls: str
    type: str


@dataclass(frozen=True, slots=True)
class NimStanza:
    """An object with all its attributes; some (`serves`, `if_supported`) occur more than once."""

    name: str
    attributes: dict[str, tuple[str, ...]]

    def get(self, attribute: str) -> str:
        """The first value of an attribute; empty where it is blank or not there."""
        return self.attributes.get(attribute, ("",))[0]

    @property
    def cls(self) -> str:
        """The object's class."""
        return self.get("class")

    @property
    def type(self) -> str:
        """The object's type."""
        return self.get("type")


@dataclass(frozen=True, slots=True)
class ManagementProfile:
    """Where a machine's `mgmt_profile1` says that it runs: NIM's objects of HMC and managed system, and
    the partition id there."""

    hmc: str
    partition_id: int
    managed_system: str


def management_profile(machine: NimStanza) -> ManagementProfile | None:
    """A machine's `mgmt_profile1` (`hmc01 26 9080-M9S_78A1234`, perhaps VIOSs after it), if it has a
    usable one."""
    words = machine.get("mgmt_profile1").split()
    if len(words) < _PROFILE_WORDS or not re.fullmatch(r"[0-9]{1,5}", words[1]):
        return None
    return ManagementProfile(words[0], int(words[1]), words[2])


def system_serial(cec: NimStanza) -> str:
    """The serial number of a managed system's object (`9080-M9S*78A1234`, else the end of its name)."""
    given = cec.get("serial") or cec.get("hw_serial")
    if given:
        return given.rpartition("*")[2]
    return cec.name.rpartition("_")[2] if _NAMED_BY_SERIAL.fullmatch(cec.name) else ""


@dataclass(slots=True)
class _Stanza:
    """A stanza while it is read: the column of `=` in its first line, and where text may go on."""

    name: str
    column: int
    values: list[tuple[str, list[str]]]
    aligned: bool = True

    def done(self) -> NimStanza:
        attributes: dict[str, tuple[str, ...]] = {}
        for name, lines in self.values:
            attributes[name] = (*attributes.get(name, ()), "\n".join(lines))
        return NimStanza(self.name, attributes)


def entries(output: Output) -> tuple[NimEntry, ...]:
    """The rows of `lsnim`, perhaps none. Raises Unparsable for anything but three words a row."""
    return tuple(_entry(line) for line in filled(answer(output, "lsnim")))


def stanzas(output: Output) -> tuple[NimStanza, ...]:
    """The objects of `lsnim -l`, perhaps none.

    A stanza begins with the object's name and its class. Inside a free text whatever does not stand
    like the stanza's other attributes belongs to the text. Raises Unparsable with the line.
    """
    lines = filled(answer(output, "lsnim -l"))
    found: list[_Stanza] = []
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if heading := _begins(line, following):
            found.append(_Stanza(*heading, values=[]))
        elif not found:
            raise Unparsable("not the name of a NIM object", line)
        else:
            _take(found[-1], line)
    return tuple(stanza.done() for stanza in found)


def _entry(line: str) -> NimEntry:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a row of lsnim (name, class, type)", line)
    return NimEntry(row["name"], row["cls"], row["type"])


def _begins(line: str, following: str) -> tuple[str, int] | None:
    """The name that a stanza begins with, and the column of `=` in its first line."""
    heading = _HEADING.fullmatch(line)
    first = _ATTRIBUTE.fullmatch(following)
    if heading is None or first is None or first["name"] != "class":
        return None
    return heading[1], len(first["lead"])


def _take(stanza: _Stanza, line: str) -> None:
    """Put one line into a stanza. Raises Unparsable when it is neither attribute nor text that goes on."""
    attribute = _ATTRIBUTE.fullmatch(line)
    in_text = bool(stanza.values) and stanza.values[-1][0] in FREE_TEXT
    in_line = attribute is not None and len(attribute["lead"]) == stanza.column
    if attribute is not None and (in_line or not (in_text and stanza.aligned)):
        stanza.aligned = stanza.aligned and in_line
        stanza.values.append((attribute["name"], [(attribute["value"] or "").strip()]))
    elif in_text:
        stanza.values[-1][1].append(line.strip())
    else:
        raise Unparsable("not an attribute of a NIM object", line)
