"""Pages of the API's lists."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """By id, the newest first: a page costs the same wherever it lies, and misses nothing new or gone."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-pk"
