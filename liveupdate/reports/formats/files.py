"""The files of a report that people take away."""

from collections.abc import Callable
from dataclasses import dataclass

from liveupdate.reports.document import Report
from liveupdate.reports.formats.csv_files import csv_of, tables_of, zip_of
from liveupdate.reports.formats.html import html_of
from liveupdate.reports.formats.oscal import has_controls, oscal_of
from liveupdate.reports.formats.pdf.writing import pdf_of
from portal.lib.errors import Invalid


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how its files end, what they are, and how they are made."""

    suffix: str
    media_type: str
    make: Callable[[Report], bytes]
    label: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to save."""

    name: str
    content: bytes
    media_type: str


FORMATS: dict[str, Format] = {
    "pdf": Format("pdf", "application/pdf", pdf_of, "PDF"),
    "json": Format("json", "application/json", lambda report: report.content, "JSON"),
    "csv": Format("csv.zip", "application/zip", zip_of, "CSV of all tables"),
    "oscal": Format("oscal.json", "application/json", oscal_of, "OSCAL assessment results"),
    "html": Format("html", "text/html; charset=utf-8", html_of, "HTML"),
}


def format_of(name: str) -> Format:
    """The format of this name. Raises Invalid."""
    if name not in FORMATS:
        raise Invalid(
            f"There is no format {name!r} of reports.",
            remedy=f"Choose {', '.join(FORMATS)}.",
            code="unknown_name",
        )
    return FORMATS[name]


def has_format(report: Report, name: str) -> bool:
    """Whether a report can be had in a format: OSCAL is about controls."""
    return name != "oscal" or has_controls(report)


def file_of(report: Report, name: str, *, bom: bool = False, pdf: bytes | None = None) -> File:
    """A report in a format; `pdf` are its bytes where they were made before. Raises Invalid."""
    format_ = format_of(name)
    if name == "pdf" and pdf is not None:
        content = pdf
    else:
        content = zip_of(report, bom=bom) if name == "csv" else format_.make(report)
    return File(f"{report.kind}.{format_.suffix}", content, format_.media_type)


def table_file(report: Report, name: str, *, bom: bool) -> File:
    """One table as CSV, by the name that it has in the zip. Raises Invalid."""
    for _, table, file_name in tables_of(report):
        if file_name == name:
            return File(name, csv_of(table, report, bom=bom), "text/csv; charset=utf-8")
    raise Invalid(f"This report has no table {name!r}.", code="unknown_name")
