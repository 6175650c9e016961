"""Import of hosts: all or nothing, every bad row named, keys pinned, nothing secret stored."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from inventory.actions.imports import ImportResult, import_hosts
from inventory.imports.reader import read_rows
from inventory.models import Credential, Host, HostKey, Lpar, ManagedSystem, NimMaster
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.errors import Invalid, NotAllowed

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
CSV = (EXAMPLES / "inventory.csv").read_bytes()
pytestmark = pytest.mark.django_db


@pytest.fixture
def teams() -> None:
    Team.objects.create(name="Payroll", slug="payroll")
    Team.objects.create(name="Webshop", slug="webshop")


@pytest.fixture
def ada() -> User:
    person = User.objects.create_user("ada")
    Membership.objects.create(user=person, role=Role.ADMINISTRATOR)
    return person


def run(content: bytes, *, name: str = "inventory.csv", dry_run: bool = False) -> ImportResult:
    return import_hosts(name, content, actor=Actor.command("test"), person=None, dry_run=dry_run)


def with_cell(line: int, column: str, value: str, content: bytes = CSV) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode())))
    rows[line - 1][rows[0].index(column)] = value
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("name", ["inventory.csv", "inventory.yaml"])
def test_the_documented_examples_import(teams: None, name: str) -> None:
    result = run((EXAMPLES / name).read_bytes(), name=name)
    assert result.applied
    assert not result.problems
    lpar = Lpar.objects.get(host__name="pay01")
    assert (lpar.managed_system.serial, lpar.team.slug, lpar.hmc.client_user) == (
        "78A1234",
        "payroll",
        "liveupdate",
    )
    assert lpar.hmc.client_credential is not None
    assert lpar.hmc.client_credential.reference == "env:HMC_LIVEUPDATE_PASSWORD"


def test_a_nim_master_keeps_its_limit_and_its_directory(teams: None) -> None:
    row = {"kind": "nim_master", "name": "nim09", "address": "10.254.0.19", "account": "root"}
    row |= {"credential": "nim09-key", "credential_reference": "agent:"}
    chosen = {"runs_at_once": "2", "live_update_directory": "/nimdata/lku"}

    def content(cells: dict[str, str]) -> bytes:
        return f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()

    assert run(content(row)).applied
    master = NimMaster.objects.get(host__name="nim09")
    assert (master.runs_at_once, master.live_update_directory) == (4, "/export/nim/liveupdate")
    assert run(content(row | chosen)).applied
    master.refresh_from_db()
    assert (master.runs_at_once, master.live_update_directory) == (2, "/nimdata/lku")
    wrong = run(content(row | {"runs_at_once": "0", "live_update_directory": "nimdata"}))
    assert {problem.column for problem in wrong.problems} == set(chosen)


def test_importing_twice_changes_nothing(teams: None) -> None:
    run(CSV)
    again = run(CSV)
    assert {change.what for change in again.changes} == {"unchanged"}
    assert Host.objects.count() == 4


def test_dry_run_writes_nothing_but_tells(teams: None) -> None:
    result = run(CSV, dry_run=True)
    assert not result.applied
    assert {change.what for change in result.changes} == {"new"}
    assert not Host.objects.exists()


def test_a_fingerprint_pins_the_key(teams: None, ada: User) -> None:
    import_hosts("inventory.csv", CSV, actor=Actor.person(ada.public_id), person=ada, dry_run=False)
    key = HostKey.objects.get(host__name="pay01")
    assert (key.state, key.accepted_by) == (HostKey.State.PINNED, ada)
    assert not HostKey.objects.filter(host__name="web01").exists()


def test_another_fingerprint_is_refused(teams: None) -> None:
    run(CSV)
    result = run(with_cell(2, "host_key_sha256", "SHA256:" + "A" * 43))
    assert not result.applied
    assert [(p.line, p.column) for p in result.problems] == [(2, "host_key_sha256")]
    assert "page" in result.problems[0].message


@pytest.mark.parametrize(
    ("line", "column", "value", "says"),
    [
        (2, "kind", "server", "not a kind"),
        (2, "port", "70000", "not a port"),
        (2, "port", "٢٢", "not a port"),
        (2, "address", "10.1.0.5; rm -rf /", "host name"),
        (2, "account", "root user", "account"),
        (2, "credential_reference", "hunter2", "never the secret"),
        (2, "host_key_sha256", "MD5:aa:bb", "SHA256:"),
        (2, "serial", "78A1234", "leave it empty"),
        (3, "hmc", "hmc99", "neither in the inventory nor in this file"),
        (5, "team", "nobody", "team nobody"),
        (5, "uuid", "26", "UUID"),
        (5, "managed_system", "00000", "serial 00000"),
        (5, "rollback_clone_disk", "rootvg", "hdisk11"),
        (6, "name", "pay01", "line 5"),
        (6, "uuid", "1f0a3c52-6b7d-4e8f-9a0b-1c2d3e4f5a6b", "line 5"),
        (6, "credential", "unknown-key", "not known"),
    ],
)
def test_every_bad_row_is_named_and_nothing_is_written(
    teams: None, line: int, column: str, value: str, says: str
) -> None:
    result = run(with_cell(line, column, value))
    assert not result.applied
    assert line in {problem.line for problem in result.problems}
    assert says in " ".join(str(problem) for problem in result.problems)
    assert not Host.objects.exists()
    assert not Credential.objects.exists()


@pytest.mark.threat("T9")
def test_a_secret_in_the_reference_column_is_not_repeated(teams: None) -> None:
    result = run(with_cell(2, "credential_reference", "hunter2"))
    assert "hunter2" not in " ".join(str(problem) for problem in result.problems)


def test_all_bad_rows_are_named_at_once(teams: None) -> None:
    result = run(with_cell(5, "uuid", "26", with_cell(2, "port", "0")))
    assert [problem.line for problem in result.problems] == [2, 5]


def test_a_new_name_for_a_known_partition_renames_it(teams: None) -> None:
    run(CSV)
    run(with_cell(5, "name", "pay91"))
    assert Lpar.objects.get(uuid="1F0A3C52-6B7D-4E8F-9A0B-1C2D3E4F5A6B").name == "pay91"
    assert not Host.objects.filter(name="pay01").exists()


def test_a_host_cannot_take_anothers_name(teams: None) -> None:
    run(CSV)
    lines = CSV.splitlines()
    result = run(b"\n".join([lines[0], lines[4].replace(b"lpar,pay01", b"lpar,nim01")]))
    assert [problem.column for problem in result.problems] == ["name"]


@pytest.mark.threat("T24", "T29")
@pytest.mark.asvs("1.5.2", "5.2.2")
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"kind,name\n", "ends in"),
        ("a.csv", b"", "kind and name"),
        ("a.csv", b"kind,name\n", "no rows"),
        ("a.csv", b"kind,name,secret\nhmc,h,x\n", "unknown columns: secret"),
        ("a.csv", b"kind,name\nhmc,h,x\n", "3 cells"),
        ("a.csv", b"kind,name\n\xff\xfe,h\n", "UTF-8"),
        ("a.yaml", b"kind: hmc", "not a list"),
        ("a.yaml", b"- [1, 2]", "not a mapping"),
        ("a.yaml", b"- {kind: hmc, name: [[a]]}", "nested too deeply"),
        ("a.yaml", b"- {kind: hmc, name: {a: b}}", "name is not text"),
        ("a.yaml", b"- {kind: !!python/object:os.system x, name: a}", "a reference or a type"),
        ("a.yaml", b"- {kind: !!timestamp x, name: a}", "a reference or a type"),
        ("a.yaml", b"- &a {kind: hmc, name: a}\n- *a\n", "a reference or a type"),
        ("a.yaml", b"- &a {kind: hmc}\n- {<<: [*a, *a]}\n", "a reference or a type"),
        ("a.yaml", b"[" * 30_000 + b"]" * 30_000, "nested too deeply"),
        ("a.yaml", b"- {kind: hmc, name: a}\n---\n- {kind: hmc, name: b}\n", "not valid YAML"),
        ("a.csv", b"kind,name\nhmc," + b"a" * 200_000 + b"\n", "not valid CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(name: str, content: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        run(content, name=name)


@pytest.mark.parametrize("written", ["0123456", "1e10", "2020-13-45", "yes", "1:30", "1_000", "0x1F"])
def test_yaml_values_are_taken_as_they_are_written(written: str) -> None:
    [row] = read_rows("a.yaml", f"- {{kind: managed_system, name: m, serial: {written}}}".encode())
    assert row["serial"] == written


def test_empty_yaml_values_are_empty() -> None:
    [row] = read_rows("a.yaml", b"- {kind: lpar, name: a, port: ~, hmc: , team: null, uuid: '~'}")
    assert [row[column] for column in ("port", "hmc", "team", "uuid")] == ["", "", "", "~"]


@pytest.mark.threat("T9")
@pytest.mark.asvs("13.3.2")
@pytest.mark.parametrize(
    "reference", ["env:SECRET_KEY", "env:DATABASE_URL", "file:{key}", "file:{parent}/../ledger/{name}"]
)
def test_no_host_is_sent_the_portals_own_secrets(teams: None, settings: Any, reference: str) -> None:
    key = Path(settings.LEDGER_KEY_FILE)
    place = reference.format(key=key, parent=key.parent, name=key.name)
    result = run(with_cell(2, "credential_reference", place))
    assert [(problem.line, problem.column) for problem in result.problems] == [(2, "credential_reference")]
    assert place not in str(result.problems[0])


def test_importing_needs_the_administrators_role(teams: None) -> None:
    root = User.objects.create_superuser("root", password="irrelevant-here")
    with pytest.raises(NotAllowed):
        import_hosts("inventory.csv", CSV, actor=Actor.person(root.public_id), person=root, dry_run=False)
    assert not ManagedSystem.objects.exists()


def test_the_command_speaks_json_and_exits_honestly(
    teams: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(CSV)
    bad.write_bytes(with_cell(2, "port", "x"))
    with pytest.raises(SystemExit) as refused:
        call_command("import_hosts", str(bad), json=True)
    assert refused.value.code == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["applied"], answer["problems"][0]["line"]) == (False, 2)
    call_command("import_hosts", str(good), json=True)
    assert json.loads(capsys.readouterr().out)["applied"] is True
    with pytest.raises(CommandError):
        call_command("import_hosts", str(tmp_path / "absent.csv"))


POWERVC = """
- {kind: powervc, name: pvc01, address: 10.1.0.9, client_user: lku, client_credential: pvc-lku,
   client_credential_reference: "env:POWERVC_PASSWORD", project: aix}
