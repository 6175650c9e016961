"""The pages of LPARs, hosts and the import: what they say and what their forms do."""

from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inventory.models import FactReading, Host, HostKey, Lpar
from liveupdate.actions.verdicts import judge_again
from portal.audit.models import Intake
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
HEADER = (
    "kind,name,address,port,account,credential,credential_reference,host_key_sha256,hmc,serial,type_model,"
    "managed_system,uuid,nim_master,team,environment,application,client_user,client_credential,"
    "client_credential_reference,rollback_clone_disk\n"
)
GOOD = HEADER + "nim_master,nim02,10.254.0.9,22,root,lpar-key,,,,,,,,,,,,,,,\n"
BAD = HEADER + "lpar,pay09,10.254.0.9,70000,root,lpar-key,,,nohmc,,,,,,,,,,,,\n"


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def client_of(fleet: Fleet, person: str) -> Client:
    client = Client()
    client.force_login(fleet.people[person])
    return client


def opened(fleet: Fleet, person: str, address: str) -> str:
    answer = client_of(fleet, person).get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_an_lpar_says_what_stands_in_the_way_and_on_what_it_rests(fleet: Fleet) -> None:
    page = opened(fleet, "ana", reverse("lpar", args=[fleet.lpars["pay02"].pk]))
    assert 'data-verdict="ready_with_actions"' in page
    assert "Trusted Execution is on." in page
    assert "pay02$ trustchk -p" in page
    assert "TE=ON" in page
    assert "if the request allows: Switch Trusted Execution off during the update" in page
    assert "?lpar=" in page
    assert "?lpar=" not in opened(fleet, "ivy", reverse("lpar", args=[fleet.lpars["pay02"].pk]))


def test_what_could_not_be_understood_is_unknown_with_its_raw_text(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    reading = FactReading.objects.get(subject=lpar.host, fact="oslevel")
    reading.stdout = "Speicherzugriffsfehler <b>\x1b[1m\n"
    reading.save()
    judge_again(lpar)
    page = client_of(fleet, "ana").get(reverse("lpar", args=[lpar.pk])).content.decode()
    assert 'data-verdict="unknown"' in page
    assert "Speicherzugriffsfehler &lt;b&gt;" in page
    assert "\x1b" not in page
    page = client_of(fleet, "ana").get(reverse("reading", args=[lpar.pk, reading.pk])).content.decode()
    assert "Speicherzugriffsfehler &lt;b&gt;" in page


def test_a_look_is_asked_for_and_the_page_waits_for_it(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    assert client_of(fleet, "ana").post(reverse("look", args=[lpar.pk])).status_code == 302
    lpar.refresh_from_db()
    assert lpar.look_asked_at is not None
    page = opened(fleet, "ana", reverse("lpar", args=[lpar.pk]))
    assert "every 2s" in page
    Lpar.objects.filter(pk=lpar.pk).update(facts_read_at=lpar.look_asked_at)
    assert "every 2s" not in opened(fleet, "ana", reverse("lpar", args=[lpar.pk]))


def test_a_reading_of_another_lpar_is_not_found(fleet: Fleet) -> None:
    foreign = FactReading.objects.filter(subject=fleet.lpars["web01"].host).first()
    assert foreign is not None
    address = reverse("reading", args=[fleet.lpars["pay01"].pk, foreign.pk])
    assert client_of(fleet, "ana").get(address).status_code == 404


def test_a_first_host_key_is_accepted_by_an_administrator(fleet: Fleet) -> None:
    host = fleet.lpars["pay01"].host
    host.keys.all().delete()
    key = HostKey.objects.create(host=host, fingerprint="SHA256:" + "n" * 43, key_type="ssh-rsa")
    form = f'id="accept-key-{key.pk}"'
    assert form not in opened(fleet, "kim", reverse("host", args=[host.pk]))
    assert form in opened(fleet, "adm", reverse("host", args=[host.pk]))
    address = reverse("accept-host-key", args=[host.pk, key.pk])
    assert client_of(fleet, "adm").post(address).status_code == 302
    assert dict(host.keys.values_list("fingerprint", "state")) == {key.fingerprint: "pinned"}
    assert client_of(fleet, "adm").post(address).status_code == 409
    assert Intake.objects.filter(event="hostkey.pin").count() == 1


def test_a_key_of_another_host_is_not_found(fleet: Fleet) -> None:
    other = HostKey.objects.get(host__name="web01")
    address = reverse("accept-host-key", args=[fleet.lpars["pay01"].host_id, other.pk])
    assert client_of(fleet, "adm").post(address).status_code == 404


def send(fleet: Fleet, **fields: Any) -> tuple[int, str]:
    answer = client_of(fleet, "adm").post(reverse("import-hosts"), fields)
    return answer.status_code, unescape(answer.content.decode())


def test_a_file_is_checked_first_and_changes_nothing(fleet: Fleet) -> None:
    upload = SimpleUploadedFile("hosts.csv", GOOD.encode())
    status, page = send(fleet, file=upload, format="csv", check="1")
    assert status == 200
    assert "hosts.csv is clean" in page
    assert 'name="import"' in page
    assert "nim02" in page
    assert not Host.objects.filter(name="nim02").exists()
    assert send(fleet, content=GOOD, format="csv", **{"import": "1"})[0] == 302
    assert Host.objects.filter(name="nim02").exists()


def test_every_bad_cell_is_named_and_nothing_is_imported(fleet: Fleet) -> None:
    for button in ("check", "import"):
        status, page = send(fleet, content=BAD, format="csv", **{button: "1"})
        assert status == 200
        assert "nothing was imported" in page
        assert 'name="import"' not in page
        assert "70000" in page
        assert "nohmc" in page
    assert not Host.objects.filter(name="pay09").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"content": "", "format": "csv"},
        {"content": "\x00", "format": "csv"},
        {"content": "a: [", "format": "yaml"},
        {"content": "- &a [*a]", "format": "yaml"},
        {"content": "x", "format": "xml"},
    ],
)
def test_what_is_no_file_of_hosts_is_said(fleet: Fleet, fields: dict[str, str]) -> None:
    status, page = send(fleet, **fields)
    assert status == 200
    assert "errorlist" in page or "nothing was imported" in page
