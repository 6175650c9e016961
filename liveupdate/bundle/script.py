"""Puts the stand-alone verifier together: the files that the portal itself uses, as one script."""

import re
from functools import lru_cache
from pathlib import Path

from liveupdate.bundle import verifier
from liveupdate.control import ruling
from portal.audit import authority, extension

PARTS = (
    *("ed25519", "checkpoint", "keys", "tree", "opening", "releases", "runs", "numbers"),
    *("approvals", "population", "statistics", "sampling", "figures", "marks", "people", "changes"),
    *("health", "leave", "outside", "recount", "report", "command"),
)
OWN_IMPORT = re.compile(r"^from (?:liveupdate|portal)\.[\w.]+ import (?:\([^)]*\)|[^(\n]*)\n", re.MULTILINE)
IMPORT = re.compile(r"^(?:import|from) [^\n]*\n", re.MULTILINE)
DOCSTRING = re.compile(r'\A"""(.*?)"""\n', re.DOTALL)
HEAD = '''#!/usr/bin/env python3
"""Checks an evidence bundle of the Live Update portal, with nothing but Python 3.8 or newer.

    python3 -I -S verify.py BUNDLE.zip [--vkey KEY] [--anchor FILE] [--json]

Exit codes: 0 good; 1 altered, or not allowed when it ran; 2 incomplete; 3 wrong use.
"""
'''
END = """

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


@lru_cache
def verify_script() -> str:
    """The text of `verify.py`."""
    folder = Path(verifier.__path__[0])
    texts = [(folder / f"{part}.py").read_text(encoding="utf-8") for part in PARTS]
    for before, module in (("approvals", ruling), ("tree", extension), ("releases", authority)):
        texts.insert(PARTS.index(before), Path(str(module.__file__)).read_text(encoding="utf-8"))
    imports: set[str] = set()
    bodies = []
    for text in texts:
        title, body = DOCSTRING.match(text), DOCSTRING.sub("", OWN_IMPORT.sub("", text))
        imports.update(IMPORT.findall(body))
        comment = "\n".join(f"# {line}".rstrip() for line in title[1].strip().splitlines()) if title else ""
        bodies.append(f"\n\n{comment}\n\n{IMPORT.sub('', body).strip()}\n")
    return HEAD + "\n" + _together(imports) + "".join(bodies) + END


def _together(imports: set[str]) -> str:
    """Each module imported once, `__future__` first."""
    whole = sorted(line for line in imports if line.startswith("import "))
    names: dict[str, set[str]] = {}
    for line in imports - set(whole):
        module, _, listed = line.removeprefix("from ").strip().partition(" import ")
        names.setdefault(module, set()).update(listed.split(", "))
    some = [f"from {module} import {', '.join(sorted(names[module]))}\n" for module in sorted(names)]
    return f"{some[0]}\n{''.join(whole)}{''.join(some[1:])}"
