"""`oslevel` in its other forms: base level, technology level, and the levels that AIX knows of."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, only_line
from inventory.formats.base import plain

_VRMF = r"[0-9]{1,2}(?:\.[0-9]{1,4}){3}"
_TECHNOLOGY = r"[0-9]{4}-[0-9]{2}"
_SERVICE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{4}"


def base_level(output: Output) -> str:
    """The base level, e.g. `7.2.0.0`."""
    return _one(output, _VRMF)


def technology_level(output: Output) -> str:
    """The technology level, e.g. `7200-05`."""
    return _one(output, _TECHNOLOGY, closed=_TECHNOLOGY)


def service_packs(output: Output) -> list[str]:
    """The service packs that AIX knows, the newest first."""
    return _known(output, "Known Service Packs", _SERVICE)


def technology_levels(output: Output) -> list[str]:
    """The technology levels that AIX knows, the newest first."""
    return _known(output, "Known Recommended Maintenance Levels", _TECHNOLOGY)


def _one(output: Output, form: str, closed: str = "") -> str:
    line = only_line(answer(output, "oslevel", closed=closed), "level").strip()
    if not re.fullmatch(form, line):
        raise Unparsable("not a level of this form", line)
    return line


def _known(output: Output, title: str, form: str) -> list[str]:
    lines = filled(answer(output, "oslevel", closed=form))
    if len(lines) < 2 or lines[0].strip() not in (title, "Known Technology Levels") or lines[1].strip("- "):
        raise Unparsable("not the heading of the known levels", lines[0] if lines else "")
    for line in lines[2:]:
        if not re.fullmatch(form, line.strip()):
            raise Unparsable("not a level of this form", line)
    return [line.strip() for line in lines[2:]]


OSLEVEL_BASE = plain("oslevel_base", HostKind.LPAR, "oslevel", parse=base_level)
OSLEVEL_TECHNOLOGY = plain(
    "oslevel_technology", HostKind.LPAR, "oslevel -r", "oslevel -rf", parse=technology_level
)
OSLEVEL_SERVICE_PACKS = plain(
    "oslevel_service_packs", HostKind.LPAR, "oslevel -sq", "oslevel -sfq", parse=service_packs
)
OSLEVEL_TECHNOLOGY_LEVELS = plain(
    "oslevel_technology_levels", HostKind.LPAR, "oslevel -rq", "oslevel -rfq", parse=technology_levels
)
