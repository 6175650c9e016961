"""Every command and pitfall of the ordering document has its place in the product."""

from typing import Any

import pytest

from liveupdate.diagnosis.catalogue import SIGNATURES
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.readiness.catalogue import CHECKS
from tests.golden_plans import golden_plans
from tests.seed_coverage import COVERAGE, DOCUMENT, document, found, places, read_by

PLACES = places()


@pytest.mark.parametrize("row", COVERAGE["commands"], ids=lambda row: str(row["command"]))
def test_a_command_is_in_a_plan_or_is_read(row: dict[str, Any]) -> None:
    assert found(row["pattern"], PLACES) or read_by(row["pattern"])


@pytest.mark.parametrize("row", COVERAGE["pitfalls"], ids=lambda row: str(row["signature"]))
def test_a_pitfall_is_recognised_and_avoided(row: dict[str, Any]) -> None:
    assert row["signature"] in {signature.id for signature in SIGNATURES}
    assert set(row["checks"]) <= {check.id for check in CHECKS}
    assert set(row["procedures"]) <= set(PROCEDURES)


def test_the_page_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document()


def test_every_procedure_keeps_a_plan() -> None:
    assert {plan.procedure for _, plan in golden_plans()} == set(PROCEDURES)
