"""What a command printed, byte for byte, whole or a part of it."""

from collections.abc import Iterator

from liveupdate.models import RunCommand
from portal.access.models import User
from portal.audit.releases import letting_of, release_of_stream
from portal.lib.errors import Gone


def size_of(command: RunCommand, stream: str) -> int:
    """How many bytes of a stream are stored."""
    size: int = getattr(command, f"{stream}_bytes")
    return size


def bytes_of(command: RunCommand, stream: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a stream from offset `start` up to, not including, `end`; in pieces, in order."""
    chunks = command.output.filter(stream=stream).order_by("offset")
    before = chunks.filter(offset__lte=start).order_by("-offset").values_list("offset", flat=True).first()
    chunks = chunks.filter(offset__gte=before or 0)
    if end is not None:
        chunks = chunks.filter(offset__lt=end)
    for offset, content in chunks.values_list("offset", "content").iterator(chunk_size=64):
        last = None if end is None else end - offset
        yield bytes(content)[max(0, start - offset) : last]


def require_kept(command: RunCommand, stream: str, start: int = 0, end: int | None = None) -> None:
    """Raise Gone where bytes of this part of a stream were pruned or withheld, with when and by whom."""
    part = range(start, size_of(command, stream) if end is None else end)
    release = release_of_stream(command.run_id, command.number, stream, part)
    if release is None:
        return
    letting, withheld = letting_of(release), release.what == "withheld"
    named = dict(User.objects.filter(public_id__in=letting.people).values_list("public_id", "username"))
    people = " and ".join(named.get(each, each) for each in letting.people)
    raise Gone(
        f"{stream} of command {command.number} of run {command.run_id} was {release.words}, "
        f"by {people} at {letting.at[:10]} {letting.at[11:19]} UTC: {letting.reason}.",
        remedy="Ask with Range for the bytes beside it; the run's page shows them."
        if withheld
        else "An auditor finds the bytes in that archive, by their SHA-256.",
        code="output_withheld" if withheld else "output_pruned",
    )
