"""A small quarter whose every number was worked out by hand, and the same numbers from the bundle alone."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from inventory.models import ExposureSpan
from liveupdate.bundle.verifier.opening import Broken, Bundle, open_bundle
from liveupdate.bundle.verifier.outside import NOT_RECOUNTED
from liveupdate.bundle.verifier.report import COMPLIANCE, Comparison, check_report
from liveupdate.models import SeenDay
from liveupdate.reports.compliance import compliance_report
from liveupdate.reports.document import Period, Report, Scope, Share, Status
from portal.audit.sealer import seal_now
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.history import AFTER, BEFORE, Change, History

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
QUARTER = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
"""When a checkpoint was signed."""


def day(month: int, number: int, hour: int = 10) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """Two teams, and a first quarter of 2026 in which every kind of thing happened."""
    fleet = make_fleet()
    past = History()
    past.people(datetime(2025, 11, 1, tzinfo=UTC))
    pay01, pay02, web01, web02 = (fleet.lpars[name] for name in ("pay01", "pay02", "web01", "web02"))
    ana, bo, ivy, wes = fleet.ana, fleet.bo, fleet.ivy, fleet.wes
    good = Change(pay01, ana, day(1, 10), approvers=(ivy,), blackout_ms=12_000)
    changes = [
        Change(pay02, ana, day(1, 2), asked_before=timedelta(days=5), approvers=(ivy,), end="failed",
               levels=(BEFORE, BEFORE), signature="P6"),
        good,
        Change(pay01, ana, day(2, 1), end="denied", approvers=(ivy,)),
        Change(pay01, ana, day(2, 2), end="withdrawn"),
        Change(pay01, ana, day(2, 3), end="expired"),
        Change(pay01, ana, day(2, 10), end="open"),
        Change(pay02, bo, day(2, 20), kind="emergency", asked_before=timedelta(hours=1), blackout_ms=70_000,
               levels=(BEFORE, BEFORE), reviewed_after=timedelta(days=9), reviewer=ivy),
        Change(pay02, bo, day(3, 1), kind="emergency", end="aborted", commands=(), due_days=5),
        Change(web01, wes, day(3, 10), approvers=(ivy,), commands=("ended", "unknown"), blackout_ms=30_000),
        Change(pay02, ana, day(3, 20), approvers=(ivy,), withdrawn_by=ivy, levels=(BEFORE, BEFORE)),
        Change(web01, wes, day(4, 2), approvers=(ivy,), asked_before=timedelta(days=3)),
        Change(web02, wes, day(3, 30), approvers=(ivy,), end="running", commands=("ended",)),
    ]  # fmt: skip
    past.changes(changes)
    first = {name: past.sight(fleet.lpars[name], day(1, 1), BEFORE) for name in fleet.lpars}
    past.sight(pay01, day(1, 11), AFTER, first["pay01"], good.run)
    outside = past.sight(web02, day(2, 14), AFTER, first["web02"])
    past.settle(outside, fleet.kim, ivy, day(2, 15))
    past.sight(pay02, day(2, 25), AFTER, first["pay02"])
    past.enter(before=MARCH)
    with monkeypatch.context() as clock:
        clock.setattr("portal.audit.signer.now", lambda: MARCH)
        seal_now()
    past.enter()
    SeenDay.objects.bulk_create(
        SeenDay(lpar=fleet.lpars[name], day=on)
        for name, on in {
            "pay01": date(2026, 3, 31),
            "pay02": date(2026, 3, 25),
            "web01": date(2026, 3, 1),
        }.items()
    )
    spans = [
        (pay01, "IJ1", "critical", date(2026, 1, 1), day(1, 5), day(1, 11), "update"),
        (pay01, "IJ2", "critical", date(2025, 12, 1), day(1, 5), day(1, 11), "update"),
        (web02, "IJ1", "critical", date(2026, 1, 1), day(1, 5), day(2, 14), "ifix"),
        (web02, "IJ3", "low", None, day(1, 5), day(1, 7), "update"),
        (web01, "IJ1", "critical", date(2026, 1, 1), day(1, 5), None, ""),
        (web01, "IJ4", "medium", date(2026, 3, 1), day(3, 2), day(4, 2), "update"),
        (pay02, "IJ5", "high", date(2026, 1, 1), day(1, 5), day(2, 1), "list"),
    ]
    names = ("lpar", "apar", "severity", "issued_on", "found_at", "ended_at", "ended_by")
    ExposureSpan.objects.bulk_create(ExposureSpan(**dict(zip(names, each, strict=True))) for each in spans)
    seal_now()
    return fleet


def told(team: str = "") -> Report:
    return compliance_report(QUARTER, Scope(team), now())


BY_HAND: dict[str, Any] = {
    # 12 requests were made, the first of them in 2025
    "requests.asked": 11, "requests.approved": 7, "requests.denied": 1, "requests.withdrawn": 1,
    "requests.expired": 1, "requests.open": 1,
    # of the eight runs one was made in April
    "runs.queued": 7, "runs.succeeded": 4, "runs.succeeded_with_residue": 0, "runs.failed": 1,
    "runs.aborted": 1, "runs.refused": 0, "runs.not_over": 1,
    # 2 + 2 + 2 + 0 + 2 + 2 + 1
    "commands.intended": 11, "commands.ended": 10, "commands.unknown": 1, "commands.unsent": 0,
    "commands.not_over": 0,
    # pay01 and web01 say that they got another level; nobody looked at web01 since
    "levels.by_runs": 2, "levels.by_runs_seen": 1, "levels.by_runs_unseen": 1,
    "levels.seen": 3, "levels.seen_explained": 1, "levels.outside": 2,
    "outside.found": 2, "outside.open": 1,
    # all but the aborted one; the emergency lacked one decision, the last one had lost its approval
    "approvals.runs": 6, "approvals.before": 5, "approvals.late": 1, "approvals.standard": 0,
    "approvals.missing_then": 2, "duties.conflicts": 0,
    "emergencies.opened": 2, "emergencies.reviewed": 1, "emergencies.reviewed_in_time": 0,
    "emergencies.open": 1, "emergencies.overdue": 1, "emergencies.share": Share(2, 7),
    # seen on the last day of March: pay01; six days before: pay02; thirty days before: web01
    "coverage.lpars": 4, "coverage.fresh": 2, "coverage.stale": 1, "coverage.never": 1,
    "coverage.excluded": 0,
    # cured: 10, 41 and 44 days after publication, and one of which nobody knows; 30 days are allowed
    "latency.cured": 4, "latency.in_time": Share(2, 4), "latency.open": 2, "latency.overdue": 1,
    "latency.unexcused": 1,
    "blackout.measured": 3, "blackout.p50": 30_000, "blackout.p90": 70_000, "blackout.max": 70_000,
    "blackout.within": Share(2, 3), "failures.all": 3,
    "exceptions.all": 0, "duties.refused": 0, "sample.population": 7, "sample.size": 7,
    "register.without_reason": 0, "deviations.outside_window": 0, "deviations.other_plan": 0,
}  # fmt: skip


def test_every_number_is_the_one_worked_out_by_hand(fleet: Fleet) -> None:
    report = told()
    assert {key: report.figure(key).value for key in BY_HAND} == BY_HAND
    equations = {each.key: each.holds for section in report.sections for each in section.equations}
    assert equations and all(equations.values()), equations
    assert [section.number for section in report.sections] == list(range(1, 15))
    rows = {row.cells[0]: row.cells[1:] for row in report.section("latency").tables[0].rows}
    assert rows["critical"] == (3, 41, 44, 44, 6, 40, 40, Share(1, 3), 1, 1)
    assert rows["low"] == (1, None, None, None, 2, 2, 2, Share(1, 1), 0, 0)
    assert rows["medium"][:1] + rows["medium"][-2:] == (0, 1, 0)
    [chart] = report.section("latency").charts
    assert chart.labels == ("2026-01", "2026-02", "2026-03")
    assert [series.values for series in chart.series] == [(2, 0, 0), (1, 1, 0)]


def test_one_team_is_a_part_of_the_whole(fleet: Fleet) -> None:
    report = told("webshop")
    wanted = {"requests.asked": 3, "runs.queued": 2, "levels.outside": 1, "outside.open": 0,
              "approvals.late": 0, "coverage.lpars": 2, "latency.cured": 2,
              "emergencies.opened": 0}  # fmt: skip
    assert {key: report.figure(key).value for key in wanted} == wanted
    assert all(each.holds for section in report.sections for each in section.equations)


def test_controls_stand_as_the_numbers_do(fleet: Fleet) -> None:
    report = told()
    stand = {f"{each.standard} {each.name}": each for each in report.section("limits").controls}
    assert stand["NIST SP 800-53 r5 AC-5"].status is Status.SATISFIED
    assert stand["NIST SP 800-53 r5 CM-3"].status is Status.NOT_SATISFIED
    assert "Not allowed, or approved too late: 1" in stand["NIST SP 800-53 r5 CM-3"].because
    assert stand["PCI DSS 4.0 10.2"].status is Status.NOT_ASSESSED
    assert stand["PCI DSS 4.0 10.3"].status is Status.NOT_ASSESSED, "the ledger was never verified"
    keys = {each.key for section in report.sections for each in (*section.figures, *section.equations)}
    assert all(set(each.rests_on) <= keys for each in stand.values())


def test_as_of_february_nothing_of_march_is_known(fleet: Fleet) -> None:
    """The checkpoint of then shows the quarter as it stood, whatever was entered and done since."""
    report = compliance_report(QUARTER, Scope(), MARCH + timedelta(hours=3))
    wanted = {
        # the emergency whose run was aborted on 1 March was opened the day before
        "requests.asked": 7, "requests.approved": 2, "requests.open": 2, "runs.queued": 3,
        "runs.succeeded": 2, "emergencies.opened": 2, "emergencies.reviewed": 0, "levels.outside": 2,
        "outside.closed": 1,
        "latency.cured": 4, "latency.open": 1, "coverage.never": 4, "approvals.late": 0,
    }  # fmt: skip
    assert {key: report.figure(key).value for key in wanted} == wanted
    assert report.as_of == MARCH
    equations = {each.key: each.holds for section in report.sections for each in section.equations}
    assert all(equations.values()), equations


def test_asking_again_gives_the_same_digest_and_tells_how_far_it_is(fleet: Fleet) -> None:
    heard: list[tuple[str, int, int]] = []
    report = compliance_report(QUARTER, Scope(), now(), lambda *each: heard.append(each))
    assert report.digest == told().digest
    assert heard[0][0] == "entries" and heard[-1] == ("sections", 14, 14)


def test_the_sample_is_drawn_again_by_the_published_lines(fleet: Fleet, tmp_path: Path) -> None:
    section = told().section("sample")
    runs = [row.cells[0] for row in told().section("register").tables[0].rows]
    (tmp_path / "register.csv").write_text("run\n" + "".join(f"{run}\n" for run in runs))
    seed, size = section.figures[0].value, section.figures[2].value
    program = "\n".join(section.notes[2:]).replace("SEED", repr(seed)).replace("SIZE", str(size))
    drawn = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(drawn.stdout) == [row.cells[1] for row in section.tables[0].rows]


def checked(path: Path, python: str = sys.executable) -> tuple[int, dict[str, Any]]:
    script = path.with_suffix(".py")
    with zipfile.ZipFile(path) as bundle:
        script.write_bytes(bundle.read("verify.py"))
    done = subprocess.run(
        [python, "-I", "-S", str(script), str(path), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def test_a_bundle_of_the_quarter_holds_the_report_and_its_verifier_counts_it_anew(
    fleet: Fleet, tmp_path: Path
) -> None:
    path = tmp_path / "quarter.zip"
    words = ["--from", "2026-01-01", "--to", "2026-04-01", "--out", str(path)]
    call_command("evidence", *words, stdout=io.StringIO(), stderr=io.StringIO())
    with zipfile.ZipFile(path) as bundle:
        report = json.loads(bundle.read("reports/compliance.json"))
    assert report == told_in_bundle(report)
    code, said = checked(path)
    wrong = [each for each in said["wrong"] if "began although" not in each]
    assert (code, wrong) == (1, []), "one run began without its approval, and nothing else is wrong"
    assert len(said["wrong"]) == 1
    assert all("is not over" in each for each in said["lacking"]), said["lacking"]
    assert set(NOT_RECOUNTED) < set(said["not_recounted"])
    if oldest := of_python_3_8():
        assert checked(path, oldest) == (code, said)


def of_python_3_8() -> str:
    """The oldest Python that the verifier promises to run on, where there is one; empty for none."""
    found = shutil.which("python3.8")
    asked = [found, "-c", "import sys; print(sys.version_info[:2])"] if found else ["false"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return found if found and answer == "(3, 8)\n" else ""


def told_in_bundle(report: dict[str, Any]) -> dict[str, Any]:
    """The same question asked again gives the same document."""
    as_of = datetime.fromisoformat(report["as_of"])
    document: dict[str, Any] = json.loads(compliance_report(QUARTER, Scope(), as_of).content)
    return document


def written(tmp_path: Path) -> Bundle:
    path = tmp_path / "quarter.zip"
    words = ["--from", "2026-01-01", "--to", "2026-04-01", "--out", str(path)]
    call_command("evidence", *words, stdout=io.StringIO(), stderr=io.StringIO())
    return open_bundle(path.read_bytes())


def lied(bundle: Bundle, report: dict[str, Any]) -> Comparison:
    """What is found of a bundle whose report was forged."""
    return check_report(bundle._replace(files={**bundle.files, COMPLIANCE: json.dumps(report).encode()}))


def other(value: Any) -> Any:
    """A value in place of this one."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, dict):
        return value | {"part": value["part"] + 1}
    return value + 1 if isinstance(value, int) else f"{value}1"


