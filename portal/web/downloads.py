"""Files that a browser saves and never shows."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header


def download(content: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """The pieces as a file of this name, sent as the client takes them."""
    disposition = content_disposition_header(True, name) or "attachment"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(_pulled(content), content_type="application/octet-stream", headers=headers)


def attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    """These bytes as a file of this name."""
    disposition = content_disposition_header(True, name) or "attachment"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=content_type, headers=headers)


async def _pulled(content: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces one by one as the client takes them: a plain iterator would be read whole first."""
    pull = sync_to_async(lambda: next(content, None))
    while (piece := await pull()) is not None:
        yield piece
