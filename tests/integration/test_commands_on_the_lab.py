"""The commands that scripts rely on, against simulated hosts: JSON, messages, exit statuses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import FactReading, Host, HostKey, Lpar
from liveupdate.models import Plan
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.models import Intake
from portal.lib.canonical import canonical_json, digest
from portal.lib.clock import now

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]
WISH = ["--media", "nim01:/export/aix72/7200-05-04-2220_full", "--target-level", "7200-05-04-2220"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=100) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> RunningLab:
    """The lab's hosts in the inventory, as an administrator imports them."""
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    for name in ("Payroll", "Webshop"):
        Team.objects.create(name=name, slug=name.lower())
    Membership.objects.create(user=User.objects.create_user("adm"), role=Role.ADMINISTRATOR)
    call_command("import_hosts", str(lab.directory / "inventory.csv"), as_user="adm")
    return lab


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """Exit status and JSON of a command."""
    capsys.readouterr()
    try:
        call_command(*words, "--json")
    except SystemExit as left:
        return int(left.code or 0), json.loads(capsys.readouterr().out)
    except CommandError as failed:
        return failed.returncode, json.loads(capsys.readouterr().out)
    return 0, json.loads(capsys.readouterr().out)


def test_facts_readiness_and_plan_of_every_kind_of_lpar(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows = run(capsys, "refresh_facts")
    assert status == 0, rows
    assert {row["name"]: row["level"] for row in rows} == {
        "pay01": "7200-05-03-2148",
        "pay02": "7200-05-03-2148",
        "web01": "7200-05-03-2148",
        "web02": "7200-05-04-2220",
    }
    assert not FactReading.objects.filter(current=True).exclude(state="ok").exists()

    status, answer = run(capsys, "readiness", "pay01", *WISH)
    assert (status, answer["verdict"]) == (0, "ready")
    assert {finding["id"] for finding in answer["findings"]} >= {
        *("RQ-001", "RQ-002", "RQ-004", "RQ-005", "RQ-006", "RQ-008", "RQ-009", "RQ-010", "RQ-011"),
        *("RQ-012", "RQ-013", "RQ-014", "RQ-040", "RQ-041", "RQ-046", "RQ-070", "RQ-071", "RQ-072"),
        *("RQ-100", "RQ-101", "RQ-102", "RQ-103", "RQ-104", "RQ-105", "RQ-106", "RQ-107", "RQ-112"),
        *("RQ-115", "RQ-116", "RQ-117", "RQ-120", "RQ-121", "RQ-140", "RQ-146", "RQ-148", "RQ-160"),
        *("RQ-161", "RQ-162", "RQ-169", "RQ-174", "RQ-175"),
    }
    status, answer = run(capsys, "readiness", "pay02", *WISH)
    assert answer["verdict"] == "ready_with_actions"
    blocked = {finding["id"]: finding for finding in answer["findings"] if finding["state"] == "blocker"}
    assert blocked.keys() >= {"RQ-012", "RQ-140"}
    assert any("TE=ON" in line for seen in blocked["RQ-140"]["evidence"] for line in seen["lines"])

    status, answer = run(capsys, "render_plan", "pay01", "local_live_update", *WISH)
    assert status == 0
    assert digest(answer["canonical"].encode()) == answer["digest"]
    assert canonical_json(answer["plan"]).decode() == answer["canonical"]
    assert run(capsys, "render_plan", "pay01", "local_live_update", *WISH)[1]["digest"] == answer["digest"]
    usual = run(capsys, "render_plan", "pay01", "local_live_update")[1]
    assert usual["digest"] == answer["digest"], "without options: what the NIM master offers"
    status, answer = run(capsys, "render_plan", "pay02", "local_live_update", *WISH)
    assert (status, answer["error"]["code"]) == (2, "cannot_plan")
    status, answer = run(capsys, "render_plan", "web02", "local_live_update", *WISH)
    assert status == 2
    assert not Plan.objects.exists()


DISK_DEFECTS = {
    "group_record_on_spare": ("RQ-108", "warning"),
    "failed_path": ("RQ-109", "warning"),
    "one_port_name": ("RQ-111", "blocker"),
    "full_rootvg": ("RQ-118", "warning"),
    "boot_volume_in_pieces": ("RQ-122", "warning"),
    "encrypted_rootvg": ("RQ-123", "warning"),
    "database_on_spare": ("RQ-101", "blocker"),
}


@pytest.mark.deep
def test_what_is_wrong_with_the_disks_is_found(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "refresh_facts", "web02")
    before = _states(run(capsys, "readiness", "web02")[1])
    for defect in DISK_DEFECTS:
        estate.defect("web02", defect)
    run(capsys, "refresh_facts", "web02")
    after = _states(run(capsys, "readiness", "web02")[1])
    assert {before[check] for check, _ in DISK_DEFECTS.values()} == {"ok"}
    found = {check: after[check] for check, _ in DISK_DEFECTS.values() if check != "RQ-108"}
    assert found == {check: state for check, state in DISK_DEFECTS.values() if check != "RQ-108"}


def _states(judged: dict[str, Any]) -> dict[str, str]:
    return {finding["id"]: finding["state"] for finding in judged["findings"]}


@pytest.mark.deep
def test_the_same_facts_give_the_same_plan_after_another_look(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    digests = set()
    for _ in range(2):
        run(capsys, "refresh_facts", "web01")
        digests.add(run(capsys, "render_plan", "web01", "local_live_update", *WISH)[1]["digest"])
    assert len(digests) == 1


def test_a_host_out_of_reach_is_unknown_and_says_so(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    estate.fault("web01", "refuse")
    try:
        status, rows = run(capsys, "refresh_facts", "web01")
    finally:
        estate.clear("web01")
    assert (status, rows[0]["answered"]) == (1, False)
    assert Host.objects.get(name="web01").contact_state == "unreachable"
    status, answer = run(capsys, "readiness", "web01")
    assert (status, answer["verdict"]) == (1, "unknown")
    assert run(capsys, "render_plan", "web01", "local_live_update", *WISH)[0] == 2


@pytest.mark.threat("T4")
def test_a_changed_host_key_blocks_and_stands_in_the_ledger(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    pinned = HostKey.objects.get(host__name="web01")
    HostKey.objects.filter(pk=pinned.pk).update(fingerprint="SHA256:" + "A" * 43)
    status, rows = run(capsys, "refresh_facts", "web01")
    assert status == 1
    assert any("host key is not the pinned one" in problem for problem in rows[0]["problems"])
    changed = HostKey.objects.get(host__name="web01", state=HostKey.State.CHANGED)
    assert changed.fingerprint == pinned.fingerprint
    assert Intake.objects.filter(event="hostkey.change").count() == 1
    assert Host.objects.get(name="web01").contact_state == "refused"


def test_groups_are_chosen_by_team_environment_and_age(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows = run(capsys, "readiness", "--all")
    assert (status, [row["verdict"] for row in rows]) == (1, ["unknown"] * 4)
    status, rows = run(capsys, "readiness", "--team", "payroll")
    assert [row["name"] for row in rows] == ["pay01", "pay02"]
    Lpar.objects.update(facts_read_at=now())
    Lpar.objects.filter(host__name="web01").update(stale_at=now())
    status, rows = run(capsys, "refresh_facts", "--team", "webshop", "--stale-only")
    assert (status, [(row["name"], row["state"], row["changed"]) for row in rows]) == (
        0,
        [("web01", "ok", [])],
    )
    Lpar.objects.filter(host__name="web01").update(stale_at=now())
    status, answer = run(capsys, "readiness", "web01")
    assert (status, answer["verdict"], answer["stale"]) == (1, "unknown", True)
    assert run(capsys, "readiness", "--all", "web01")[0] == 2
    assert run(capsys, "refresh_facts", "--team", "nobody")[0] == 2
    Lpar.objects.update(retired_at=now())
    assert run(capsys, "refresh_facts") == (0, [])


def test_an_unknown_name_is_an_error(estate: RunningLab, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["readiness", "nobody"], ["refresh_facts", "nobody"], ["render_plan", "nobody", "x"]):
        status, answer = run(capsys, *words)
        assert status == 2
        assert "nobody" in answer["error"]["message"]
    assert run(capsys, "render_plan", "pay01", "no_such_procedure")[0] == 2
    assert Lpar.objects.count() == 4


@pytest.mark.deep
def test_software_that_live_update_does_not_like_is_found_where_it_is(
    estate: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    defects = {
        "RQ-015": ("inconsistent_fileset", "blocker"),
        "RQ-020": ("shared_library_kernel", "blocker"),
        "RQ-022": ("pfcdaemon_down", "warning"),
        "RQ-023": ("old_rsct", "warning"),
        "RQ-024": ("old_sddpcm", "warning"),
        "RQ-025": ("foreign_multipath", "warning"),
        "RQ-026": ("old_powersc", "warning"),
        "RQ-027": ("cluster_managed", "blocker"),
        "RQ-028": ("asynchronous_mirror", "blocker"),
        "RQ-029": ("database", "unknown"),
        "RQ-030": ("space_managed", "blocker"),
        "RQ-031": ("second_aix_copy", "blocker"),
        "RQ-033": ("virtual_io_server", "blocker"),
    }
    for defect, _ in defects.values():
        estate.defect("web02", defect)
    run(capsys, "refresh_facts", "web02")
    _, answer = run(capsys, "readiness", "web02")
    found = {finding["id"]: finding["state"] for finding in answer["findings"]}
    assert {check: found[check] for check in defects} == {
        check: state for check, (_, state) in defects.items()
    }
    assert {found[check] for check in ("RQ-021", "RQ-032")} == {"ok"}

    estate.defect("web02", "cluster_unmanaged")
    run(capsys, "refresh_facts", "web02")
    _, answer = run(capsys, "readiness", "web02")
    assert "ok" in {finding["state"] for finding in answer["findings"] if finding["id"] == "RQ-027"}
