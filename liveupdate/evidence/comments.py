"""Compares what people said about requests with what was entered when they said it."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.models import Comment
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values


class Comments(RowComparison[int]):
    """Who said what about which request, against `request.comment`."""

    events = frozenset({Event.REQUEST_COMMENT})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the comment's id."""
        data = document["d"]
        return data["comment"], (document["actor"]["id"], document["sub"]["request"], data["text"])

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every comment."""
        for row in Comment.objects.select_related("person", "request").order_by("pk").iterator():
            yield row.pk, (row.person.public_id, row.request.number, row.text)

    def name(self, key: int) -> str:
        """Comment 3."""
        return f"Comment {key}"
