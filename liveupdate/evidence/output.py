"""Compares the output that pages show, byte for byte, with what the ledger's entries say of it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from liveupdate.models import OutputChunk, RunCommand
from portal.audit.authority import RELEASES, Authority, BadAuthority, authority_in, authority_over
from portal.audit.chunks import CHUNK_LIMIT
from portal.audit.events import Event
from portal.audit.verification.report import Problem
from portal.lib.canonical import digest


class _Stream(NamedTuple):
    run: int
    command: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} of command {self.command} of run {self.run}"


class _Said(NamedTuple):
    """One `cmd.out` entry: so many bytes, in pieces of `CHUNK_LIMIT`, with these digests."""

    seq: int | None
    size: int
    digests: tuple[str, ...]


class OutputComparison:
    """A `portal.audit.verification.comparisons.Comparison` of output rows with `cmd.out` entries."""

    events = frozenset({Event.CMD_OUT, Event.LEDGER_PRUNE, Event.REDACT_LATE})

    def __init__(self) -> None:
        self._authorities: list[Authority] = []
        self._said: dict[_Stream, list[_Said]] = {}

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """Keep what an entry says of output, or by which some may be missing."""
        data = document["d"]
        if document["t"] in RELEASES:
            self._release(seq, document)
            return
        if "command" not in data:
            return
        stream = _Stream(document["sub"]["run"], data["command"], data["stream"])
        said = _Said(seq, int(data["bytes"]), tuple(data["chunks"]))
        self._said.setdefault(stream, []).append(said)

    def problems(self) -> Iterable[Problem]:
        """The first place of each stream where the rows hold other bytes than were entered."""
        for stream, entries in self._said.items():
            problem = _first_difference(stream, entries, self._authorities)
            if problem is not None:
                yield problem

    def _release(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """A false claim lets nothing go; the walk tells of it."""
        with suppress(BadAuthority):
            authority = None if seq is None else authority_in(seq, document)
            if authority:
                self._authorities.append(authority)


def _first_difference(stream: _Stream, entries: list[_Said], authorities: list[Authority]) -> Problem | None:
    rows, held, at = _rows(stream), bytearray(), 0
    for entry in entries:
        for number, expected in enumerate(entry.digests):
            size = min(CHUNK_LIMIT, entry.size - number * CHUNK_LIMIT)
            while len(held) < size and (row := next(rows, b"")):
                held += row
            if digest(bytes(held[:size])) == expected:
                del held[:size]
            elif entry.seq is None or not authority_over(expected, entry.seq, authorities):
                return Problem(f"The {stream} is not what was entered, from byte {at} on.", entry.seq)
            at += size
    return None


def _rows(stream: _Stream) -> Iterator[bytes]:
    command = RunCommand.objects.filter(run_id=stream.run, number=stream.command).first()
    rows = OutputChunk.objects.filter(command=command, stream=stream.name).order_by("offset")
    for content in rows.values_list("content", flat=True).iterator(chunk_size=64):
        yield bytes(content)
