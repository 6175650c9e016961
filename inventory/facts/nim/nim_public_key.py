"""The public SSH key of root on the NIM master, which an HMC must know before the master may ask it.

root's home is `/` on AIX unless somebody moved it to `/root`.
"""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import filled, printed

PLACES = ("/.ssh/id_rsa.pub", "/root/.ssh/id_rsa.pub")
PUBLIC_KEY = re.compile(r"ssh-(?:rsa|ed25519) [A-Za-z0-9+/]{60,2000}={0,3}(?: [A-Za-z0-9_.@-]{1,120})?")
_ABSENT = ("0652-050", "No such file or directory", "Cannot open")


def _build() -> Command:
    return aix("cat", *PLACES)


def _parse(output: Output) -> str:
    """The key on one line (`ssh-rsa AAAA… root@nim`); empty when root has none."""
    lines = filled(printed(output.stdout))
    if not lines:
        said = filled(printed(output.stderr))
        if output.status and said and all(any(sign in line for sign in _ABSENT) for line in said):
            return ""
        raise Unparsable("neither a public key nor that there is none", said[0] if said else "")
    if PUBLIC_KEY.fullmatch(lines[0].strip()) is None:
        raise Unparsable("not a public SSH key", lines[0])
    return lines[0].strip()


NIM_PUBLIC_KEY = Fact(
    name="nim_public_key", host=HostKind.NIM_MASTER, build=_build, parse=_parse, discovery=True
)
