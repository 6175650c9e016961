"""The public SSH key of root on the NIM master, which an HMC must know before the master may ask it.

root's home is `/` on AIX unless somebody moved it to `/root`.
"""

import base64
import binascii
import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, printed

PLACES = ("/.ssh/id_rsa.pub", "/root/.ssh/id_rsa.pub")
PUBLIC_KEY = re.compile(r"(ssh-rsa|ssh-ed25519) ([A-Za-z0-9+/]{60,2000}={0,2})(?: [A-Za-z0-9_.@-]{1,120})?")
_FIELDS = {"ssh-rsa": 3, "ssh-ed25519": 2}
"""How many fields a key of the algorithm has, its name included (RFC 4253 6.6, RFC 8709 4)."""
_ABSENT = ("0652-050", "No such file or directory", "Cannot open")


def _build() -> Command:
    return aix("cat", *PLACES)


def _parse(output: Output) -> str:
    """The key on one line (`ssh-rsa AAAA… root@nim`), whole; empty when root has none."""
    lines = filled(answer(output, "cat", statuses=range(256)))
    if not lines:
        said = filled(printed(output.stderr))
        if output.status and said and all(any(sign in line for sign in _ABSENT) for line in said):
            return ""
        raise Unparsable("neither a public key nor that there is none", said[0] if said else "")
    line = lines[0].strip()
    match = PUBLIC_KEY.fullmatch(line)
    if match is None:
        raise Unparsable("not a public SSH key", line)
    if not _whole(match[1], match[2]):
        raise Unparsable("a public SSH key that is not whole", line)
    return line


def _whole(algorithm: str, key: str) -> bool:
    """Whether the key is its algorithm's fields, each as long as the length before it says, and no more."""
    try:
        rest = base64.b64decode(key, validate=True)
    except binascii.Error:
        return False
    fields = []
    while rest:
        end = 4 + int.from_bytes(rest[:4])
        if len(rest) < end:
            return False
        fields.append(rest[4:end])
        rest = rest[end:]
    return len(fields) == _FIELDS[algorithm] and fields[0] == algorithm.encode()


NIM_PUBLIC_KEY = Fact(
    name="nim_public_key", host=HostKind.NIM_MASTER, build=_build, parse=_parse, discovery=True
)
