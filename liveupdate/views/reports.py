"""Reports: the ready ones, those that were made, and one of them with its sections, tables and files."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.reports import ask_for_report
from liveupdate.models import StoredReport
from liveupdate.pages.filters import StoredReportFilter
from liveupdate.pages.report_file import taken_file
from liveupdate.pages.report_form import ReportForm
from liveupdate.pages.report_links import links_for
from liveupdate.pages.report_rows import RowFilter
from liveupdate.pages.tables import StoredReportTable
from liveupdate.records.reports import LARGE, report_of, visible_reports, visible_schedules
from liveupdate.reports.document import Report, Section, Table
from liveupdate.reports.formats.csv_files import name_of
from liveupdate.reports.formats.files import FORMATS, has_format
from liveupdate.reports.formats.schema import report_schema
from liveupdate.reports.formats.view import View as ReportInWords
from liveupdate.reports.kinds import KINDS
from portal.access.requests import person_of
from portal.lib.errors import PortalError
from portal.web.lists import ListView

SHOWN = 15
"""Rows of each table that the page of a section shows."""


class ReportsView(ListView):
    """What can be asked for, and what was made."""

    template_name = "reports/list.html"
    table_class = StoredReportTable
    filterset_class = StoredReportFilter
    heading = "Reports"
    lead = "Made by a worker from the ledger, kept as they were made; each names the ledger's size and root"
    empty = "No report was made yet that you may see."
    export_name = "reports"

    def get_queryset(self) -> QuerySet[StoredReport]:
        """Those that the person may see, without their bytes."""
        return visible_reports(self.request.user).select_related("team", "asked_by").defer(*LARGE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, the ready reports, and the form that asks for one."""
        person = person_of(self.request)
        form = kwargs.pop("form", None) or ReportForm(person=person, initial=self.request.GET.dict())
        schedules = visible_schedules(person).count()
        return super().get_context_data(kinds=KINDS.values(), form=form, schedules=schedules, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for a report, and show how far it is."""
        person = person_of(request)
        form = ReportForm(request.POST, person=person)
        if form.is_valid():
            try:
                stored = ask_for_report(person, form.question())
            except PortalError as refused:
                form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            else:
                return redirect("report", pk=stored.pk)
        return self.render_to_response(self.get_context_data(form=form), status=400)


class _OfReport(TemplateView):
    """A page about one report."""

    @cached_property
    def stored(self) -> StoredReport:
        """The report of the address, where the person may see it."""
        rows = visible_reports(self.request.user).select_related("team", "asked_by", "schedule")
        return get_object_or_404(rows.defer("pdf"), pk=self.kwargs["pk"])

    @cached_property
    def report(self) -> Report:
        """What it says. Raises Conflict."""
        return report_of(self.stored)

    @cached_property
    def in_words(self) -> ReportInWords:
        """The report with links to what it speaks of."""
        return ReportInWords(self.report, links_for(person_of(self.request)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`stored`, and once it is ready `report` with its times and files."""
        context = super().get_context_data(stored=self.stored, **kwargs)
        if self.stored.state != StoredReport.State.READY:
            return context
        formats = {name: each for name, each in FORMATS.items() if has_format(self.report, name)}
        return {**context, "report": self.report, "formats": formats, **self.in_words.times()}


class ReportView(_OfReport):
    """One report: how far it is, then what it is about, with all its sections in short."""

    template_name = "reports/report.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `sections`."""
        context = super().get_context_data(**kwargs)
        if "report" in context:
            context["sections"] = [self.in_words.section(section, 0) for section in self.report.sections]
        return context


class ReportSectionView(_OfReport):
    """One section with its figures, charts and the first rows of its tables."""

    template_name = "reports/section_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `section` in words, and those `before` and `after` it."""
        section, sections = _section(self.report, kwargs["section"]), self.report.sections
        at = sections.index(section)
        kwargs.pop("section")
        return super().get_context_data(
            view=self.in_words.section(section, SHOWN),
            before=sections[at - 1] if at else None,
            after=sections[at + 1] if at + 1 < len(sections) else None,
            **kwargs,
        )


class ReportTableView(_OfReport):
    """All rows of a table, filtered and in pages."""

    template_name = "reports/table_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `section`, `filter` and the `rows` of this page."""
        section = _section(self.report, kwargs.pop("section"))
        table = _table(section, kwargs.pop("table"))
        rows = RowFilter(table, self.in_words.reader, self.request.GET)
        return super().get_context_data(
            section=section,
            table=table,
            filter=rows,
            rows=self.in_words.table(table, list(rows.page)),
            file_name=name_of(section, table),
            **kwargs,
        )


class ReportPrintView(_OfReport):
    """The whole report on one page, to read and to print."""

    template_name = "reports/file.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With all `sections`."""
        sections = [self.in_words.section(section) for section in self.report.sections]
        return super().get_context_data(sections=sections, **kwargs)


class ReportFileView(View):
    """A file of a report; that it is taken is entered into the ledger."""

    def get(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """The file: a format, or with `table` one table as CSV (`bom=1` for spreadsheets). Raises Invalid."""
        person = person_of(request)
        stored = get_object_or_404(visible_reports(person), pk=pk)
        return taken_file(person, stored, name, request.GET)


class ReportSchemaView(View):
    """The published schema of a report's JSON."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The schema."""
        return JsonResponse(report_schema(), content_type="application/schema+json")


def _section(report: Report, key: str) -> Section:
    found = [each for each in report.sections if each.key == key]
    if not found:
        raise Http404(f"The report has no section {key}.")
    return found[0]


def _table(section: Section, key: str) -> Table:
    found = [each for each in section.tables if each.key == key]
    if not found:
        raise Http404(f"The section has no table {key}.")
    return found[0]
