"""The one list page: table, filters, sorting, pages, export; a constant number of queries."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import django_filters
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView
from django_tables2 import RequestConfig

from portal.web.exports import export
from portal.web.tables import PortalTable

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

COUNT_CAP = 10_000
"""Rows that are counted exactly; beyond it a list says `10,000+` and asks for a filter."""
PAGE_MOST = 200


class CappedPaginator(_Paginator):
    """Counts no further than `COUNT_CAP`, and gives no page of more than `PAGE_MOST` rows."""

    def __init__(self, object_list: Any, per_page: int, **kwargs: Any) -> None:
        super().__init__(object_list, max(1, min(per_page, PAGE_MOST)), **kwargs)

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.data.data.order_by().values("pk")[: COUNT_CAP + 1].count())

    @cached_property
    def count(self) -> int:
        """Rows that can be paged through."""
        return min(self._counted, COUNT_CAP)

    @property
    def count_text(self) -> str:
        """The number of rows in words: `1,284` or `10,000+`."""
        return f"{self.count:,}+" if self._counted > COUNT_CAP else f"{self.count:,}"


class ListView(TemplateView):
    """A list of what the person may see.

    A subclass says `table_class`, `heading`, `export_name`, maybe `filterset_class`, `lead` and
    `empty`, and implements `get_queryset`, which must hold only what `self.request.user` may see and
    bring along (`select_related`) what the columns show.
    """

    template_name = "components/list.html"
    table_class: type[PortalTable]
    filterset_class: type[django_filters.FilterSet] | None = None
    heading = ""
    lead = ""
    empty = "There is nothing here yet."
    export_name = "list"
    page_size = 50

    def get_queryset(self) -> QuerySet[Any]:
        """The rows this person may see, before filters."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or with `?export=csv|json` its rows as a file."""
        kind = request.GET.get("export")
        if kind:
            table = self.table_class(self.rows)
            RequestConfig(request, paginate=False).configure(table)
            return export(table, kind, self.export_name)
        return super().get(request, *args, **kwargs)

    @cached_property
    def filterset(self) -> django_filters.FilterSet | None:
        """The filters as the address sets them."""
        if self.filterset_class is None:
            return None
        return self.filterset_class(self.request.GET, queryset=self.get_queryset(), request=self.request)

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows after filters; none where a filter has a value that it cannot take."""
        if self.filterset is None:
            return self.get_queryset()
        return self.filterset.qs if self.filterset.is_valid() else self.get_queryset().none()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`table`, `filter`, `filtered` (is any filter set)."""
        table = self.table_class(self.rows)
        paginate = {"per_page": self.page_size, "paginator_class": CappedPaginator}
        RequestConfig(self.request, paginate=paginate).configure(table)
        names = self.filterset.form.fields if self.filterset else ()
        filtered = any(self.request.GET.get(name) for name in names)
        return super().get_context_data(table=table, filter=self.filterset, filtered=filtered, **kwargs)
