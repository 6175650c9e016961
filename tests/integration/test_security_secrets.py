"""Canary secrets, planted wherever a portal has some: none is found where somebody else could read it."""

import asyncio
import base64
import io
import json
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from inventory.models import Credential, Host
from inventory.transport import connect
from inventory.transport.errors import AuthenticationRefused
from liveupdate.actions.feeds import open_feed
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.procedures import step as words
from liveupdate.states import RunState
from portal.access.actions import grant
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.access.tokens import Scope
from portal.audit.actor import Actor
from portal.audit.sealer import seal_now
from tests.api import token_of
from tests.integration.engine_world import World, make_world, sh
from tests.second_factor import PASSWORD, app_of, signed_in
from tests.ssh_server import Server, in_process_server

pytestmark = pytest.mark.django_db(transaction=True)
HMC_PASSWORD = "kanari-7vogel'und"
HOST_PASSWORD = "kanari;8nest$pfad"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(server: Server) -> World:
    return make_world(server.endpoint(), server.endpoint(name="hmc01"))


def dump() -> Iterator[tuple[str, str]]:
    """Every cell of every table as text, and where it stands; bytes as what they say and in base64."""
    for model in apps.get_models(include_auto_created=True):
        names = [field.attname for field in model._meta.concrete_fields]
        for row in model._default_manager.values_list(*names):
            for name, cell in zip(names, row, strict=True):
                raw = bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                yield f"{model._meta.label}.{name}", raw.decode("utf-8", "replace")


def disguises(secret: str) -> set[str]:
    plain = secret.encode()
    return {secret, json.dumps(secret)[1:-1], base64.b64encode(plain).decode().rstrip("=")[:-1], plain.hex()}


def found(secrets: dict[str, str], places: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    """Which secret stands where."""
    forms = [(name, form) for name, secret in secrets.items() for form in disguises(secret)]
    return [(name, where) for where, text in places for name, form in forms if form in text]


@pytest.mark.threat("T6")
@pytest.mark.asvs("11.4.2", "13.3.1")
def test_nothing_in_a_dump_of_the_database_opens_anything(settings: Any) -> None:
    ana = User.objects.create_user("ana", password=PASSWORD)
    team = Team.objects.create(name="Payroll", slug="payroll")
    grant(ana, Role.REQUESTER, team, by=Actor.command("tests"))
    app = app_of(ana)
    client = signed_in("ana", app)
    _, feed = open_feed(ana, team)
    Credential.objects.create(name="aix", reference="env:AIX_KEY")
    secrets = {
        "password": PASSWORD,
        "session": client.cookies["lu"].value,
        "token": token_of(ana, Scope.READ),
        "second factor": app.secret,
        **{f"recovery code {number}": code for number, code in enumerate(app.recovery_codes)},
        "calendar feed": feed,
        "secret key": settings.SECRET_KEY,
    }
    assert len(secrets) == 16
    assert found(secrets, dump()) == []
    assert client.get("/account/").status_code == 200
    thief = Client()
    for _, text in dump():
        if len(text) == 40 and text.isalnum():
            thief.cookies["lu"] = text
            assert thief.get("/account/").status_code == 302, "a session of the dump opens the portal"


@pytest.mark.threat("T6")
@pytest.mark.asvs("13.3.1")
def test_a_credential_of_the_database_is_a_reference() -> None:
    for held in ("kanari", "-----BEGIN OPENSSH PRIVATE KEY-----", "password:kanari", "file:relative"):
        with pytest.raises(Exception, match="credential reference"):
            Credential(name="x", reference=held).full_clean()


@pytest.mark.threat("T8", "T9")
@pytest.mark.asvs("14.2.1", "16.2.5")
def test_a_canary_in_a_dozen_places_is_found_in_none(
    world: World,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("TEST_HMC_PASSWORD", HMC_PASSWORD)
    monkeypatch.setenv("TEST_HOST_PASSWORD", HOST_PASSWORD)
    Credential.objects.create(name="hmc-client", reference="env:TEST_HMC_PASSWORD")
    (server.directory / "typed").write_text(HMC_PASSWORD)
    script = (
        'printf "Enter HMC password: "; read -r p; echo; echo "out $p"; echo "err $p" >&2; '
        'printf %s "$p" | base64; half=$(printf %s "$p" | cut -c1-6); printf "%s" "$half"; sleep 0.2; '
        'printf %s "$p" | cut -c7-; printf %s "$p" | sed "s/./&\\n/g" | head -c 3'
    )
    asking = sh("asking", script).action
    assert isinstance(asking, words.Run)
    prompt = words.Prompt("password: $", "hmc-client")
    steps = [
        sh("auth", "", action=words.Answer(asking.command, (prompt,)), kind=words.StepKind.IDEMPOTENT),
        sh("again", "cat typed; cat typed >&2"),
        sh("fails", "cat typed; exit 3", on_failure=words.OnFailure.RESTORE),
    ]
    run = start_run(world.approved(world.plan(steps)).pk)
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.FAILED, run.reason
    Host.objects.filter(name="pay01").update(contact_problem="")

    wrong = replace(server.endpoint(), credential="env:TEST_HOST_PASSWORD")
    with pytest.raises(AuthenticationRefused) as refused:
        connect(wrong, 5)
    browser = Client(raise_request_exception=False)
    browser.post("/sign-in/", {"username": HOST_PASSWORD, "password": HOST_PASSWORD})
    browser.get("/api/v1/me/", headers={"Authorization": f"Bearer {HOST_PASSWORD}"})
    administrator = User.objects.create_user("adm", password=PASSWORD)
    grant(administrator, Role.ADMINISTRATOR, None, by=Actor.command("tests"))
    browser.force_login(administrator)
    row = f"kind,name,credential_reference\nhmc,hmc09,{HOST_PASSWORD}\n"
    imported = browser.post(reverse("import-hosts"), {"format": "csv", "content": row})
    browser.get("/requests/", {"q": "x"}, headers={"Cookie": f"other={HOST_PASSWORD}"})

    seal_now()
    bundle = tmp_path / "bundle.zip"
    call_command("evidence", "--run", str(run.pk), "--out", str(bundle), stdout=io.StringIO())
    call_command("audit_export", "--out", str(tmp_path / "export"), stdout=io.StringIO())
    addresses = [reverse(name, args=[run.pk]) for name in ("run", "run-transcript")]
    addresses += [f"/audit/?export={kind}" for kind in ("csv", "json")] + ["/hosts/", "/audit/", "/runs/"]
    pages = [(address, body(browser.get(address))) for address in addresses]

    secrets = {"HMC's password": HMC_PASSWORD, "host's password": HOST_PASSWORD}
    assert any("out " in text for _, text in pages), "the transcript shows the output"
    places = [
        *dump(),
        *pages,
        *files(tmp_path / "export"),
        *archived(bundle),
        ("log", caplog.text),
        ("refusal", f"{refused.value} {refused.value.remedy}"),
    ]
    assert len(places) > 500
    assert found(secrets, iter(places)) == []
    shown = body(imported).replace(row.replace("$", "$"), "")
    assert "is no reference to a host&#x27;s secret" in shown


def body(answer: Any) -> str:
    content = asyncio.run(whole(answer.streaming_content)) if answer.streaming else answer.content
    return bytes(content).decode("utf-8", "replace")


async def whole(pieces: Any) -> bytes:
    return b"".join([piece async for piece in pieces])


def files(directory: Path) -> Iterator[tuple[str, str]]:
    for path in directory.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes().decode("utf-8", "replace")


def archived(path: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name, archive.read(name).decode("utf-8", "replace")
