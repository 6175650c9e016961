"""Plans kept as they were read and found good: `tests/data/plans/PROCEDURE/CASE.json`.

`WRITE_GOLDEN=1` writes them anew; the difference shows what a change does to what people approve.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Plan

GOLDEN = Path(__file__).parent / "data" / "plans"


def assert_golden(plan: Plan, case: str) -> None:
    """The plan is, byte for byte, the one that is kept for this case of its procedure."""
    path = GOLDEN / plan.procedure / f"{case}.json"
    text = json.dumps(plan.document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def golden_plans() -> Iterator[tuple[str, Plan]]:
    """Every plan that is kept, with its case."""
    for path in sorted(GOLDEN.glob("*/*.json")):
        yield path.stem, read_plan(path.read_text())
