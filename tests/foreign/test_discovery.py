"""Discovery from HMCs that are not the lab, through OpenSSH's sshd, against the truth of what they manage."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from inventory.actions.imports import import_hosts
from inventory.models import Discovered, Hmc, Lpar, ManagedSystem, Vios
from portal.access.models import Team
from portal.audit.actor import Actor
from tests.foreign.machine import Machine, description, machine
from tests.foreign.world import HEADING

pytestmark = [pytest.mark.openssh, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

UUID = "5D0E7B1C-33A2-4F0B-8C11-{:012X}"
PAYROLL, SURROGATE, WEB, NOWHERE = (UUID.format(number) for number in (126, 131, 0x209, 0xDEAD))
LPARS = {
    "pay-app73.corp": ("hmc-new", "78B9876", PAYROLL),
    "web.two": ("hmc-old", "21ABCDE", WEB),
    "left.corp": ("hmc-new", "78B9876", NOWHERE),
}
"""What the inventory knows: the first two by other names than their HMCs do, the third is gone."""


@pytest.fixture
def consoles(tmp_path: Path) -> Iterator[dict[str, Machine]]:
    """A new HMC and an old one in another language; both manage p8-web."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(machine(tmp_path / name, name, description(file)))
            for name, file in (("hmc-new", "hmc73"), ("hmc-old", "hmc72"))
        }
        _import(running)
        yield running


def _import(consoles: dict[str, Machine]) -> None:
    Team.objects.create(name="Payroll", slug="payroll")
    rows = [
        {
            "kind": "hmc", "name": name, "address": "127.0.0.1", "port": str(console.server.port),
            "account": "root", "credential": f"{name}-key",
            "credential_reference": console.server.endpoint().credential,
            "host_key_sha256": console.fingerprint, "client_user": "liveupdate",
            "client_credential": "hmc-liveupdate", "client_credential_reference": "env:HMC_PASSWORD",
        }
        for name, console in consoles.items()
    ]  # fmt: skip
    rows += [
        {"kind": "managed_system", "name": f"as bought {serial}", "serial": serial, "hmc": name}
        for name, serial in (("hmc-new", "78B9876"), ("hmc-old", "21ABCDE"))
    ]
    rows += [
        {
            "kind": "lpar", "name": name, "address": name, "account": "root", "credential": "hmc-new-key",
            "host_key_sha256": consoles[hmc].fingerprint, "hmc": hmc, "team": "payroll",
            "managed_system": serial, "uuid": uuid, "application": "Pay",
        }
        for name, (hmc, serial, uuid) in LPARS.items()
    ]  # fmt: skip
    names = HEADING.strip().split(",")
    text = HEADING + "".join(",".join(row.get(name, "") for name in names) + "\n" for row in rows)
    result = import_hosts(
        "hosts.csv", text.encode(), actor=Actor.command("import_hosts:test"), person=None, dry_run=False
    )
    assert result.applied, [str(problem) for problem in result.problems]


def discover(capsys: pytest.CaptureFixture[str], *hmcs: str) -> dict[str, Any]:
    """The rows of `manage.py discover` by HMC, one HMC after the other."""
    rows = {}
    for name in hmcs:
        capsys.readouterr()
        with suppress(SystemExit):
            call_command("discover", "--hmc", name, "--json")
        (rows[name],) = json.loads(capsys.readouterr().out)
    return rows


def waiting() -> set[tuple[str, str, str]]:
    """What a person must decide."""
    return set(Discovered.objects.filter(decision="open").values_list("kind", "change", "name"))