- {kind: lpar, name: pay01, address: 10.1.0.21, account: root, credential: aix-key, hmc: hmc01,
   managed_system: 78A1234, uuid: 1F0A3C52-6B7D-4E8F-9A0B-1C2D3E4F5A6B, team: payroll, powervc: pvc01}
"""


def test_a_powervc_takes_its_place_beside_the_hmc(teams: None) -> None:
    assert run(CSV).applied
    assert run(POWERVC.encode(), name="more.yaml").applied
    lpar = Lpar.objects.get(host__name="pay01")
    assert lpar.powervc is not None
    assert (lpar.hmc.host.name, lpar.powervc.address, lpar.powervc.project) == ("hmc01", "10.1.0.9", "aix")
    assert lpar.powervc.client_credential.reference == "env:POWERVC_PASSWORD"
    again = run(POWERVC.encode(), name="more.yaml")
    assert {change.what for change in again.changes} == {"unchanged"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("client_user: lku,", "", "a powervc needs it"),
        ("powervc: pvc01", "powervc: pvc02", "PowerVC pvc02 is neither in the inventory nor in this file"),
        ("project: aix", "project: a b", "is not a project of PowerVC"),
        ("project: aix", "account: root", "does not belong to a powervc"),
    ],
)
def test_a_powervc_row_that_cannot_be(teams: None, old: str, new: str, says: str) -> None:
    assert run(CSV).applied
    result = run(POWERVC.replace(old, new).encode(), name="more.yaml")
    assert not result.applied
    assert says in " ".join(str(problem) for problem in result.problems)
