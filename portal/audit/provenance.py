"""Where an entry was written: machine, its boot, and the code that ran."""

import socket
from functools import cache
from hashlib import sha256
from pathlib import Path

from portal.env import BASE_DIR

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PACKAGES = ("portal", "inventory", "liveupdate")


@cache
def node() -> str:
    """This machine's name."""
    return socket.gethostname()


@cache
def boot() -> str:
    """The identity of this machine's boot; empty where the system does not tell."""
    return BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.exists() else ""


@cache
def code() -> str:
    """Digest over the portal's source files, as this process found them."""
    whole = sha256()
    for package in PACKAGES:
        for path in sorted((BASE_DIR / package).rglob("*.py")):
            whole.update(str(path.relative_to(BASE_DIR)).encode() + b"\x00")
            whole.update(sha256(path.read_bytes()).digest())
    return "sha256:" + whole.hexdigest()[:16]
