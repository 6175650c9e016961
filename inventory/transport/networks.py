"""Which addresses the portal connects to, judged on what a name resolved to (threat T14).

The address that was judged is the one that is connected to: a name that resolves otherwise a moment later
(DNS rebinding) changes nothing. Where no network is configured, hosts may be anywhere but on the portal's
own machine and link, where nothing that is updated can be and much that must not be reached is.
"""

import ipaddress
import socket
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = ipaddress.ip_address("fd00:ec2::254")
"""Where a cloud tells its machines their secrets, in the range of private addresses."""


class OutsideNetworks(Exception):
    """An address that the portal does not connect to."""


def connected(address: str, port: int, networks: Sequence[str], timeout_s: float) -> socket.socket:
    """A TCP connection to the first address of a host that answers, all of them inside the networks.

    Raises OutsideNetworks without sending anything when one of them is not; OSError when none answers.
    """
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    except UnicodeError as unnameable:
        raise OSError("it is no name that can be resolved") from unnameable
    for *_, place in found:
        if not permitted(str(place[0]), networks):
            raise OutsideNetworks(str(place[0]))
    error: OSError = OSError("it has no address")
    for family, kind, protocol, _, place in found:
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(timeout_s)
        try:
            sock.connect(place)
        except OSError as refused:
            sock.close()
            error = refused
        else:
            return sock
    raise error


def permitted(address: str, networks: Sequence[str]) -> bool:
    """Whether an address is inside one of the networks; without networks, whether a host can be there."""
    place = _plain(address)
    if networks:
        within = map(ipaddress.ip_network, networks)
        return any(place.version == network.version and place in network for network in within)
    nowhere = place.is_loopback or place.is_link_local or place.is_multicast
    return not (nowhere or place.is_unspecified or place.is_reserved or place == _METADATA)


def _plain(address: str) -> Address:
    """The address without a zone, and the one of IPv4 that one of IPv6 stands for."""
    place = ipaddress.ip_address(address.partition("%")[0])
    mapped = place.ipv4_mapped if isinstance(place, ipaddress.IPv6Address) else None
    return mapped or place
