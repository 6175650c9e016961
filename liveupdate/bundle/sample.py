"""Writes the evidence of a sample: a bundle for each run drawn, and the register that it was drawn from."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from liveupdate.bundle.scope import run_scope
from liveupdate.bundle.verifier.sampling import sample_of
from liveupdate.bundle.writing import Told, Written, write_bundle
from liveupdate.reports.catalogue import Question, build
from liveupdate.reports.formats.csv_files import csv_of
from liveupdate.reports.naming import signed
from portal.audit.actor import Actor
from portal.lib.canonical import canonical_json
from portal.lib.clock import rfc3339
from portal.lib.errors import Conflict, Invalid

MOST = 500
"""Runs of one sample."""
KIND = "changes"
"""The report that holds the register to draw from."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What to draw by: any text, and how many runs."""

    seed: str
    size: int


def draw_of(text: str) -> Draw:
    """`SEED:N` as it is typed. Raises Invalid."""
    seed, _, size = text.rpartition(":")
    if not seed or not (size.isascii() and size.isdigit()) or not 1 <= int(size) <= MOST:
        raise Invalid(
            f"{text!r} is no sample.",
            remedy=f"Write SEED:N: any text, a colon, and from 1 to {MOST} runs.",
            code="value_not_possible",
        )
    return Draw(seed, int(size))


def write_sample(
    draw: Draw, question: Question, folder: Path, actor: Actor, *, names: bool, told: Told
) -> list[Written]:
    """Draw among the runs of the question's period and team, as a report does, into one new folder.

    It holds `register.csv`, `sample.json` (the seed, and the runs in the order drawn), `run-ID.zip` of each.
    Raises Invalid where the folder is there already, Conflict where no run was made; as `write_bundle`.
    """
    if folder.exists():
        raise Invalid(f"{folder} is there already.", remedy="Name a new folder.", code="exists_already")
    asked = Question(KIND, question.period, question.team, question.as_of)
    report = build(asked, told)
    whole = signed(report, "evidence sample", report.as_of, names=names)
    [register] = whole.section("register").tables
    runs = sample_of([int(str(row.cells[0])) for row in register.rows], draw.seed, draw.size)
    if not runs:
        raise Conflict("No run was made in this period.", code="nothing_to_export")
    said = {
        "seed": draw.seed,
        "size": draw.size,
        "from": rfc3339(report.period.begin),
        "to": rfc3339(report.period.end),
        "team": report.scope.team,
        "ledger_size": report.standing.size,
        "ledger_root": report.standing.root,
        "runs": runs,
    }
    draft = folder.with_name(f".{folder.name}.part")
    draft.mkdir()
    try:
        (draft / "register.csv").write_bytes(csv_of(register, whole))
        (draft / "sample.json").write_bytes(canonical_json(said))
        written = [
            write_bundle(run_scope(run), draft / f"run-{run}.zip", actor, names=names, told=told)
            for run in runs
        ]
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return written
