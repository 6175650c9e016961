"""The output that pages show is the output that was entered, or verification says which is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import OutputChunk
from portal.audit.sealer import seal_now
from portal.audit.verification.report import Problem
from portal.audit.verification.whole import verify_ledger
from tests.integration.engine_world import make_world, sh
from tests.ssh_server import Server, in_process_server

LINES = 20_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def output(transactional_db: None, server: Server, settings: Any) -> list[OutputChunk]:
    """The stored output of a run that printed more than one chunk."""
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
    script = f"i=0; while [ $i -lt {LINES} ]; do echo line $i; i=$((i+1)); done"
    run = start_run(world.approved(world.plan([sh("look", script)])).pk)
    execute(run.pk, "w1")
    seal_now()
    assert verify_ledger().ok
    return list(OutputChunk.objects.filter(command__watch=False, stream="stdout").order_by("offset"))


def first_bad() -> Problem:
    found = verify_ledger().first_bad
    assert found is not None
    return found


def test_an_altered_byte_is_seen(output: list[OutputChunk]) -> None:
    row = output[-1]
    OutputChunk.objects.filter(pk=row.pk).update(
        content=bytes(row.content).replace(b"line 19999", b"line 19998")
    )
    problem = first_bad()
    assert problem.seq is not None
    assert "is not what was entered" in problem.message
    assert "stdout of command 1 of run" in problem.message


def test_a_removed_piece_is_seen(output: list[OutputChunk]) -> None:
    OutputChunk.objects.filter(pk=output[0].pk).delete()
    assert "from byte 0 on" in first_bad().message


def test_exchanged_pieces_are_seen(output: list[OutputChunk]) -> None:
    assert len(output) > 1
    first, second = output[:2]
    content = bytes(first.content)
    OutputChunk.objects.filter(pk=first.pk).update(content=bytes(second.content))
    OutputChunk.objects.filter(pk=second.pk).update(content=content)
    assert "from byte 0 on" in first_bad().message
