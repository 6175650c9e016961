"""A discovery of the fleet's HMC that found something of everything, for tests of pages."""

from unittest import mock

from inventory.models import Discovered, Discovery, Host
from inventory.survey import Answers
from liveupdate.actions.discoveries import discover_now
from portal.audit.actor import Actor
from portal.lib.clock import now
from tests.hmc_answers import Cec, Console, Part, uuid

FLEET = "1A40C5B2-7E0E-4D52-9F7F-20C5B0F4001"
PARTITIONS = (
    Part("viodev1", 3, uuid(3), env="vioserver", os="VIOS 3.1.4.21", address="10.254.0.11"),
    Part("PAY 01", 26, f"{FLEET}A"),
    Part("web01", 33, uuid(33)),
    Part("pay02", 28, f"{FLEET}C"),
    Part("ora01", 40, uuid(40), address="10.254.0.40"),
    Part("ora02", 41, uuid(41), address="", os="Unknown", state="Not Activated"),
)
"""pay01 was renamed, web01 has another UUID, web02 is gone, two are new."""


def discovery_of_everything() -> Discovery:
    """Done, and read in part: a second managed system does not answer."""
    away = Cec("78B0001", "9080-M9S-78B0001", "No Connection", partitions=())
    facts = Console([Cec(partitions=PARTITIONS), away]).facts(now())
    with mock.patch("inventory.actions.console_discovery.read_console", return_value=Answers(facts)):
        return discover_now(Host.objects.get(name="hmc01"), Actor.command("discover"))


def new_lpar() -> Discovered:
    """The finding of a new LPAR."""
    return Discovered.objects.get(name="ora01")