@pytest.mark.deep
def test_every_figure_is_recounted_or_named_with_the_reason_why_not(fleet: Fleet, tmp_path: Path) -> None:
    """Each is forged alone: the verifier tells its section, its key and both values."""
    bundle = written(tmp_path)
    good = check_report(bundle)
    assert good.findings == []
    report = json.loads(bundle.files[COMPLIANCE])
    seen = set()
    for section in report["sections"]:
        for figure in section["figures"]:
            kept, figure["value"] = figure["value"], other(figure["value"])
            texts = [finding.text for finding in lied(bundle, report).findings]
            wanted = f"{figure['key']} is {json.dumps(figure['value'])}; the entries give {json.dumps(kept)}."
            told = f"Section {section['number']} ({section['key']}): {wanted}" in texts
            assert told or figure["key"] in good.not_recounted or section["key"] == "limits", figure
            assert texts or figure["key"] in good.not_recounted, figure
            seen |= {section["key"]} if texts else set()
            figure["value"] = kept
    assert seen == {section["key"] for section in report["sections"]}
    assert lied(bundle, report).findings == []


@pytest.mark.deep
def test_forged_rows_sums_charts_and_controls_are_seen(fleet: Fleet, tmp_path: Path) -> None:
    bundle = written(tmp_path)
    text = bundle.files[COMPLIANCE].decode()
    sections = {each["key"]: at for at, each in enumerate(json.loads(text)["sections"])}

    def found(forge: Callable[[Any], None], section: str = "") -> list[str]:
        report = json.loads(text)
        forge(report["sections"][sections[section]] if section else report)
        return [each.text for each in lied(bundle, report).findings]

    def cell(section: str, table: int, column: int) -> list[str]:
        def forge(told: Any) -> None:
            cells = told["tables"][table]["rows"][0]["cells"]
            cells[column] = other(cells[column]) if not isinstance(cells[column], list) else ["eve"]

        return found(forge, section)

    for column in range(21):
        assert "row 1 of register" in cell("register", 0, column)[0], column
    for section, table in (("access", 0), ("access", 1), ("audit_health", 3), ("sample", 0)):
        assert cell(section, table, 1), section
    for section in ("population", "latency", "emergencies", "deviations", "duties"):
        assert found(lambda told: told["tables"][-1]["rows"].append({"cells": []}), section), section
    assert found(lambda told: told["equations"][1]["right"][0].update(value=99), "population")
    assert found(lambda told: told["equations"][1].update(holds=False), "population")
    assert found(lambda told: told["charts"][0]["series"][0]["values"].append(1), "latency")
    assert found(lambda told: told["controls"][0].update(status="satisfied"), "limits")
    with pytest.raises(Broken, match="another period"):
        found(lambda told: told["period"].update(end="2026-03-31T00:00:00.000000Z"))
    for name, value in (("size", 1), ("root", "0" * 64), ("checkpoint", "x")):
        with pytest.raises(Broken, match="compliance report"):
            found(lambda told, n=name, v=value: told["standing"].update({n: v}))  # type: ignore[misc]
