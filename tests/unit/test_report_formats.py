"""What people take away of a report: words, CSV, JSON, drawings, OSCAL."""

import csv
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oscal_bindings import parse_assessment_results

from liveupdate.reports.document import Chart, ChartKind, ColumnType, Report, Series, Share, Status
from liveupdate.reports.formats.csv_files import BOM, csv_of, head_of, tables_of, zip_of
from liveupdate.reports.formats.drawing import NARROW, PLOT, TOP, WIDE, Sheet, drawing_of, scale_of
from liveupdate.reports.formats.oscal import oscal_of
from liveupdate.reports.formats.reading import read_report
from liveupdate.reports.formats.schema import report_schema
from liveupdate.reports.formats.words import Reader, side
from portal.lib.errors import Invalid
from tests.report_sample import HOSTILE, PEOPLE, ROOT, sample_report

GO_READER = """package main
import ("encoding/csv"; "encoding/json"; "os")
func main() {
  rows, err := csv.NewReader(os.Stdin).ReadAll()
  if err != nil { panic(err) }
  json.NewEncoder(os.Stdout).Encode(rows)
}
"""


@pytest.fixture(scope="module")
def report() -> Report:
    return sample_report(30)


def register(report: Report) -> Any:
    return report.section("register").tables[0]


def test_a_report_read_back_is_the_report(report: Report) -> None:
    again = read_report(report.content)
    assert again.content == report.content
    assert again == replace(report, people={}, made_at=None, made_by="", product="")