def test_what_two_hmcs_manage(consoles: dict[str, Machine], capsys: pytest.CaptureFixture[str]) -> None:
    rows = discover(capsys, "hmc-new", "hmc-old")
    assert rows["hmc-new"]["state"] == "partial" and "No Connection" in rows["hmc-new"]["problems"][0]
    assert rows["hmc-old"]["state"] == "done", rows["hmc-old"]["problems"]
    systems = {
        system.serial: (system.name, system.type_model, {hmc.host.name for hmc in system.hmcs.all()})
        for system in ManagedSystem.objects.all()
    }
    assert systems == {
        "78B9875": ("Server-9105-42A-SN78B9875", "9105-42A", {"hmc-new"}),
        "78B9876": ("S1024 rack-7 unit 3", "9105-42A", {"hmc-new"}),
        "21ABCDE": ("p8-web", "8286-41A", {"hmc-new", "hmc-old"}),
    }
    vioses = set(Vios.objects.values_list("managed_system__serial", "name", "lpar_id", "level"))
    assert vioses == {
        ("78B9876", "vios-a1", 1, "4.1.0.21"),
        ("78B9876", "vios-a2", 2, "4.1.0.21"),
        ("21ABCDE", "vio-l", 2, "3.1.4.21"),
        ("21ABCDE", "vio-r", 3, "3.1.4.21"),
    }
    lpars = Lpar.objects.values_list("host__name", "partition_name", "lpar_id", "uuid", "partition_state")
    assert set(lpars) == {
        ("pay-app73.corp", "PAY-APP.73 payroll", 126, PAYROLL, "Running"),
        ("web.two", "web-02", 9, WEB, "Running"),
        ("left.corp", "", None, NOWHERE, ""),
    }
    assert waiting() == {("lpar", "new", "test  lpar (old)"), ("lpar", "gone", "left.corp")}
    assert not Lpar.objects.exclude(retired_at=None).exists()
    assert dict(Hmc.objects.values_list("host__name", "version")) == {"hmc-new": "V10R3", "hmc-old": "V9R2"}


def test_an_hmc_without_uuids_retires_nothing(
    consoles: dict[str, Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    discover(capsys, "hmc-old")
    assert Vios.objects.filter(managed_system__serial="21ABCDE").count() == 2
    assert not Lpar.objects.exclude(retired_at=None).exists()
    discover(capsys, "hmc-new", "hmc-old")
    assert Vios.objects.filter(managed_system__serial="21ABCDE").count() == 2
    assert Lpar.objects.get(host__name="web.two").uuid == WEB
    assert waiting() == {("lpar", "new", "test  lpar (old)"), ("lpar", "gone", "left.corp")}


def test_a_live_update_makes_no_ghosts(
    consoles: dict[str, Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    discover(capsys, "hmc-new", "hmc-old")
    told = waiting()
    consoles["hmc-new"].remember("phase", "moving\n")
    assert discover(capsys, "hmc-new")["hmc-new"]["found"]["updating"] == 1
    assert waiting() == told
    consoles["hmc-new"].remember("phase", "after\n")
    assert discover(capsys, "hmc-new")["hmc-new"]["found"]["updating"] == 0
    assert waiting() == told
    lpar = Lpar.objects.get(host__name="pay-app73.corp")
    assert (lpar.partition_name, lpar.lpar_id, lpar.uuid) == ("PAY-APP.73 payroll", 131, SURROGATE)
    assert Lpar.objects.count() == len(LPARS)


@pytest.mark.parametrize("said", ["Aucun résultat n'a été trouvé.\n", ""], ids=["localized", "empty"])
def test_a_list_that_is_not_understood_makes_nothing_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    columns = next(command for command in description("hmc72")["answers"] if command.endswith(",uuid"))
    answer = {"stdout": said, "status": 0}
    changed = description("hmc72", answers={columns: answer, "lssyscfg -r lpar -m p8-web": answer})
    with (
        machine(tmp_path / "new", "hmc-new", description("hmc73")) as new,
        machine(tmp_path / "old", "hmc-old", changed) as old,
    ):
        _import({"hmc-new": new, "hmc-old": old})
        row = discover(capsys, "hmc-old")["hmc-old"]
    assert row["state"] == "partial" and row["problems"]
    assert waiting() == set()
    assert not Vios.objects.exists()
