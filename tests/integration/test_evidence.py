"""Every row that a page shows as a record is compared with the ledger: what was tampered with is named."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from inventory.actions.host_keys import accept_host_key, propose_host_key
from inventory.models import HostKey
from liveupdate.actions.conversation import say
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Approval, Comment, Plan, Request, Run, RunCommand
from liveupdate.states import RunState
from portal.access.actions import grant
from portal.access.models import User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from tests.integration.engine_world import World, make_world, sh
from tests.ssh_server import in_process_server


@pytest.fixture
def world(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[World]:
    """A finished run of two commands, a request with two decisions, and an accepted host key."""
    with in_process_server(tmp_path / "host") as server:
        settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
        made = make_world(server.endpoint(), server.endpoint(name="hmc01"))
        execute(start_run(made.approved(made.plan([sh("a", "echo one"), sh("b", "echo two")])).pk).pk, "w1")
    made.decide(made.approved(made.plan([sh("c", "true")])), Approval.Decision.WITHDRAW)
    say(made.approver, Request.objects.latest("pk").pk, "Why tonight?")
    root = User.objects.create(username="root")
    grant(root, Role.ADMINISTRATOR, None, by=Actor.command("tests"))
    keys = [HostKey.objects.create(host=made.lpar.host, fingerprint="SHA256:" + c * 43) for c in "AB"]
    accept_host_key(keys[0].pk, root)
    propose_host_key(keys[1].pk, root)
    second = User.objects.create(username="second")
    grant(second, Role.ADMINISTRATOR, None, by=Actor.command("tests"))
    accept_host_key(keys[1].pk, second)
    seal_now()
    report = verify_ledger()
    assert report.ok, report.problems
    yield made


def forge_approval(world: World) -> None:
    plan = Plan.objects.order_by("pk").last()
    assert plan
    Approval.objects.create(pk=999, plan=plan, person=world.approver, decision="approve", digest=plan.digest)


def forge_command(world: World) -> None:
    command = RunCommand.objects.get(number=2)
    command.pk, command.number = None, 9
    command.save(force_insert=True)


def forge_plan(world: World) -> None:
    plan = Plan.objects.order_by("pk").last()
    assert plan
    plan.pk = 999
    plan.save(force_insert=True)


def forge_run(world: World) -> None:
    request = Request.objects.order_by("pk").last()
    assert request
    Run.objects.create(pk=999, request=request, plan=request.plan, lpar=request.lpar)


def pin_the_key_before(world: World) -> None:
    HostKey.objects.filter(state="pinned").update(state="retired")
    HostKey.objects.filter(fingerprint__startswith="SHA256:A").update(state="pinned")


def of(model: Any, **changes: Any) -> Callable[[World], None]:
    return lambda world: model.objects.filter(pk=model.objects.order_by("pk").first().pk).update(**changes)


def gone(model: Any, **which: Any) -> Callable[[World], None]:
    return lambda world: model.objects.filter(**which)._raw_delete("default")


ATTACKS: list[tuple[str, Callable[[World], None]]] = [
    ("Request R-… is not what was entered.", of(Request, media="nim01:/elsewhere")),
    ("Request R-… is not what was entered.", of(Request, ends_at="2031-01-01T00:00:00Z")),
    ("Plan … is not what was entered.", of(Plan, document="{}")),
    ("Plan … is not what was entered.", of(Plan, digest="sha256:" + "0" * 64)),
    ("Plan 999 was never entered", forge_plan),
    ("Decision … is not what was entered.", of(Approval, decision="reject")),
    ("Decision … is not what was entered.", of(Approval, decision="nonsense")),
    ("Decision … is not what was entered.", of(Approval, reason="looked at it")),
    ("Decision 999 was never entered", forge_approval),
    ("Comment … is not what was entered.", of(Comment, text="Fine.")),
    ("Comment … was entered and is not there any more.", gone(Comment)),
    ("Decision … was entered and is not there any more.", gone(Approval, decision="withdraw")),
    ("The end of run … is not what was entered.", of(Run, blackout_ms=1)),
    ("The end of run … is not what was entered.", of(Run, level_after="7200-05-04-2220")),
    ("The end of run … is not what was entered.", of(Run, state=RunState.FAILED)),
    ("The end of run … was entered and is not there", of(Run, state=RunState.RUNNING)),
    ("Run … is not what was entered.", of(Run, uid="0" * 32)),
    ("Run 999 was never entered", forge_run),
    ("Command 1 of run … is not what was entered.", of(RunCommand, line="echo 1")),
    ("Command 1 of run … is not what was entered.", of(RunCommand, host="pay02")),
    ("The end of command 1 of run … is not what was entered.", of(RunCommand, status=1)),
    ("The end of command 1 of run … was entered and is not there", of(RunCommand, state="unknown")),
    ("The end of command 9 of run … was never entered", forge_command),
    ("The accepted key of host pay01 is not what was entered.", pin_the_key_before),
    (
        "The accepted key of host pay01 is not what was entered.",
        of(HostKey, state="pinned"),
    ),
]


def test_every_tampering_with_a_record_is_named(world: World) -> None:
    for expected, attack in ATTACKS:
        with transaction.atomic():
            attack(world)
            report = verify_ledger()
            transaction.set_rollback(True)
        beginning, _, end = expected.partition("…")
        said = [problem.message for problem in report.problems]
        assert any(each.startswith(beginning) and end in each for each in said), (expected, said)
    assert verify_ledger().ok


def test_what_changes_while_it_is_verified_is_no_tampering(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.audit.verification import whole

    walk = whole._walk
    asked = Request.objects.count()

    def walk_while_people_work(*arguments: Any) -> int:
        world.approved(world.plan([sh("d", "true")]))
        found = walk(*arguments)
        world.approved(world.plan([sh("e", "true")]))
        return found

    monkeypatch.setattr(whole, "_walk", walk_while_people_work)
    report = verify_ledger()
    assert Request.objects.count() == asked + 2
    assert report.ok, report.problems