@pytest.mark.parametrize(
    "change", [{"schema": 2}, {"sections": [{"number": "2"}]}, {"title": 3, "period": {}}]
)
def test_what_is_no_report_is_refused(report: Report, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read_report(json.dumps(json.loads(report.content) | change).encode())


def test_the_published_schema_describes_every_member(report: Report) -> None:
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    said = json.loads(report.content)
    validator.validate(said)
    for wrong in (
        said | {"made_by": "Aud"},
        {name: value for name, value in said.items() if name != "standing"},
        said | {"as_of": "2026-11-01"},
        said | {"sections": [said["sections"][0] | {"number": "2"}]},
    ):
        assert not validator.is_valid(wrong)


def test_docs_hold_the_schema_as_it_is() -> None:
    written = Path("docs/report.schema.json").read_text(encoding="utf-8")
    assert json.loads(written) == report_schema(), "manage.py document_report_schema writes it"


def test_cells_in_words(report: Report) -> None:
    reader = Reader.of(report)
    assert reader.text(Share(1, 3), ColumnType.SHARE) == "1 of 3 (33.3 %)"
    assert reader.text(Share(0, 0), ColumnType.SHARE) == "0 of 0"
    assert reader.text(None, ColumnType.NUMBER) == "not known"
    assert reader.text(18_250, ColumnType.MILLISECONDS) == "18.250 s"
    assert reader.text(True, ColumnType.YES_NO) == "yes"
    assert reader.text("2026-09-30T22:00:00.000000Z", ColumnType.TIME) == "2026-10-01 00:00:00 CEST"
    assert reader.text("", ColumnType.TIME) == ""
    assert reader.lines(("u_ivy", "u_gone"), ColumnType.PEOPLE) == (PEOPLE["u_ivy"], "u_gone")
    assert reader.text(HOSTILE[2], ColumnType.LPAR) == "⟨202e⟩gpj.exe⟨1b⟩[31m red"
    equation = report.section("population").equations[0]
    assert side(equation, left=True) == "approved 170 + denied 6 + withdrawn 4 = 180"
    assert side(equation, left=False) == "submitted 180"


def test_no_cell_of_a_csv_is_a_formula(report: Report) -> None:
    for _, table, name in tables_of(report):
        content = csv_of(table, report).decode()
        rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))
        assert rows[0] == head_of(table)
        assert len(rows) == len(table.rows) + 1, name
        assert {len(row) for row in rows} == {len(rows[0])}
        assert [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r\0" and cell[:1]] == []
        assert content.count("\r\n") >= len(rows)


def test_a_csv_holds_what_was_reported(report: Report) -> None:
    table = register(report)
    rows = list(csv.DictReader(io.StringIO(csv_of(table, report).decode(), newline="")))
    assert rows[0]["lpar"] == HOSTILE[1]
    assert rows[4]["lpar"] == "'" + HOSTILE[0]
    assert (rows[0]["hit"], rows[0]["hit_of"]) == ("1", "12")
    assert (rows[0]["approvers"], rows[0]["approvers_name"]) == ("u_ivy; u_bo", "Ivy Жуков; @Bo")
    assert rows[6]["in_window"] == ""
    assert rows[0]["evidence"] == "run 1; entries 40-62"
    assert csv_of(table, report, bom=True) == BOM.encode() + csv_of(table, report)


@pytest.mark.golang
def test_a_strict_reader_of_another_language_takes_every_csv(report: Report, tmp_path: Path) -> None:
    program = tmp_path / "main.go"
    program.write_text(GO_READER)
    subprocess.run(["go", "build", "-o", tmp_path / "reader", program], check=True, cwd=tmp_path)
    for _, table, name in tables_of(report):
        content = csv_of(table, report)
        answer = subprocess.run([tmp_path / "reader"], input=content, capture_output=True, check=True)
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
        assert json.loads(answer.stdout) == rows, name


def test_the_zip_holds_every_table_and_is_the_same_each_time(report: Report) -> None:
    content = zip_of(report)
    assert content == zip_of(sample_report(30))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("report.json") == report.content
        assert json.loads(archive.read("people.json")) == PEOPLE
        assert {name for *_, name in tables_of(report)} < set(archive.namelist())
        assert "02-population-chart-months.csv" in archive.namelist()


@given(
    st.lists(st.integers(0, 10**7) | st.none(), min_size=1, max_size=30),
    st.sampled_from(ChartKind),
    st.sampled_from((WIDE, NARROW)),
)
def test_bars_are_as_high_as_their_values(values: list[int | None], kind: ChartKind, sheet: Sheet) -> None:
    labels = tuple(f"w{at}" for at in range(len(values)))
    drawing = drawing_of(Chart("c", "C", kind, labels, (Series("s", tuple(values)),)), sheet)
    if not any(values):
        assert drawing is None
        return
    assert drawing is not None
    top = scale_of(max(value or 0 for value in values))[-1]
    for bar in drawing.bars:
        label = bar.title.split(",")[0]
        value = values[labels.index(label)] or 0
        assert abs(bar.height - PLOT * value / top) <= 0.1
        assert sheet.left <= bar.x <= bar.x + bar.width <= sheet.width
        assert abs(bar.y + bar.height - (TOP + PLOT)) <= 0.2
    assert all(0 <= word.x <= sheet.width for word in drawing.words)
    points = [point for path in drawing.paths for point in path.points]
    measured = [value for value in values if value is not None]
    assert len(points) == (len(measured) if kind is ChartKind.LINE else 0)


@given(st.integers(0, 10**12))
def test_a_scale_reaches_beyond_every_value_in_few_round_steps(most: int) -> None:
    ticks = scale_of(most)
    assert ticks[0] == 0
    assert most <= ticks[-1] < most + ticks[1] or most == 0
    assert 2 <= len(ticks) <= 6
    assert str(ticks[1]).strip("0") in ("1", "2", "5")


def test_long_names_lie_and_what_was_not_measured_breaks_a_line(report: Report) -> None:
    causes, months, blackout, _, nothing = report.section("population").charts
    lying = drawing_of(causes)
    assert lying is not None
    widths = [bar.width for bar in lying.bars]
    assert [round(width * 7 / widths[0]) for width in widths] == [7, 4, 1]
    stacked = drawing_of(months)
    assert stacked is not None
    assert stacked.legend == ("approved", "denied")
    line = drawing_of(blackout)
    assert line is not None
    assert [len(path.points) for path in line.paths] == [2, 4, 5, 1]
    assert "budget 25 s" in {word.text for word in line.words}
    assert drawing_of(nothing) is None


def test_assessment_results_are_valid_by_nists_schema(report: Report) -> None:
    results = parse_assessment_results(oscal_of(report)).assessment_results
    [result] = results.results
    states = {each.target.target_id: each.target.status for each in result.findings}
    assert {name: status.state.value for name, status in states.items()} == {
        "cm-3_smt": "not-satisfied",
        "cm-5_smt": "not-satisfied",
        "si-2_smt": "not-satisfied",
    }
    assert states["cm-3_smt"].remarks.startswith("partial: 2 of 3")
    assert "au-8" in result.reviewed_controls.control_selections[0].remarks
    props = {each.name: each.value for each in result.props}
    assert (props["ledger-root"], props["ledger-size"]) == (ROOT, "12345")
    assert all("\n" not in value for value in props.values())


def test_the_same_report_gives_the_same_assessment_results(report: Report) -> None:
    assert oscal_of(report) == oscal_of(sample_report(30))
    other = replace(report, standing=replace(report.standing, root="0" * 64))
    ids = [json.loads(oscal_of(each))["assessment-results"]["uuid"] for each in (report, other)]
    assert ids[0] != ids[1]


def test_a_report_without_controls_is_no_assessment(report: Report) -> None:
    with pytest.raises(Invalid, match="assesses no control"):
        oscal_of(replace(report, sections=report.sections[:1]))


def test_what_is_not_assessed_is_no_finding(report: Report) -> None:
    limits = report.section("limits")
    unassessed = tuple(replace(each, status=Status.NOT_ASSESSED) for each in limits.controls)
    open_report = replace(report, sections=(replace(limits, controls=unassessed),))
    [result] = json.loads(oscal_of(open_report))["assessment-results"]["results"]
    assert "findings" not in result
    parse_assessment_results(oscal_of(open_report))
