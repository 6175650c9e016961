"""A host that shows another key than the accepted one is connected to again after two people agreed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.actions.host_keys import accept_host_key, note_host_key, propose_host_key
from inventory.command import Command
from inventory.endpoints import endpoint_of
from inventory.models import Credential, Host, HostKey
from inventory.transport import connect
from inventory.transport.errors import HostKeyChanged
from portal.access.actions import grant, revoke
from portal.access.models import User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.errors import Conflict, NotAllowed
from tests.ssh_server import Server, in_process_server

pytestmark = pytest.mark.django_db
OLD = "SHA256:" + "A" * 43


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with in_process_server(tmp_path_factory.mktemp("host")) as running:
        yield running


def administrator(name: str) -> User:
    person = User.objects.create_user(name)
    grant(person, Role.ADMINISTRATOR, None, by=Actor.command("tests"))
    return person


@pytest.fixture
def host(server: Server, settings: Any) -> Host:
    """A host whose accepted key is another one than it shows; what it shows was noted."""
    settings.PORTAL_NETWORKS = ["127.0.0.0/8"]
    server.sign_ins.clear()
    credential = Credential.objects.create(name="lpar-key", reference=f"file:{server.client_key}")
    made = Host.objects.create(
        name="pay01",
        kind="lpar",
        address="127.0.0.1",
        port=server.port,
        account="root",
        credential=credential,
    )
    HostKey.objects.create(host=made, fingerprint=OLD, state=HostKey.State.PINNED)
    blocked(made, server)
    return made


def blocked(host: Host, server: Server) -> None:
    """The host sees no account, and its key is noted as a look notes it."""
    with pytest.raises(HostKeyChanged) as caught:
        connect(endpoint_of(host))
    note_host_key(host, caught.value, Actor.worker("w1"))
    assert server.sign_ins == []


def post(person: User, step: str, key: HostKey) -> int:
    client = Client()
    client.force_login(person)
    return client.post(reverse(f"{step}-host-key", args=[key.host_id, key.pk])).status_code


def entered() -> list[str]:
    return list(
        Intake.objects.filter(event__startswith="hostkey.").order_by("pk").values_list("event", flat=True)
    )


@pytest.mark.threat("T4")
@pytest.mark.asvs("12.3.2")
def test_one_proposes_and_another_accepts_and_in_between_nothing_connects(host: Host, server: Server) -> None:
    ada, bea = administrator("ada"), administrator("bea")
    shown = host.keys.get(state=HostKey.State.CHANGED)
    assert post(ada, "accept", shown) == 409
    assert post(ada, "propose", shown) == 302
    blocked(host, server)
    assert (post(ada, "accept", shown), post(ada, "propose", shown), post(bea, "propose", shown)) == (
        403,
        409,
        409,
    )
    blocked(host, server)
    assert entered() == ["hostkey.change", "hostkey.propose"]

    assert post(bea, "accept", shown) == 302
    assert dict(host.keys.values_list("fingerprint", "state")) == {
        OLD: "retired",
        shown.fingerprint: "pinned",
    }
    with connect(endpoint_of(host)) as connection:
        assert connection.run(Command(("echo", "hello")), deadline_s=10).stdout == b"hello\n"
    assert entered() == ["hostkey.change", "hostkey.propose", "hostkey.pin"]
    pin = json.loads(bytes(Intake.objects.get(event="hostkey.pin").content))
    assert (pin["actor"]["id"], pin["d"]["proposed_by"]) == (str(bea.public_id), f"user:{ada.public_id}")


@pytest.mark.threat("T4")
def test_the_page_offers_each_what_is_theirs(host: Host) -> None:
    shown = host.keys.get(state=HostKey.State.CHANGED)
    propose, accept = f'id="propose-key-{shown.pk}"', f'id="accept-key-{shown.pk}"'

    def page(person: User) -> str:
        client = Client()
        client.force_login(person)
        return client.get(reverse("host", args=[host.pk])).content.decode()

    ada, bea = administrator("ada"), administrator("bea")
    assert (propose in page(ada), accept in page(ada)) == (True, False)
    propose_host_key(shown.pk, ada)
    assert (propose in page(ada), accept in page(ada)) == (False, False)
    assert "Waits for another administrator" in page(ada)
    assert (propose in page(bea), accept in page(bea)) == (False, True)
    auditor = User.objects.create_user("aud")
    grant(auditor, Role.AUDITOR, None, by=Actor.command("tests"))
    assert (propose in page(auditor), accept in page(auditor)) == (False, False)


@pytest.mark.threat("T4")
def test_a_proposal_ends_with_its_proposers_role(host: Host) -> None:
    ada, bea, cia = administrator("ada"), administrator("bea"), administrator("cia")
    shown = host.keys.get(state=HostKey.State.CHANGED)
    propose_host_key(shown.pk, ada)
    revoke(ada, Role.ADMINISTRATOR, None, by=Actor.command("tests"))
    with pytest.raises(Conflict, match="takes two administrators"):
        accept_host_key(shown.pk, bea)
    propose_host_key(shown.pk, bea)
    assert accept_host_key(shown.pk, cia).state == HostKey.State.PINNED


@pytest.mark.threat("T4")
def test_no_proposal_outlives_the_key_it_was_for(host: Host, server: Server) -> None:
    """A key that was replaced and is shown again needs two people again."""
    ada, bea = administrator("ada"), administrator("bea")
    old, shown = host.keys.get(fingerprint=OLD), host.keys.get(state=HostKey.State.CHANGED)
    propose_host_key(shown.pk, ada)
    accept_host_key(shown.pk, bea)
    propose_host_key(old.pk, bea)
    with pytest.raises(NotAllowed, match="somebody else has to accept it"):
        accept_host_key(old.pk, bea)
    accept_host_key(old.pk, ada)
    blocked(host, server)
    shown.refresh_from_db()
    assert (shown.state, shown.proposed_by) == ("changed", None)
    with pytest.raises(Conflict, match="takes two administrators"):
        accept_host_key(shown.pk, bea)


@pytest.mark.threat("T4")
def test_the_first_key_is_one_persons_act(host: Host) -> None:
    ada = administrator("ada")
    host.keys.all().delete()
    first = HostKey.objects.create(host=host, fingerprint="SHA256:" + "b" * 43)
    with pytest.raises(Conflict, match="no accepted key yet"):
        propose_host_key(first.pk, ada)
    accept_host_key(first.pk, ada)
    assert Intake.objects.filter(event="hostkey.pin").count() == 1
