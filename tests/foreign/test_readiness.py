"""Readiness against the known truth of hosts that are not the lab: each defect is found, and nothing else.

The hosts are asked once, through OpenSSH's sshd; the defects are changes to what they answered.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from inventory.facts.aix.date import DATE
from inventory.facts.base import FactSet, Output, Reading, ReadingState
from inventory.facts.catalogue import fact_named
from inventory.survey import Known, survey
from liveupdate.lpar.subject import Answer, MediaContents, Subject
from liveupdate.readiness.base import Finding, FindingState, Severity, shown_state
from liveupdate.readiness.catalogue import Assessment, assess
from liveupdate.states import Verdict
from tests.foreign.conftest import CONSOLES, LPARS
from tests.foreign.machine import description, machine
from tests.yaml_data import load

pytestmark = [pytest.mark.openssh, pytest.mark.timeout(180)]

HERE = Path(__file__).parent
DEFECTS = load(HERE / "defects.yaml")
VARIANTS = load(HERE / "variants.yaml")
SYSTEMS = {"aix73": "S1024 rack-7 unit 3", "aix72": "p8-web", "aix72_bare": "p8-web"}
READY = {"aix73": Verdict.READY_WITH_ACTIONS, "aix72": Verdict.READY, "aix72_bare": Verdict.READY}
UNKNOWN = {
    "aix73": set(),
    "aix72": {"RQ-075"},
    "aix72_bare": {"RQ-045", "RQ-048", "RQ-075", "RQ-142"},
}
WITHOUT_EVIDENCE = {"RQ-017", "RQ-018", "RQ-170", "RQ-171"}
"""What rests on the request and on what people said, not on a host's lines."""
ABSENT = {"RQ-004", "RQ-005", "RQ-006", "RQ-040", "RQ-051"}
"""Where what is missing is the defect: the command is named, and has no line about it."""
TOLD_OTHERWISE = {"RQ-017", "RQ-018", "RQ-033", "RQ-101", "RQ-104", "RQ-105", "RQ-145"}
"""What rests on the request, on several facts of which one is enough, or on the choice of disks."""
BLOCKING = [
    name
    for name, defect in DEFECTS.items()
    if name[:6] not in TOLD_OTHERWISE and defect["found"].get(name[:6]) in ("blocker", "needs_consent")
]
WISHES = {
    "aix73": ("nim-3.corp:/export/aix73/7300-03-01", "7300-03-01-2520"),
    "aix72": ("10.20.30.40:/export/7200-05-04_full", "7200-05-04-2220"),
    "aix72_bare": ("/updates/7200-05-04", "7200-05-04-2220"),
}
YES = Answer(holds=True, reason="asked", by="ana", given_on="2026-11-01", good_until="2027-11-01")
Ready = Callable[[str], Subject]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    """A host with all that it answered when it was asked over SSH, once in this module."""
    asked: dict[str, Subject] = {}

    def found(host: str) -> Subject:
        if host not in asked:
            asked[host] = _asked(tmp_path_factory.mktemp(host), host)
        return asked[host]

    return found


def _asked(place: Path, host: str) -> Subject:
    told, (media, level) = LPARS[host], WISHES[host]
    known = Known(told["name"], "as bought", told["serial"], "liveupdate")
    with (
        machine(place / "aix", "aix", description(host)) as lpar,
        machine(place / "hmc", "hmc", description(CONSOLES[host])) as console,
    ):
        answers = survey(lpar.server.endpoint(), console.server.endpoint(), known)
    return Subject(
        name=told["name"],
        uuid="1A40C5B2-7E0E-4D52-9F7F-20C5B0F4001A",
        managed_system=SYSTEMS[host],
        managed_system_serial=told["serial"],
        hmc="hmc-a.site1",
        hmc_address="127.0.0.1",
        hmc_user="liveupdate",
        hmc_account="root",
        rollback_clone_disk=told["rollback_clone_disk"],
        procedure="local_live_update",
        media=media,
        target_level=level,
        facts=FactSet({at: reading for each in answers for at, reading in each.facts.readings.items()}),
        answers={check: YES for check in ("RQ-029", "RQ-170", "RQ-171")},
    )


def states(assessment: Assessment) -> dict[str, str]:
    """Each requirement's state, as people read it."""
    return {
        each.check.id: shown_state(each.state, each.outcome.curable, each.outcome.consent)
        for each in assessment.findings
    }


@pytest.mark.parametrize("host", READY)
def test_a_ready_host_is_ready(ready: Ready, host: str) -> None:
    found = assess(ready(host))
    assert found.verdict == READY[host]
    assert {check for check, state in states(found).items() if state == "unknown"} == UNKNOWN[host]
    assert "blocker" not in states(found).values()


@pytest.mark.parametrize("name", VARIANTS)
def test_what_ready_hosts_may_say_as_well(ready: Ready, name: str) -> None:
    base = ready(VARIANTS[name]["host"])
    before, after = assess(base), assess(changed(base, VARIANTS[name]))
    assert states(after) == states(before)
    assert after.verdict == before.verdict


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found_and_nothing_else(ready: Ready, name: str) -> None:
    defect = DEFECTS[name]
    base = ready(defect["host"])
    before, after = assess(base), assess(changed(base, defect))
    was, now = states(before), states(after)
    assert {check: state for check, state in now.items() if state != was[check]} == defect["found"]
    assert name[:6] in defect["found"]
    assert after.verdict == defect["verdict"]
    assert not [each.check.id for each in after.findings if lacks_evidence(each)]


