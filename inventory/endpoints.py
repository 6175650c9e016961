"""Where to connect for a host: its address, account, pinned key and credential reference."""

from dataclasses import replace

from django.conf import settings

from inventory.models import Host, HostKey
from inventory.transport.endpoint import Endpoint


def endpoint_of(host: Host) -> Endpoint:
    """The endpoint of a host; `host_key` is empty until a key was accepted."""
    pinned = host.keys.filter(state=HostKey.State.PINNED).first()
    return Endpoint(
        name=host.name,
        address=host.address,
        port=host.port,
        account=host.account,
        host_key=pinned.fingerprint if pinned else "",
        credential=host.credential.reference,
        networks=tuple(settings.PORTAL_NETWORKS),
        weak_algorithms=host.weak_algorithms,
    )


def looking_endpoint_of(host: Host) -> Endpoint:
    """The endpoint to look through: of the account for looking, where the host has one."""
    executing = endpoint_of(host)
    if host.looking_credential is None:
        return executing
    return replace(
        executing,
        account=host.looking_account,
        credential=host.looking_credential.reference,
        looks_only=True,
        executing=executing if host.reads_beyond_looking else None,
    )


def weak_algorithms_of(name: str) -> tuple[str, ...]:
    """The SSH algorithms below the floor that the host of this name is excepted for."""
    host = Host.objects.filter(name=name).only("ssh_exceptions").first()
    return host.weak_algorithms if host else ()
