"""Looks over an `lvupdate.data` as people edit it: what AIX would skip, misread or refuse.

Handbook 2.7. What is known of the LPAR sharpens it: its template, disks, HMC sessions, partition id.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from inventory.facts.stanza_file import Line, LineKind, StanzaFile, parse_stanza_file

KEYS: Mapping[str, tuple[str, ...]] = {
    "general": (
        "kext_check",
        "cpu_reduction",
        "mem_reduction",
        "aix_mpio",
        "ipsec_auto_migrate",
        "clone_from_hmc_profile",
    ),
    "disks": ("nhdisk", "mhdisk", "tohdisk", "tshdisk"),
    "hmc": ("lpar_id", "management_console", "user"),
    "pvc": ("management_console", "user", "project", "storage_template_override"),
    "llvupdate": ("llu",),
}
"""The keys that the handbook knows, for an LPAR whose template was not read."""
SWITCHES = frozenset({"kext_check", "cpu_reduction", "mem_reduction", "aix_mpio", "ipsec_auto_migrate"}) | {
    "clone_from_hmc_profile",
    "llu",
}
REQUIRED = {"hmc": ("management_console", "user"), "pvc": ("management_console", "user", "project")}
_TYPOGRAPHIC = re.compile("[\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2212\u00a0\u2007\u202f\ufeff]")
_DISK = re.compile(r"[a-z][a-z0-9_]{0,14}")


class Weight(StrEnum):
    """What a remark means: AIX would fail or misread it, or somebody should look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is not as it should be; `line` counts from 1, 0 is the file as a whole."""

    line: int
    weight: Weight
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class KnownLpar:
    """What the linter may know of the LPAR; None is not known.

    `keys` are the template's by stanza. `why_not_free` says by disk why it must not be used, empty for a
    free one. `sessions` are (console, user) of `hmcauth -l`; `same_console` compares two spellings.
    `rootvg` counts its disks.
    """

    keys: Mapping[str, tuple[str, ...]] | None = None
    why_not_free: Mapping[str, str] | None = None
    sessions: tuple[tuple[str, str], ...] | None = None
    same_console: Callable[[str, str], bool] = str.__eq__
    lpar_id: int | None = None
    rootvg: int | None = None


def lint(text: str, known: KnownLpar | None = None) -> list[Remark]:
    """Every remark on a file, in the order of its lines."""
    file, about = parse_stanza_file(text), known or KnownLpar()
    remarks = [
        *_layout(file),
        *_keys(file, about.keys),
        *_values(file, about),
        *_modes(file),
        *_disks(file, about),
        *_console(file, about),
    ]
    return sorted(remarks, key=lambda remark: (remark.line, remark.code))


def _error(line: Line | int, code: str, message: str) -> Remark:
    return Remark(line if isinstance(line, int) else line.number, Weight.ERROR, code, message)


def _warning(line: Line | int, code: str, message: str) -> Remark:
    return Remark(line if isinstance(line, int) else line.number, Weight.WARNING, code, message)


def _layout(file: StanzaFile) -> Iterator[Remark]:
    foreign = [line for line in file.lines if line.end in ("\r\n", "\r")]
    if foreign:
        yield _error(
            foreign[0], "line-ends", f"{len(foreign)} lines end as on Windows (CR): AIX wants LF alone."
        )
    if file.lines and not file.lines[-1].end:
        yield _warning(file.lines[-1], "last-line", "The last line has no end.")
    for line in file.lines:
        if line.kind is LineKind.SKIPPED:
            why = "begins in column 0" if line.text[:1].strip() else "stands before the first stanza"
            yield _error(line, "skipped-key", f"{line.key} {why}: AIX skips it without a word.")
        elif line.kind is LineKind.OTHER:
            yield _error(line, "not-understood", f"Neither a stanza nor an attribute: {line.text.strip()!r}.")
        if line.kind is not LineKind.COMMENT and (odd := _TYPOGRAPHIC.search(line.text)):
            yield _error(
                line, "typographic", f"Typographic character U+{ord(odd[0]):04X}: write a plain one."
            )


def _keys(file: StanzaFile, template: Mapping[str, tuple[str, ...]] | None) -> Iterator[Remark]:
    known, where = (template, "the LPAR's template") if template else (KEYS, "the handbook")
    seen: dict[tuple[str, str], int] = {}
    for line in file.lines:
        if line.kind is LineKind.STANZA and line.stanza not in known:
            yield _warning(line, "unknown-stanza", f"{where} knows no stanza {line.stanza}.")
        if line.kind is LineKind.STANZA:
            yield from _repeated(seen, line, (line.stanza, ""), f"The stanza {line.stanza}")
        if line.kind is not LineKind.ATTRIBUTE:
            continue
        yield from _repeated(seen, line, (line.stanza, line.key), line.key)
        homes = [stanza for stanza, keys in known.items() if line.key in keys]
        if line.stanza in homes or line.stanza not in known:
            continue
        if homes:
            yield _error(line, "wrong-stanza", f"{line.key} belongs to the stanza {' or '.join(homes)}.")
        else:
            yield _warning(line, "unknown-key", f"{where} knows no key {line.key} in {line.stanza}.")


def _repeated(
    seen: dict[tuple[str, str], int], line: Line, name: tuple[str, str], what: str
) -> Iterator[Remark]:
    if name in seen:
        message = f"{what} is there twice, first in line {seen[name]}: which one AIX takes is not documented."
        yield _error(line, "repeated", message)
    seen.setdefault(name, line.number)


def _values(file: StanzaFile, about: KnownLpar) -> Iterator[Remark]:
    for line in file.attributes():
        if not line.value:
            continue
        if line.key in SWITCHES and line.value not in ("yes", "no"):
            yield _error(line, "not-yes-or-no", f"{line.key} is yes or no, not {line.value!r}.")
        if line.key == "lpar_id":
            yield from _partition_id(line, about)
        if "#" in line.value:
            yield _warning(
                line, "comment-in-value", f"AIX may take the # for part of the value of {line.key}."
            )
        if re.search(r"[\"']", line.value):
            yield _error(line, "quoted", f"The value of {line.key} is quoted: write it without quotes.")


def _partition_id(line: Line, about: KnownLpar) -> Iterator[Remark]:
    if not re.fullmatch(r"[1-9][0-9]{0,4}", line.value):
        yield _error(line, "not-a-number", f"lpar_id is a number, not {line.value!r}.")
    elif about.lpar_id == int(line.value):
        yield _error(line, "same-id", f"lpar_id {line.value} is the LPAR's own: the surrogate needs another.")


def _modes(file: StanzaFile) -> Iterator[Remark]:
    """Exactly one of HMC and PowerVC, with all that it needs."""
    used = [mode for mode, keys in REQUIRED.items() if any(file.value(mode, key) for key in keys)]
    if len(used) > 1:
        yield _error(0, "two-consoles", "Both hmc and pvc are filled in: Live Update takes one of them.")
    elif not used:
        message = "No management console is named: fill in hmc or pvc (1430-237)."
        yield _error(0, "no-console", message)
    for mode in used:
        for key in REQUIRED[mode]:
            if not file.value(mode, key):
                yield _error(0, "missing", f"{key} of {mode} is missing or blank.")
    if "pvc" not in used:
        for key in ("nhdisk", "mhdisk"):
            if not file.value("disks", key):
                yield _error(0, "missing", f"{key} is missing or blank: an update through an HMC needs it.")


def disks_in(value: str) -> list[str]:
    """The disks that a value names, separated by commas or blanks."""
    return [name for name in re.split(r"[,\s]+", value) if name]


def _disks(file: StanzaFile, about: KnownLpar) -> Iterator[Remark]:
    taken: dict[str, str] = {}
    for line in file.attributes():
        if line.stanza != "disks":
            continue
        names = disks_in(line.value)
        if about.rootvg and names and line.key in ("nhdisk", "mhdisk") and len(names) != about.rootvg:
            message = f"{line.key} names {len(names)} disks, and rootvg has {about.rootvg}."
            yield _warning(line, "number-of-disks", message)
        for name in names:
            if not _DISK.fullmatch(name):
                yield _error(line, "not-a-disk", f"{name!r} is not the name of a disk.")
                continue
            if name in taken:
                yield _error(line, "disk-twice", f"{name} is named for {taken[name]} already.")
            taken.setdefault(name, line.key)
            if about.why_not_free is not None:
                yield from _on_lpar(line, name, about.why_not_free)


def _on_lpar(line: Line, name: str, why_not_free: Mapping[str, str]) -> Iterator[Remark]:
    if name not in why_not_free:
        yield _error(line, "no-such-disk", f"The LPAR has no disk {name}.")
    elif why_not_free[name]:
        yield _error(line, "disk-taken", why_not_free[name])


def _console(file: StanzaFile, about: KnownLpar) -> Iterator[Remark]:
    """The console and user must be those of a session in the kernel (RQ-041)."""
    line = next(
        (each for each in file.attributes() if (each.stanza, each.key) == _CONSOLE and each.value), None
    )
    if line is None or about.sessions is None:
        return
    here = [user for console, user in about.sessions if about.same_console(console, line.value)]
    wanted = file.value("hmc", "user")
    if not here:
        listed = ", ".join(console for console, _ in about.sessions) or "none"
        message = f"hmcauth -l shows no session with {line.value} (it shows {listed}): 1430-246."
        yield _error(line, "other-console", message)
    elif wanted and wanted not in here:
        message = (
            f"The session with {line.value} is of {', '.join(here)}, and the file names {wanted}: 1430-246."
        )
        yield _error(line, "other-user", message)


_CONSOLE = ("hmc", "management_console")
