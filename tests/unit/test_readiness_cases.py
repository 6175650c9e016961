"""Every readiness check against its cases: tests/data/readiness/RQ-NNN/CASE.yaml.

`facts` gives what the hosts answered: standard output, or a mapping with `stdout`, `stderr`,
`status`, `state`. A fact with parameters is named `disk_size hdisk2`. `state` and `message` (a part
of it) are what the check must find, `evidence` the lines it must quote (all of them, if given),
`curable` and `consent` what it must offer. `answers` holds what people said, by requirement: `holds`,
`reason`, `by`, `given_on`, `good_until`. `subject` changes the LPAR, its `powervc` or what is asked for it,
`media_contents` is what the lpp_source in the media's directory holds.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inventory.facts.base import FactSet, Output, Reading, ReadingState
from inventory.facts.catalogue import fact_named
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Answer, MediaContents, PowerVcConsole, Subject
from liveupdate.readiness.base import Check, FindingState, examine
from liveupdate.readiness.catalogue import CHECKS
from tests.yaml_data import load

CASES = Path(__file__).parents[1] / "data" / "readiness"
FILES = sorted(CASES.glob("*/*.yaml"))
BY_ID = {check.id: check for check in CHECKS}
LPAR = {
    "name": "laboh",
    "uuid": "4B0A8C1E-0000-4000-8000-000000000026",
    "managed_system": "9080-M9S-78A1234",
    "managed_system_serial": "78A1234",
    "hmc": "hmc01",
    "hmc_address": "1.1.1.1",
    "hmc_user": "liveupdate",
    "rollback_clone_disk": "hdisk11",
    "procedure": "local_live_update",
    "media": "nim:/export/aix72/7200-05-04-2220_full",
    "target_level": "7200-05-04-2220",
}


def subject_of(case: dict[str, Any]) -> Subject:
    facts = FactSet()
    for named, given in case.get("facts", {}).items():
        name, _, key = named.partition(" ")
        answer = {"stdout": given} if isinstance(given, str) else given
        fact = fact_named(name)
        facts.add(
            Reading(
                fact=fact.name,
                key=key,
                host="laboh",
                command=fact.build(*key.split(",")[: len(fact.params)]).display(),
                output=Output(answer.get("stdout", ""), answer.get("stderr", ""), answer.get("status", 0)),
                read_at=datetime(2026, 1, 1, tzinfo=UTC),
                state=ReadingState(answer.get("state", "ok")),
            )
        )
    answers = {check: Answer(**given) for check, given in case.get("answers", {}).items()}
    given = {**LPAR, **case.get("subject", {})}
    if contents := case.get("media_contents"):
        given["media_contents"] = MediaContents(**contents)
    if powervc := given.get("powervc"):
        given["powervc"] = PowerVcConsole(**powervc)
    return Subject(**given, facts=facts, answers=answers)


@pytest.mark.threat("T7")
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path) -> None:
    case = load(path)
    finding = examine(BY_ID[path.parent.name], subject_of(case))
    outcome = finding.outcome
    assert (finding.state, outcome.message) == (case["state"], outcome.message)
    assert case["message"] in outcome.message
    assert outcome.curable is case.get("curable", False)
    assert outcome.consent == case.get("consent", "")
    if "evidence" in case:
        assert [line for evidence in outcome.evidence for line in evidence.lines] == case["evidence"]


@pytest.mark.parametrize("check_id", sorted({path.parent.name for path in FILES}))
def test_a_check_with_cases_has_a_good_a_bad_and_an_unknown_one(check_id: str) -> None:
    states = {load(path)["state"] for path in FILES if path.parent.name == check_id}
    assert states & {FindingState.OK, FindingState.NOT_APPLICABLE}
    assert states & {FindingState.WARNING, FindingState.BLOCKER}
    assert FindingState.UNKNOWN in states


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_without_facts_nothing_is_ok(check: Check) -> None:
    finding = examine(check, subject_of({}))
    assert finding.state in (FindingState.UNKNOWN, FindingState.NOT_APPLICABLE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_answer_that_is_not_understood_is_never_ok(path: Path) -> None:
    """Every fact that a good case rests on, garbled, makes the finding unknown or leaves it as it was."""
    case = load(path)
    if case["state"] != FindingState.OK:
        return
    for name in case.get("facts", {}):
        garbled = case["facts"] | {name: {"stdout": "\x1b[2J?? 0000", "status": 0}}
        finding = examine(BY_ID[path.parent.name], subject_of({**case, "facts": garbled}))
        assert finding.state == FindingState.UNKNOWN, name


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_checks_explain_themselves(check: Check) -> None:
    assert check.title and check.why and check.remedy and check.see
    assert check.id.startswith("RQ-")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_consents_are_known(path: Path) -> None:
    consent = load(path).get("consent", "")
    assert not consent or Consent(consent)
