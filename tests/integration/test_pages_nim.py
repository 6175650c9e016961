"""The pages of a NIM master: what it has, what is missing, who may see it, and what that costs."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import Lpar, LppSource, NimMaster, NimObject, Vios
from liveupdate.models import Request
from portal.access.models import Membership
from portal.access.roles import Role
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.nim_rows import DIGEST, make_nim
from tests.request_pages import sent, text_of, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


@pytest.fixture
def master(fleet: Fleet) -> NimMaster:
    return make_nim(fleet)


def answer(fleet: Fleet, person: str, address: str) -> Any:
    client = Client()
    client.force_login(fleet.people[person])
    return client.get(address)


def opened(fleet: Fleet, address: str, person: str = "kim") -> str:
    page = answer(fleet, person, address)
    assert page.status_code == 200
    return unescape(page.content.decode())


def test_what_is_missing_and_what_disagrees_is_said(fleet: Fleet, master: NimMaster) -> None:
    Lpar.objects.filter(host__name="web01").update(lpar_id=27)
    Vios.objects.create(managed_system=fleet.lpars["pay01"].managed_system, name="viodev1", lpar_id=3)
    page = opened(fleet, reverse("nim-master", args=[master.pk]))
    assert "NIM has no object of it; LPARs with NPIV on 9080-M9S-78A1234 need it." in page
    assert "No machine of this NIM master could be found to be it." in page
    assert "It says partition 99 of 78A1234; web01 is 27 of 78A1234." in page
    assert "It does not say on which managed system the LPAR runs." in page
    assert "NIM has no object with the serial" not in page
    NimObject.objects.filter(object_class="management").delete()
    page = opened(fleet, reverse("nim-master", args=[master.pk]))
    assert "NIM has no object with the serial number 78A1234." in page
    assert "NIM has no object of it." in page


def test_contents_with_digests_and_secrets_are_shown(fleet: Fleet, master: NimMaster) -> None:
    page = opened(fleet, reverse("nim-master", args=[master.pk]))
    assert "7.2.5.200" in page and f'title="{DIGEST}"' in page
    assert "nhdisk = hdisk2" in page
    assert "has ssl_support" in page
    source = LppSource.objects.get(nim_object__name="lku-ifixes")
    page = opened(fleet, reverse("lpp-source", args=[source.pk]))
    assert "IJ36810s3a" in page and "Needs a reboot" in page and "Not told" in page
    assert "the resource is busy" in page


def test_a_master_that_nobody_asked_is_unknown(fleet: Fleet) -> None:
    page = opened(fleet, reverse("nim-master", args=[NimMaster.objects.get().pk]))
    assert "Nothing is known of its objects." in page
    assert "all have their objects" not in page


def test_the_objects_are_a_list_with_filters(fleet: Fleet, master: NimMaster) -> None:
    address = reverse("nim-objects", args=[master.pk])
    page = opened(fleet, address)
    assert "hmc01 26 9080-M9S_78A1234" in page and "\x1b" not in page and "⟨1b⟩[31mbusy" in page
    assert "lku-ifixes" not in opened(fleet, f"{address}?object_type=standalone")
    linked = opened(fleet, f"{address}?linked=yes")
    assert "pay01" in linked and "lud_pay01" not in linked


@pytest.mark.parametrize("name", ["nim-master", "nim-objects"])
def test_who_may_not_see_hosts_sees_no_nim_master(fleet: Fleet, master: NimMaster, name: str) -> None:
    assert answer(fleet, "ana", reverse(name, args=[master.pk])).status_code == 404
    assert answer(fleet, "aud", reverse(name, args=[master.pk])).status_code == 200
    assert Client().get(reverse(name, args=[master.pk])).status_code == 302


def test_an_lpp_source_is_for_those_who_see_hosts(fleet: Fleet, master: NimMaster) -> None:
    address = reverse("lpp-source", args=[LppSource.objects.all()[0].pk])
    assert answer(fleet, "ana", address).status_code == 404


def test_the_pages_cost_the_same_however_much_there_is(
    fleet: Fleet, master: NimMaster, django_assert_max_num_queries: Any
) -> None:
    NimObject.objects.bulk_create(
        NimObject(
            master=master, name=f"c{n}", object_class="machines", object_type="standalone", read_at=now()
        )
        for n in range(200)
    )
    client = Client()
    client.force_login(fleet.kim)
    for name, most in (("nim-master", 16), ("nim-objects", 7), ("nim-setup", 20)):
        with django_assert_max_num_queries(most):
            assert client.get(reverse(name, args=[master.pk])).status_code == 200


def test_who_asks_for_interim_fixes_is_shown_which_live_update_can_apply(
    fleet: Fleet, master: NimMaster
) -> None:
    pay01 = fleet.lpars["pay01"]
    new = f"{reverse('new-request')}?lpar={pay01.pk}"
    page = opened(fleet, f"{new}&procedure=ifix_live_update", "ana")
    shown = page[page.index("Interim fixes on the NIM master") :]
    place = f"{master.host.name}:/export/nim/lku/emgr/ppc"
    for said in (
        "IJ36810s3a.epkg.Z — for Live Update, in lku-ifixes",
        "IJ41685m3a.epkg.Z — needs a reboot",
        "not told whether Live Update can apply it",
    ):
        assert said in shown
    assert f'name="picked" value="{place}/IJ36810s3a.epkg.Z"' in shown
    assert f'value="{place}"' in page
    assert "IJ36810s3a" not in opened(fleet, new, "ana")
    Lpar.objects.filter(pk=pay01.pk).update(nim_master=None)
    assert "IJ36810s3a" not in opened(fleet, f"{new}&procedure=ifix_live_update", "ana")


def test_packages_are_ticked_and_lpp_sources_chosen_from_what_is_there(
    fleet: Fleet, master: NimMaster
) -> None:
    place = f"{master.host.name}:/export/nim/lku/emgr/ppc"
    new = f"{reverse('new-request')}?lpar={fleet.lpars['pay01'].pk}&procedure=ifix_live_update"
    said = wish(procedure="ifix_live_update", media=place, target_level="") | {"ifixes": "IJ99999s1a.epkg.Z"}
    ticked = {"picked": f"{place}/IJ36810s3a.epkg.Z"}
    wrong = sent(fleet, "ana", new, **said | ticked | {"media": "nim01:/elsewhere"})
    assert f"IJ36810s3a.epkg.Z lies in {place}." in text_of(wrong)
    assert sent(fleet, "ana", new, **said | {"ifixes": ""}).status_code == 200
    assert not Request.objects.exists()
    accepted = sent(fleet, "ana", new, **said | ticked)
    assert accepted.status_code == 302, re.findall("errorlist.*", text_of(accepted))
    request = Request.objects.get()
    assert request.choices["ifixes"].splitlines() == ["IJ36810s3a.epkg.Z", "IJ99999s1a.epkg.Z"]
    Request.objects.update(state="blocked")
    page = opened(fleet, reverse("edit-request", args=[request.pk]), "ana")
    assert re.search(rf'value="{place}/IJ36810s3a.epkg.Z"[^>]* checked', page)
    assert "IJ99999s1a.epkg.Z</textarea>" in page

    through_nim = opened(fleet, new.replace("ifix_live_update", "nim_live_update"), "ana")
    assert 'list="known-lpp_source"' in through_nim
    assert re.search(r'<datalist id="known-lpp_source">.*<option value="lku-ifixes">', through_nim)


def test_the_set_up_shows_what_is_there_and_what_is_missing_with_its_evidence(
    fleet: Fleet, master: NimMaster
) -> None:
    Vios.objects.create(managed_system=fleet.lpars["pay01"].managed_system, name="viodev1", lpar_id=3)
    page = opened(fleet, reverse("nim-setup", args=[master.pk]))
    assert "With HMC hmc01" in page
    assert "NIM has no object of it; LPARs with NPIV need one." in page
    assert "9080-M9S_78A1234" in page and "was not looked for yet" in page
    assert "TCP 1019 to 1023" in page
    assert "Requesters of a team with an LPAR of this NIM master ask for the set-up through it." in page
    NimObject.objects.filter(object_type="cec").update(retired_at=now())
    page = opened(fleet, reverse("nim-setup", args=[master.pk]))
    assert "NIM has no object with the serial number 78A1234." in page


def test_who_may_ask_is_offered_the_procedures(fleet: Fleet, master: NimMaster) -> None:
    address = reverse("nim-setup", args=[master.pk])
    Membership.objects.create(user=fleet.people["kim"], team=fleet.lpars["pay01"].team, role=Role.REQUESTER)
    page = opened(fleet, address)
    asked = f"{reverse('new-request')}?lpar={fleet.lpars['pay01'].pk}&procedure=nim_setup"
    assert asked in page
    assert opened(fleet, asked)
