"""Where entries and output are found again that a restored database lost: exports, and workers' spools."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from portal.audit.spool.copies import FOLDER
from portal.audit.spool.reading import copies_in, days_in
from portal.lib.canonical import digest
from portal.lib.errors import Invalid

ENTRIES = "entries.jsonl"


def archived_entries(sources: Sequence[Path]) -> Iterator[bytes]:
    """The bytes of every entry in the sources, some perhaps more than once. Raises Invalid."""
    for source in sources:
        if (source / ENTRIES).is_file():
            with (source / ENTRIES).open("rb") as lines:
                yield from (line.removesuffix(b"\n") for line in lines if line != b"\n")
        elif (source / FOLDER).is_dir():
            for day in days_in(source):
                yield from (copy.content for copy in copies_in(day))
        else:
            raise Invalid(
                f"{source} is neither an export nor a spool.",
                remedy="Name a directory of audit_export, or a worker's PORTAL_SPOOL_DIR.",
                code="file_not_readable",
            )


def archived_chunks(sources: Sequence[Path], names: Collection[str]) -> Iterator[bytes]:
    """Those of the named pieces of output that the exports hold as they were written."""
    for name in sorted(names):
        for source in sources:
            path = source / "chunks" / name.removeprefix("sha256:")
            if path.is_file() and digest(content := path.read_bytes()) == name:
                yield content
                break
