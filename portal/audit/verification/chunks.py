"""Checks the stored output: every chunk is what its digest says, and none that an entry names is gone."""

from collections.abc import Callable, Iterator, Mapping

from portal.audit.chunks import ChunkDamaged, open_chunk
from portal.audit.models import Chunk
from portal.audit.verification.report import Problem

PAGE = 200


def check_chunks(
    named: Mapping[str, int | None], lets_go: Callable[[str], bool]
) -> tuple[int, list[Problem]]:
    """How many chunks there are, and what is wrong; `named` are the digests in entries, with their places.

    `lets_go` tells whether one that is not there may be missing.
    """
    problems, present, count = [], set(), 0
    for name, stored in _chunks():
        count += 1
        if name in named:
            present.add(name)
        try:
            open_chunk(name, stored)
        except ChunkDamaged as error:
            problems.append(_problem(error.message, named.get(name)))
    problems.extend(
        _problem(f"The output chunk {name} is missing.", seq)
        for name, seq in named.items()
        if name not in present and not lets_go(name)
    )
    return count, problems


def _problem(message: str, seq: int | None) -> Problem:
    return Problem(f"Entry {seq}: {message}" if seq is not None else message, seq)


def _chunks() -> Iterator[tuple[str, bytes]]:
    last = ""
    while True:
        page = list(
            Chunk.objects.filter(digest__gt=last).order_by("digest").values_list("digest", "content")[:PAGE]
        )
        for name, content in page:
            yield name, bytes(content)
        if len(page) < PAGE:
            return
        last = page[-1][0]
