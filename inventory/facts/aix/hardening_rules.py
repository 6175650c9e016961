"""The rules that AIX Security Expert applied: their types in appliedaixpert.xml.

Each rule of the file names the level it belongs to: `<AIXPertRuleType type="HLS"/>`.
"""

import re

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line, printed

PATH = "/etc/security/aixpert/core/appliedaixpert.xml"

_RULE = re.compile(r"""<AIXPertRuleType\s+type\s*=\s*["']([^"'<>]+)["']\s*/?>""")
_ABSENT = re.compile(rf"grep: (?:0652-033 Cannot open )?{re.escape(PATH)}\W.*|.*No such file or directory.*")


def parse(output: Output) -> tuple[str, ...]:
    """The types of the applied rules, each once, in the order listed; none where nothing was applied."""
    complaints = filled(printed(output.stderr))
    if output.status == 2 and complaints and all(_ABSENT.fullmatch(line) for line in complaints):
        return ()
    lines = filled(answer(output, "grep AIXPertRuleType", statuses=(0, 1)))
    if not lines and first_line(output.stderr):
        raise Unparsable("grep complains", first_line(output.stderr))
    types: dict[str, None] = {}
    for line in lines:
        found = _RULE.findall(line)
        if not found:
            raise Unparsable("not the type of a rule", line)
        types.update(dict.fromkeys(found))
    return tuple(types)


HARDENING_RULES = Fact("hardening_rules", HostKind.LPAR, lambda: aix("grep", "AIXPertRuleType", PATH), parse)