def lacks_evidence(finding: Finding) -> bool:
    """Whether a finding that is not ok shows no line of a host that it rests on."""
    if finding.state in (FindingState.OK, FindingState.NOT_APPLICABLE):
        return False
    if finding.check.id in WITHOUT_EVIDENCE:
        return not finding.outcome.message
    if finding.check.id in ABSENT:
        return not finding.outcome.evidence
    return not any(each.lines for each in finding.outcome.evidence)


def changed(base: Subject, defect: Mapping[str, Any]) -> Subject:
    """The host with a defect."""
    facts = FactSet(dict(base.facts.readings))
    for named, how in defect.get("change", {}).items():
        name, _, key = named.partition(" ")
        facts.add(_changed(base, name, key, how))
    fields = dict(defect.get("subject", {}))
    if unanswered := fields.pop("answers", ()):
        fields["answers"] = {check: said for check, said in base.answers.items() if check not in unanswered}
    if contents := fields.get("media_contents"):
        fields["media_contents"] = MediaContents(**contents)
    return replace(base, facts=facts, **fields)


def _changed(base: Subject, name: str, key: str, how: Mapping[str, Any]) -> Reading:
    fact = fact_named(name)
    reading = base.facts.readings.get((name, key))
    if reading is None:
        host = next(each.host for each in base.facts.readings.values())
        command = fact.build(*key.split(",")[: len(fact.params)]).display()
        reading = replace(
            base.facts.readings[("oslevel", "")], fact=name, key=key, host=host, command=command
        )
    ((way, what),) = how.items()
    if way == "say":
        given = {"stdout": what} if isinstance(what, str) else what
        output = Output(given.get("stdout", ""), given.get("stderr", ""), given.get("status", 0))
    else:
        output = replace(reading.output, stdout=_edited(reading.output.stdout, way, what))
    return replace(reading, output=_dated(output, base), state=ReadingState.OK, problem="")


def _edited(text: str, way: str, what: Any) -> str:
    lines = text.splitlines(keepends=True)
    if way == "add":
        return f"{text}{what}\n"
    if way == "drop":
        assert any(what in line for line in lines), what
        return "".join(line for line in lines if what not in line)
    old, new = what
    text = text.replace("\r\n", "\n")
    assert old in text, (old, text)
    return text.replace(old, new)


def _dated(output: Output, base: Subject) -> Output:
    """`{today}` is the LPAR's own time in the form of its error log, MMDDhhmmYY."""
    local = datetime.fromisoformat(base.value(DATE).local)
    return replace(output, stdout=output.stdout.replace("{today}", local.strftime("%m%d%H%M%y")))


LOCALIZED = "La commande a échoué : valeur non reconnue, voir le manuel.\n"


def spoiled(reading: Reading) -> Iterator[tuple[str, Output]]:
    """What a host may answer instead: another language, half of it, nothing at all."""
    said = reading.output.stdout
    yield "localized", Output(LOCALIZED, "", reading.output.status)
    if len(said) > 1:
        yield "half", replace(reading.output, stdout=said[: len(said) // 2])
    yield "empty", Output("", "", 1)


@pytest.mark.parametrize("host", READY)
def test_an_answer_that_is_spoiled_makes_nothing_ok(ready: Ready, host: str) -> None:
    base = ready(host)
    good = {check for check, state in states(assess(base)).items() if state == "ok"}
    wrong = []
    for at, reading in base.facts.readings.items():
        for how, output in spoiled(reading):
            facts = FactSet({**base.facts.readings, at: replace(reading, output=output)})
            found = assess(replace(base, facts=facts))
            made = {check for check, state in states(found).items() if state == "ok"} - good
            wrong += [(at, how, f"makes {check} ok") for check in made]
            wrong += [(at, how, problem) for problem in _too_ready(found)]
    assert not wrong


@pytest.mark.parametrize("name", BLOCKING)
def test_a_defect_that_is_told_in_another_language_is_not_ok(ready: Ready, name: str) -> None:
    defect = DEFECTS[name]
    check = name[:6]
    defective = changed(ready(defect["host"]), defect)
    for named in defect.get("change", {}):
        fact, _, key = named.partition(" ")
        reading = defective.facts.readings[(fact, key)]
        for output in (Output(LOCALIZED), Output("", LOCALIZED)):
            facts = FactSet({**defective.facts.readings, (fact, key): replace(reading, output=output)})
            state = states(assess(replace(defective, facts=facts)))[check]
            assert state not in ("ok", "not_applicable"), (named, output)


@pytest.mark.parametrize("state", [state for state in ReadingState if state is not ReadingState.OK])
@pytest.mark.parametrize("host", READY)
def test_a_host_that_does_not_answer_is_unknown(ready: Ready, host: str, state: ReadingState) -> None:
    base = ready(host)
    silent = {
        at: replace(reading, output=Output("", "", None), state=state, problem="no answer")
        for at, reading in base.facts.readings.items()
    }
    for asked in {reading.host for reading in silent.values()}:
        part = {
            at: silent[at] if silent[at].host == asked else was for at, was in base.facts.readings.items()
        }
        found = assess(replace(base, facts=FactSet(part)))
        assert found.verdict == Verdict.UNKNOWN, asked
        before = {check for check, said in states(assess(base)).items() if said == "ok"}
        assert not {check for check, said in states(found).items() if said == "ok"} - before


def _too_ready(found: Assessment) -> Iterator[str]:
    """What could block and is unknown must keep an LPAR from being ready, but for a bare refusal."""
    if found.verdict != Verdict.READY:
        return
    for each in found.findings:
        could_block = each.state == FindingState.UNKNOWN and each.check.severity == Severity.BLOCKER
        if could_block and not (each.check.settled_by_preview and each.not_asked):
            yield f"is ready with {each.check.id} unknown"
