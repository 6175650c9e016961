"""The evidence of a sample of runs, and the auditor's own five lines that draw the same."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from liveupdate.bundle.sample import draw_of
from liveupdate.reports.sections.sample import ALGORITHM
from portal.audit.models import Intake
from portal.audit.sealer import seal_now
from portal.lib.clock import now
from portal.lib.errors import Invalid
from tests.fleet import Fleet, make_fleet
from tests.history import Change, History

pytestmark = pytest.mark.django_db
QUARTER = ("--from", "2026-01-01", "--to", "2026-04-01")


@pytest.fixture
def fleet() -> Fleet:
    """Nine runs of the quarter, of Payroll and of Webshop in turn, and one after it."""
    fleet = make_fleet()
    past, begin = History(), now().replace(year=2026, month=1, day=10)
    past.people(begin.replace(day=1))
    changes = [
        Change(fleet.lpars[lpar], fleet.people[person], begin.replace(month=month, day=day))
        for lpar, person, month, days in (
            ("pay01", "ana", 2, range(1, 6)),
            ("web01", "wes", 3, range(1, 5)),
            ("pay01", "ana", 4, range(2, 3)),
        )
        for day in days
    ]  # fmt: skip
    past.changes(changes)
    past.enter()
    seal_now()
    return fleet


def evidence(*options: str) -> None:
    call_command("evidence", *options, stdout=io.StringIO(), stderr=io.StringIO())


def drawn_by_hand(folder: Path, seed: str, size: int) -> list[int]:
    """What an auditor's own program draws from the register."""
    program = "\n".join(ALGORITHM).replace("SEED", repr(seed)).replace("SIZE", str(size))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    runs: list[int] = json.loads(done.stdout)
    return runs


def test_each_run_drawn_has_its_bundle_and_five_lines_draw_the_same(fleet: Fleet, tmp_path: Path) -> None:
    folder, seed = tmp_path / "sample", "Our seed: 2026"
    evidence("--sample", f"{seed}:4", *QUARTER, "--out", str(folder))
    told = json.loads((folder / "sample.json").read_bytes())
    assert (told["seed"], told["size"], told["team"]) == (seed, 4, "")
    assert told["runs"] == drawn_by_hand(folder, seed, 4)
    assert len(set(told["runs"])) == 4
    names = {"register.csv", "sample.json", *(f"run-{run}.zip" for run in told["runs"])}
    assert {path.name for path in folder.iterdir()} == names
    for run in told["runs"]:
        with zipfile.ZipFile(folder / f"run-{run}.zip") as bundle:
            assert json.loads(bundle.read("manifest.json"))["scope"] == {"run": str(run)}
    assert Intake.objects.filter(event="export.create").count() == 4
    assert not list(tmp_path.glob(".*.part"))


def test_a_bundle_of_the_sample_is_checked_by_its_own_script(fleet: Fleet, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    evidence("--sample", "s:1", *QUARTER, "--out", str(folder))
    [path] = folder.glob("run-*.zip")
    with zipfile.ZipFile(path) as bundle:
        (tmp_path / "verify.py").write_bytes(bundle.read("verify.py"))
    script = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(path), "--json"]
    said = json.loads(subprocess.run(script, capture_output=True, text=True, check=False).stdout)
    assert said["root"] and not [each for each in said["wrong"] if "began although" not in each]


def test_a_team_and_another_seed_are_another_sample(fleet: Fleet, tmp_path: Path) -> None:
    for name, seed, more in (("a", "one", ()), ("b", "two", ()), ("c", "one", ("--team", "webshop"))):
        evidence("--sample", f"{seed}:3", *QUARTER, *more, "--out", str(tmp_path / name))
    runs = {name: json.loads((tmp_path / name / "sample.json").read_bytes())["runs"] for name in "abc"}
    assert runs["a"] != runs["b"]
    assert runs["c"] == drawn_by_hand(tmp_path / "c", "one", 3)
    evidence("--sample", "one:50", *QUARTER, "--out", str(tmp_path / "all"))
    whole = json.loads((tmp_path / "all" / "sample.json").read_bytes())["runs"]
    assert len(whole) == 9, "all runs of the quarter, and none of April"
    assert whole[:3] == runs["a"] and set(runs["c"]) < set(whole)


@pytest.mark.parametrize(
    "text", ["", "25", ":25", "seed:", "seed:0", "seed:-1", "seed:501", "seed:x", "seed:²"]
)
def test_what_is_no_sample_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is no sample"):
        draw_of(text)


def test_a_sample_without_period_or_runs_or_into_a_folder_that_is_there_is_refused(
    fleet: Fleet, tmp_path: Path
) -> None:
    out = ("--out", str(tmp_path / "sample"))
    for options, said in (
        (("--from", "2026-01-01"), "drawn from a period"),
        ((*QUARTER, "--run", "1"), "drawn from a period"),
        (("--from", "2025-01-01", "--to", "2025-02-01"), "No run was made"),
        ((*QUARTER, "--team", "nobody"), "no team nobody"),
    ):
        with pytest.raises(CommandError, match=said):
            evidence("--sample", "s:2", *options, *out)
        assert not list(tmp_path.glob("*sample*"))
    (tmp_path / "sample").mkdir()
    with pytest.raises(CommandError, match="is there already"):
        evidence("--sample", "s:2", *QUARTER, *out)
    assert not Intake.objects.filter(event="export.create").exists()
