"""An HMC user with few rights is refused what the readiness run need not ask: the verdict stands."""

import pytest

from inventory.facts.base import Output
from liveupdate.readiness.base import FindingState, examine
from liveupdate.readiness.catalogue import CHECKS
from tests.estate import SYSTEM, subject

CHECK = {check.id: check for check in CHECKS}
REFUSED = Output("HSCL350B The user does not have the appropriate authority.\n", "", 1)
BROKEN = Output("Nie wiadomo co\n", "", 0)
ASKED = {
    "RQ-052": f"migrations:{SYSTEM}",
    "RQ-053": f"max_lpars:{SYSTEM}",
    "RQ-080": f"virtual_scsi:{SYSTEM},pay01",
}


@pytest.mark.parametrize(("check_id", "fact"), ASKED.items())
def test_a_refusal_is_unknown_and_leaves_the_verdict(check_id: str, fact: str) -> None:
    finding = examine(CHECK[check_id], subject({fact: REFUSED}))
    assert finding.state == FindingState.UNKNOWN
    assert not finding.undecided
    assert REFUSED.stdout.strip() in finding.outcome.evidence[0].lines


@pytest.mark.parametrize(("check_id", "fact"), ASKED.items())
def test_an_answer_that_is_not_understood_does_not(check_id: str, fact: str) -> None:
    assert examine(CHECK[check_id], subject({fact: BROKEN})).undecided
