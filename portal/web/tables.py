"""The base of every list's table, and the columns that lists share."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.web.templatetags.portal import ago, badge, digest, when

NUM = {"td": {"class": "num"}}
"""Attributes of a column that holds numbers."""
QUOTED = {"td": {"class": "nowrap"}}
"""Attributes of a column that holds numbers by which people quote a thing, as R-000104."""
MONO = {"td": {"class": "mono"}}
"""Attributes of a column that holds commands and other text of machines."""

LEVEL = {"td": {"class": "mono nowrap"}}
"""Attributes of a column that holds levels, which stay on one line."""


class PortalTable(tables.Table):
    """A table in the look of the portal. `caption` names it for screen readers."""

    caption = ""

    def lean_rows(self) -> Iterator[SafeString]:
        """The cells of each row of this page; what does not change from row to row is worked out once."""
        opened = [
            (
                column.name,
                format_html(
                    '<td data-label="{}" class="{}">',
                    column.header,
                    column.column.attrs.get("td", {}).get("class", ""),
                ),
            )
            for column in self.columns
        ]
        for row in self.paginated_rows:
            cells = [f"{tag}{conditional_escape(row.get_cell(name))}</td>" for name, tag in opened]
            yield mark_safe("".join(cells))  # noqa: S308 - each part is escaped above


class StateColumn(tables.Column):
    """A state as badge; the export holds the bare state."""

    def render(self, record: Any, bound_column: Any) -> SafeString:
        """The badge."""
        return badge(bound_column.accessor.resolve(record))

    def value(self, record: Any, bound_column: Any) -> str:
        """The state's name, not the words that a choice may have for it."""
        state = bound_column.accessor.resolve(record)
        return str(getattr(state, "value", state))


class WhenColumn(tables.Column):
    """A time with its zone and distance, or with `short` the distance alone; exported as RFC 3339.

    `narrow` sets the distance below the time, where other columns need the room.
    """

    def __init__(self, *args: Any, short: bool = False, narrow: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, attrs={"td": {"class": "num below" if narrow else "num"}}, **kwargs)
        self.short = short

    def render(self, value: datetime) -> str:
        """The time element."""
        return ago(value) if self.short else when(value)

    def value(self, value: datetime) -> datetime:
        """The time itself."""
        return value


class DigestColumn(tables.Column):
    """A digest, shortened; the export holds all of it."""

    def render(self, value: str) -> str:
        """The short form with the whole digest behind it."""
        return digest(value)

    def value(self, value: str) -> str:
        """The whole digest."""
        return value


class NameColumn(tables.Column):
    """What a row is called: stands first, in bold, and links to the row's page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"linkify": True, **kwargs})

    def render(self, value: Any) -> SafeString:
        """The name."""
        return format_html("<b>{}</b>", value)

    def value(self, value: Any) -> str:
        """The name as text."""
        return str(value)
