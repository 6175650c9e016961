"""`manage.py discover [--hmc NAME…] [--nim NAME…]`: read what HMCs and NIM masters know of others, and say
what differs from the inventory."""

import getpass
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from inventory.actions.discovery import DISCOVERERS
from inventory.facts.base import HostKind
from inventory.models import Discovered, Discovery, Host
from liveupdate.actions.discoveries import discover_now
from portal.audit.actor import Actor
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand

AT_ONCE = 8
KINDS = {"hmc": HostKind.HMC, "nim": HostKind.NIM_MASTER}
"""Options, and the kind of host that each names."""


class Command(PortalCommand):
    """Exit status: 0 every host was read whole, 1 some were read in part or not at all, 2 none is there."""

    help = (
        "Read what the named HMCs and NIM masters (without names: every one) know of others, and say what is "
        "new, changed or gone. Nothing is retired: that is decided on the discovery's page. Exit status 0: "
        "everything was read whole; 1: something could not be read; 2: there is nothing like what was named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which HMCs and NIM masters."""
        super().add_arguments(parser)
        for option in KINDS:
            parser.add_argument(f"--{option}", nargs="+", action="extend", default=[], metavar="NAME")

    def perform(self, options: dict[str, Any]) -> int:
        """Discover several hosts at a time; the rows come in the order of the names."""
        hosts = _wanted({kind: options[option] for option, kind in KINDS.items()})
        with ThreadPoolExecutor(AT_ONCE, "discovery") as pool:
            discoveries = list(pool.map(_discover, hosts))
        for discovery in discoveries:
            self._tell(discovery)
        self.show([_row(discovery) for discovery in discoveries])
        return 0 if all(each.state == Discovery.State.DONE for each in discoveries) else 1

    def _tell(self, discovery: Discovery) -> None:
        name, found = discovery.host.name, discovery.found
        told = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in found.items())
        self.say(
            f"{name}: {discovery.get_state_display()} by {discovery.commands} commands; {told or 'nothing'}"
        )
        for problem in filter(None, discovery.problem.split("\n")):
            self.stderr.write(f"{name}: {problem}")
        for item in discovery.items.exclude(decision=Discovered.Decision.REFUSED):
            self.say(
                f"  {item.change} {item.get_kind_display()} {item.name} ({item.identity}): "
                f"{item.get_decision_display()}"
            )


def _wanted(named: Mapping[HostKind, list[str]]) -> list[Host]:
    if not any(named.values()):
        return list(Host.objects.filter(kind__in=DISCOVERERS).order_by("name"))
    return [host for kind, names in named.items() for host in _of_kind(kind, names)]


def _of_kind(kind: HostKind, names: list[str]) -> list[Host]:
    known = {host.name: host for host in Host.objects.filter(kind=kind, name__in=names)}
    missing = [name for name in names if name not in known]
    if missing:
        raise Invalid(
            f"There is no {kind.label} {', '.join(missing)}.",
            remedy="manage.py import_hosts brings hosts in.",
            code="unknown_name",
        )
    return [known[name] for name in dict.fromkeys(names)]


def _discover(host: Host) -> Discovery:
    try:
        return discover_now(host, Actor.command(f"discover:{getpass.getuser()}"))
    finally:
        connection.close()


def _row(discovery: Discovery) -> dict[str, Any]:
    fields = ("kind", "identity", "name", "change", "before", "after", "note", "decision")
    return {
        "host": discovery.host.name,
        "discovery": discovery.pk,
        "state": discovery.state,
        "problems": [problem for problem in discovery.problem.split("\n") if problem],
        "commands": discovery.commands,
        "found": discovery.found,
        "items": list(discovery.items.values(*fields)),
    }
