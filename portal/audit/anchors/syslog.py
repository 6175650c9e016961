"""Checkpoints as syslog messages to the site's collector (SIEM).

RFC 5424 messages over UDP (RFC 5426), TCP with octet counting (RFC 6587, section 3.4.1) or TLS (RFC 5425).
"""

import base64
import re
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from portal.audit import provenance
from portal.audit.anchors.base import Anchor, AnchorFailed, Answer, Published
from portal.audit.note import BadNote, unverified
from portal.lib.clock import rfc3339
from portal.lib.errors import Invalid

PRIORITY = 13 * 8 + 5
"""Facility log audit, severity notice (RFC 5424, section 6.2.1)."""
PORTS = {"udp": 514, "tcp": 601, "tls": 6514}
TIMEOUT_S = 5.0
SETTLE_S = 0.5
ELEMENT = "checkpoint@32473"
"""The structured data's name; 32473 is the enterprise number that RFC 5612 keeps for examples."""
_SENT = re.compile(r"\[checkpoint@32473 [^\]]*\] (?P<note>[A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True)
class Collector:
    """Where messages go, as an address says it: `tls://siem.example.com:6514?ca=/etc/ssl/siem.pem`.

    `cert` and `key` name the files that this side shows, where the collector asks for it.
    """

    transport: str
    host: str
    port: int
    ca: str = ""
    cert: str = ""
    key: str = ""

    @classmethod
    def parse(cls, address: str) -> "Collector":
        """Read an address. Raises Invalid."""
        try:
            parts = urlsplit(address)
            port = parts.port or PORTS[parts.scheme]
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        except (ValueError, KeyError) as error:
            raise _no_collector(address) from error
        if not parts.hostname or parts.scheme not in PORTS or set(given) - {"ca", "cert", "key"}:
            raise _no_collector(address)
        return cls(parts.scheme, parts.hostname, port, **given)


class SyslogAnchor(Anchor):
    """Sends every checkpoint as one message."""

    kind = "syslog"
    every = True

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.name = f"syslog {collector.transport}://{collector.host}:{collector.port}"

    def publish(self, checkpoint: Published, last: int) -> Answer | None:
        """Send it. Over UDP nobody says whether it arrived. Raises AnchorFailed."""
        message = message_of(checkpoint)
        try:
            with closing(self._connected()) as line:
                if self.collector.transport == "udp":
                    line.send(message)
                else:
                    line.sendall(b"%d %s" % (len(message), message))
                    _refused(line)
        except OSError as error:
            raise AnchorFailed(f"{self.name} does not take messages: {error}.") from error
        return None

    def _connected(self) -> socket.socket:
        where = (self.collector.host, self.collector.port)
        if self.collector.transport == "udp":
            family = socket.getaddrinfo(*where, type=socket.SOCK_DGRAM)[0][0]
            line = socket.socket(family, socket.SOCK_DGRAM)
            line.connect(where)
            return line
        line = socket.create_connection(where, TIMEOUT_S)
        if self.collector.transport == "tcp":
            return line
        context = ssl.create_default_context(cafile=self.collector.ca or None)
        if self.collector.cert:
            context.load_cert_chain(self.collector.cert, self.collector.key or None)
        return context.wrap_socket(line, server_hostname=self.collector.host)


def _no_collector(address: str) -> Invalid:
    return Invalid(
        f"{address!r} is no address of a syslog collector.",
        remedy="Write udp://host:514, tcp://host:601 or tls://host:6514?ca=FILE.",
        code="setting_not_possible",
    )


def _refused(line: socket.socket) -> None:
    """Wait a moment for the collector's no: a reset, or TLS's word that it wants another certificate."""
    line.settimeout(SETTLE_S)
    with suppress(TimeoutError):
        line.recv(1)


def message_of(checkpoint: Published) -> bytes:
    """The message: size and root to look at, then the whole checkpoint in base64."""
    origin, head = unverified(checkpoint.note)
    data = f'[{ELEMENT} origin="{_escaped(origin)}" size="{head.size}" root="{head.root.hex()}"]'
    note = base64.b64encode(checkpoint.note.encode()).decode()
    at, host = rfc3339(checkpoint.at), provenance.node()[:255] or "-"
    return f"<{PRIORITY}>1 {at} {host} lu-ledger - checkpoint {data} {note}".encode()


def note_in(line: str) -> str | None:
    """The checkpoint in a line of a collector's file; None where there is none in it."""
    found = _SENT.search(line)
    if found is None:
        return None
    try:
        return base64.b64decode(found["note"], validate=True).decode()
    except ValueError as error:
        raise BadNote(f"A syslog line holds a damaged checkpoint: {line[:100]!r}.") from error


def _escaped(value: str) -> str:
    """RFC 5424, section 6.3.3."""
    return re.sub(r'(["\\\]])', r"\\\1", value)
