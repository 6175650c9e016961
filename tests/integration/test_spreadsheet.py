"""What people take away, opened by a spreadsheet program: it computes nothing of it (threat T12)."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, resolve, reverse

from liveupdate.reports.document import Column, ColumnType, Row, Share, Table
from liveupdate.reports.formats.csv_files import csv_of, tables_of
from portal.web.lists import ListView
from tests.fleet import make_fleet
from tests.hostile import spoil_rows
from tests.integration.test_security_origin import names_below
from tests.report_sample import sample_report
from tests.run_story import Story

pytestmark = [pytest.mark.spreadsheet, pytest.mark.threat("T12"), pytest.mark.asvs("1.2.10")]
GNUMERIC = {"g": "http://www.gnumeric.org/v10.dtd"}
COMPUTED = ("=1+1", '=HYPERLINK("//evil.example","pay01")')
HOSTILE = (
    *COMPUTED, "+cmd|' /C calc'!A0", "-2+3", "-2", "@SUM(1,2)", "\t=1+1", "\r=1+1", "\n=1+1", "\uff1d1+1",
    "\uff0b1", "\uff0d1", "\uff20SUM(1,2)", '",=1+1,"', '"\r\n=1+1', "';=1+1",
)  # fmt: skip


class Cell(NamedTuple):
    """A cell as the program holds it; a formula has no value of its own."""

    text: str
    is_formula: bool


def opened(files: dict[str, bytes], folder: Path) -> list[Cell]:
    """Every cell of these CSV files, opened as sheets of one workbook; the program joins two or more."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    book = folder / "book.xml"
    types = ["--import-type=Gnumeric_stf:stf_csvtab", "--export-type=Gnumeric_XmlIO:sax:0"]
    argv = ["ssconvert", *types, f"--merge-to={book}", *files]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=120)
    cells = ElementTree.parse(book).iterfind(".//g:Cell", GNUMERIC)
    return [Cell(cell.text or "", "ValueType" not in cell.attrib) for cell in cells]


def lists() -> Iterator[str]:
    """Where the lists are that need nothing named."""
    for name in sorted(names_below(get_resolver().url_patterns)):
        with contextlib.suppress(NoReverseMatch):
            address = reverse(name)
            view = getattr(resolve(address).func, "view_class", None)
            if view and issubclass(view, ListView):
                yield address


def test_the_program_computes_what_is_not_led_by_an_apostrophe(tmp_path: Path) -> None:
    raw = "".join('"{}"\r\n'.format(text.replace('"', '""')) for text in COMPUTED).encode()
    cells = opened({"raw.csv": raw, "again.csv": raw}, tmp_path)
    assert [cell.is_formula for cell in cells] == [True] * 2 * len(COMPUTED)
    argv = ["ssconvert", "--export-type=Gnumeric_stf:stf_csv", "raw.csv", "fd://1"]
    shown = subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True, timeout=120).stdout
    assert shown.splitlines()[0] == b"2"


@pytest.mark.django_db
def test_no_list_becomes_a_formula(tmp_path: Path) -> None:
    fleet = make_fleet()
    Story(fleet.queued("pay01")).begin().up_to_update()
    assert spoil_rows(HOSTILE) > 100
    client = Client()
    client.force_login(fleet.people["adm"])
    answers = {address: client.get(address, {"export": "csv"}) for address in lists()}
    exported = {
        f"list{address.replace('/', '.')}csv": answer.content
        for address, answer in answers.items()
        if answer.status_code == 200
    }
    assert len(exported) >= 15
    cells = opened(exported, tmp_path)
    assert not [cell for cell in cells if cell.is_formula]
    assert all(any(cell.text.startswith(text) for cell in cells) for text in COMPUTED)


@pytest.mark.parametrize("bom", [False, True])
def test_no_table_of_a_report_becomes_a_formula(tmp_path: Path, bom: bool) -> None:
    report = sample_report(5)
    types = (ColumnType.TEXT, ColumnType.PERSON, ColumnType.PEOPLE, ColumnType.SHARE)
    columns = tuple(Column(each.value, each.value, each) for each in types)
    rows = tuple(Row((text, text, (text, text), Share(-1, 2))) for text in HOSTILE)
    hostile = csv_of(Table("hostile", "hostile", columns, rows), report, bom=bom)
    files = {name: csv_of(table, report, bom=bom) for _, table, name in tables_of(report)}
    cells = opened(files | {"hostile.csv": hostile}, tmp_path)
    assert not [cell for cell in cells if cell.is_formula]
    assert sum(cell.text.startswith("=1+1") for cell in cells) >= 4
