"""The edit of NIM's method (P4): one line of one known file, with the original kept and put back."""

import subprocess
from pathlib import Path

import pytest

from inventory.lab.liveupdate.nim_method import text as lab_text
from liveupdate.engine.judge import Outcome, judge
from liveupdate.lpar.consents import Consent
from liveupdate.procedures import nim_method
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.nim_method import EDITED, LINE, METHOD, ORIGINAL, WANTED
from liveupdate.procedures.step import Run, Step
from tests.unit.plan_subject import subject

OLD, FIXED = "7200-02-02-1810", "7200-02-03-1845"
ALLOWED = frozenset({Consent.EDIT_NIM_METHOD.value})


def draft_at(level: str, consents: frozenset[str] = ALLOWED) -> Draft:
    draft = Draft(subject({"oslevel": f"{level}\n"}, procedure="nim_live_update"), "", consents)
    draft.write(nim_method.licences)
    return draft


class Machine:
    """A directory that stands for the LPAR: the plan's steps run in it, by a real shell."""

    def __init__(self, root: Path, content: str) -> None:
        self.root = root
        self.saved: dict[str, bytes] = {}
        for path in (METHOD, ORIGINAL):
            self.file(path).parent.mkdir(parents=True, exist_ok=True)
        self.file(METHOD).write_text(content)

    def file(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def met(self, step: Step) -> bool:
        """Run a step; whether its expectation is met."""
        assert isinstance(step.action, Run)
        line = step.action.command.wire()
        for path in (METHOD, ORIGINAL, EDITED):
            line = line.replace(path, str(self.file(path)))
        done = subprocess.run(["/bin/ksh93", "-c", line], capture_output=True, check=False)
        self.saved[step.id] = done.stdout
        saved = self.saved.get(step.expect.equals_saved)
        return judge(
            step.expect, Outcome(done.returncode, [done.stdout], [done.stderr]), saved and [saved]
        ).met


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, lab_text(OLD))


def test_one_line_is_changed_and_put_back(machine: Machine) -> None:
    draft, before = draft_at(OLD), machine.file(METHOD).read_text()
    assert [step.id for step in draft.steps if not machine.met(step)] == []
    changed = machine.file(METHOD).read_text()
    assert changed == before.replace(LINE, WANTED) != before
    assert [step.id for step in draft.restoration if not machine.met(step)] == []
    assert machine.file(METHOD).read_text() == before == machine.file(ORIGINAL).read_text()


def test_what_the_update_delivered_stays(machine: Machine) -> None:
    draft = draft_at(OLD)
    assert all([machine.met(step) for step in draft.steps])
    machine.file(METHOD).write_text(lab_text(FIXED))
    assert all([machine.met(step) for step in draft.restoration])
    assert machine.file(METHOD).read_text() == lab_text(FIXED)


def test_a_change_that_stays_is_seen(machine: Machine) -> None:
    draft = draft_at(OLD)
    assert all([machine.met(step) for step in draft.steps])
    (proof,) = [step for step in draft.restoration if step.id == "nim_method_is_back"]
    assert not machine.met(proof)


@pytest.mark.parametrize(
    "content",
    [
        lab_text(FIXED),
        lab_text(OLD).replace(LINE, WANTED),
        lab_text(OLD).replace(LINE, f"{LINE}\n{LINE}"),
        lab_text(OLD).replace(LINE, f"# {LINE}"),
        "",
    ],
)
def test_another_file_is_left_alone(tmp_path: Path, content: str) -> None:
    machine = Machine(tmp_path, content)
    (known,) = [step for step in draft_at(OLD).steps if step.id == "nim_method_known"]
    assert not machine.met(known)


def test_an_edit_that_changed_more_is_seen(machine: Machine) -> None:
    draft = draft_at(OLD)
    *steps, proof = draft.steps
    assert all([machine.met(step) for step in steps])
    machine.file(METHOD).write_text(machine.file(METHOD).read_text() + "exit 0\n")
    assert not machine.met(proof)


def test_only_levels_that_need_it_and_only_with_consent() -> None:
    assert draft_at(FIXED).steps == []
    refused = draft_at(OLD, frozenset())
    assert refused.steps == [] and "The request must allow" in refused.reasons[0]
