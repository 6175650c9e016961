"""Who may ask for a discovery, of which hosts, and what becomes of one that breaks off."""

import pytest

from inventory.actions import console_discovery
from inventory.actions.discovery import ask_discovery
from inventory.models import Host
from inventory.survey import Answers
from liveupdate.actions.discoveries import do_discovery, waiting_discoveries
from portal.lib.errors import Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def test_a_discovery_that_breaks_off_is_not_begun_again(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Answers:
        raise KeyError("lpar")

    monkeypatch.setattr(console_discovery, "read_console", broken)
    discovery = ask_discovery(Host.objects.get(name="hmc01"), fleet.kim)
    with pytest.raises(KeyError):
        do_discovery(discovery.pk, "w1")
    discovery.refresh_from_db()
    assert (discovery.state, waiting_discoveries()) == ("failed", [])
    assert "broke off" in discovery.problem


@pytest.mark.parametrize("person", ["ana", "ivy", "aud", "sam"])
def test_who_may_not_ask(fleet: Fleet, person: str) -> None:
    with pytest.raises(NotAllowed):
        ask_discovery(Host.objects.get(name="hmc01"), fleet.people[person])


def test_an_lpar_is_not_discovered(fleet: Fleet) -> None:
    with pytest.raises(Invalid, match="pay01 knows of no others"):
        ask_discovery(Host.objects.get(name="pay01"))
