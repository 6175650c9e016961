"""`lsrsrc IBM.MCP`: the HMCs that RMC knows; any resource class reads alike."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_TITLE = re.compile(r"Resource Persistent (?:and Dynamic )?Attributes for (\S+)")
_HEAD = re.compile(r"resource ([0-9]+):")
_ATTRIBUTE = re.compile(r"\s+(\w+)\s*=\s*(.*)")


def parse(output: Output) -> list[Row]:
    """One record per resource, quotes taken off; a node without any prints the title alone."""
    lines = filled(answer(output, "lsrsrc", closed=_TITLE.pattern))
    if not lines or not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("not the heading of lsrsrc", lines[0] if lines else "")
    resources: list[Row] = []
    for line in lines[1:]:
        if head := _HEAD.fullmatch(line.strip()):
            if int(head[1]) != len(resources) + 1:
                raise Unparsable("a resource is missing before this one", line)
            resources.append({})
        elif resources and (attribute := _ATTRIBUTE.fullmatch(line)):
            resources[-1][attribute[1]] = _unquoted(attribute[2])
        else:
            raise Unparsable("not a line of lsrsrc", line)
    return resources


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1] if quoted else value


LSRSRC = plain("lsrsrc", HostKind.LPAR, "lsrsrc IBM.MCP", "lsrsrc <class>", parse=parse)
