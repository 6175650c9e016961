"""`openssl s_client`: whether the LPAR gets through to the HMC's port for Live Update (12443)."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import filled, first_line, printed

PORT = 12443
_CONNECTED = re.compile(r"CONNECTED\([0-9A-Fa-f]+\)")
_FAILED = re.compile(
    r"connect:errno=|[Cc]onnection (?:refused|timed out|reset)|BIO_connect|gethostbyname|getaddrinfo|"
    r"(?:No route to host|Host is unreachable|Network is unreachable)|"
    r"(?:host|name|nodename)[a-z ]*(?:not known|not found|unknown)|Can't connect",
)


@dataclass(frozen=True, slots=True)
class ConsolePort:
    """Whether a TCP connection came about; `reason` is openssl's line when it did not."""

    connected: bool
    reason: str = ""


def _build(console: str) -> Command:
    """`console` is a name or an address, as the LPAR knows its HMC; standard input is at its end."""
    host = f"[{console}]" if ":" in console else console
    return aix("/usr/bin/openssl", "s_client", "-connect", f"{host}:{PORT}")


def _parse(output: Output) -> ConsolePort:
    """Certificates and handshake that follow are not judged: the port answered."""
    if output.status is None:
        raise Unparsable("openssl s_client ended in an unknown way", first_line(output.stderr))
    said = filled(printed(output.stdout) + printed(output.stderr))
    if any(_CONNECTED.fullmatch(line) for line in said):
        return ConsolePort(connected=True)
    failure = next((line for line in said if _FAILED.search(line)), "")
    if not failure or output.status in (0, 126, 127):
        raise Unparsable(f"openssl s_client ended with status {output.status}", said[0] if said else "")
    return ConsolePort(connected=False, reason=failure)


CONSOLE_PORT = Fact(
    name="console_port",
    host=HostKind.LPAR,
    build=_build,
    parse=_parse,
    params=("console",),
    volatile=True,
)
