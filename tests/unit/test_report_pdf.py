"""The PDF of a report, read by a reader that is not ours."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from liveupdate.reports.document import Report, Row
from liveupdate.reports.formats.pdf import parts
from liveupdate.reports.formats.pdf.fonts import printable
from liveupdate.reports.formats.pdf.tables import Heading, groups_of, least_width, widths_of
from liveupdate.reports.formats.pdf.writing import pdf_of
from tests.report_sample import ROOT, sample_report

ROWS = 60


@pytest.fixture(scope="module")
def report() -> Report:
    return sample_report(ROWS)


@pytest.fixture(scope="module")
def content(report: Report) -> bytes:
    return pdf_of(report)


@pytest.fixture(scope="module")
def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def objects_of(content: bytes) -> Iterator[Any]:
    reader = PdfReader(io.BytesIO(content))
    for number in range(1, len(reader.xref[0]) + 1):
        yield reader.get_object(number)


def test_every_page_after_the_first_names_the_ledger_and_its_number(pages: list[str], report: Report) -> None:
    assert len(pages) > 5
    for number, page in enumerate(pages[1:], 2):
        assert f"Ledger 12,345 entries, root {ROOT}" in page
        assert report.digest in page
        assert f"Page {number} of {len(pages)}" in page


def test_the_first_page_says_what_it_is_about(pages: list[str], report: Report) -> None:
    told = "".join(pages[0].split())
    for word in ("Compliance evidence", "team payroll", "Europe/Berlin", "Aud Ítor", report.digest, ROOT):
        assert "".join(word.split()) in told


def test_the_contents_lead_to_the_page_of_each_heading(content: bytes, pages: list[str]) -> None:
    reader = PdfReader(io.BytesIO(content))
    places = {
        str(entry["/Title"]): reader.get_destination_page_number(entry) for entry in _flat(reader.outline)
    }
    assert list(places) == [
        "2. Population", "3. Change register", "Changes", "Changes outside the process",
        "14. Limits and controls",
    ]  # fmt: skip
    for title, place in places.items():
        assert title in pages[place or 0]
        assert title in pages[1]


def _flat(outline: Any) -> Iterator[Any]:
    for entry in outline:
        yield from _flat(entry) if isinstance(entry, list) else [entry]


def test_a_table_that_breaks_repeats_its_heading_and_loses_no_row(pages: list[str]) -> None:
    of_the_table = [page for page in pages if "R-0000" in page]
    assert len(of_the_table) > 2
    assert all("Requester" in page and "Approvers" in page for page in of_the_table)
    words = " ".join(of_the_table)
    assert [number for number in range(1, ROWS + 1) if f"R-{number:06}" not in words] == []


def test_hostile_names_are_text_and_nothing_else(content: bytes, pages: list[str]) -> None:
    words = " ".join(" ".join(pages).split())
    assert "<b>Ana</b> &" in words
    assert "=HYPERLINK(" in words
    assert "\u2039202e\u203agpj.exe\u20391b\u203a[31m red" in words
    assert "Ωμέγα Жуков Łódź" in words
    assert "\u20394e2d\u203a" in words
    kinds = {str(each.get("/S")) for each in objects_of(content) if hasattr(each, "get")}
    assert not kinds & {"/JavaScript", "/URI", "/Launch", "/SubmitForm"}


def test_every_font_is_embedded(content: bytes) -> None:
    fonts = {
        str(each["/FontName"]): each.get("/FontFile2")
        for each in objects_of(content)
        if hasattr(each, "get") and each.get("/Type") == "/FontDescriptor"
    }
    assert fonts
    assert all(fonts.values())
    used = {
        str(font["/BaseFont"])
        for page in PdfReader(io.BytesIO(content)).pages
        for font in (reference.get_object() for reference in page["/Resources"]["/Font"].values())
        if font["/Subtype"] != "/TrueType"
    }
    assert used <= {"/Helvetica"}, "a font that every page names and none uses"


def test_the_same_report_gives_the_same_bytes_and_another_others(content: bytes, report: Report) -> None:
    assert pdf_of(report) == content
    said = PdfReader(io.BytesIO(content)).metadata
    assert said is not None
    assert said.creation_date == report.made_at
    assert said.subject == report.digest
    later = replace(report, made_at=report.as_of + timedelta(days=2))
    assert pdf_of(replace(later, sections=())) != pdf_of(replace(report, sections=()))


def test_a_table_without_end_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_ROWS", 40)
    report = sample_report(1)
    table = report.section("register").tables[1]
    long_one = replace(table, rows=tuple(Row((str(at), f"R-{at:03}", "pay01")) for at in range(2_005)))
    section = replace(report.section("register"), tables=(long_one,))
    reader = PdfReader(io.BytesIO(pdf_of(replace(report, sections=(section,)))))
    words = " ".join(page.extract_text() for page in reader.pages)
    assert "The first 40 of 2,005 rows. CSV and JSON hold all of them." in words
    assert "R-039" in words
    assert "R-040" not in words


def test_columns_fill_no_more_than_the_page_and_keep_words_whole() -> None:
    headings = [Heading("Run", number=True), Heading("What happened"), Heading("LPAR")]
    rows = [[["7"], ["capacity was not released by the managed system " * 9], ["pay01"]]]
    widths = widths_of(headings, rows, 300)
    assert sum(widths) == pytest.approx(300)
    assert widths[1] > widths[0] + widths[2]
    assert sum(widths_of(headings, [[["7"], ["ok"], ["pay01"]]], 300)) < 300
    assert least_width(headings, rows) < 300
    assert sum(widths_of(headings, [[["7" * 90], ["w" * 900], ["x" * 90]]], 200)) == pytest.approx(200)


def test_a_table_too_wide_for_a_page_is_printed_in_parts() -> None:
    headings = [Heading("Run"), *(Heading(f"Column{at}") for at in range(30))]
    rows = [[["7"], *([f"value{at}"] for at in range(30))]]
    groups = groups_of(headings, rows, 400)
    assert len(groups) > 2
    assert all(group[0] == 0 for group in groups)
    assert sorted(at for group in groups for at in group[1:]) == list(range(1, 31))
    for group in groups:
        assert least_width([headings[at] for at in group], [[row[at] for at in group] for row in rows]) <= 400


def test_what_has_no_glyph_is_shown_by_its_number() -> None:
    assert printable("Łódź\t→ 中\x00") == "Łódź → \u20394e2d\u203a\u203900\u203a"
