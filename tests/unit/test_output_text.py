"""Characters whose bytes lie in two chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveupdate.models import OutputChunk, RunCommand
from liveupdate.pages.output_text import TextOfChunks, unfinished


def chunks(content: bytes, sizes: list[int], *, ended: bool) -> list[OutputChunk]:
    from portal.lib.clock import now

    command = RunCommand(pk=1, stdout_bytes=len(content), ended_at=now() if ended else None)
    pieces, start = [], 0
    for size in [*sizes, len(content)]:
        piece = content[start : start + size]
        if piece:
            pieces.append(OutputChunk(command=command, stream="stdout", offset=start, content=piece))
        start += size
    return pieces


@given(text=st.text(), sizes=st.lists(st.integers(1, 9)))
def test_text_survives_any_cut(text: str, sizes: list[int]) -> None:
    decoder = TextOfChunks()
    assert "".join(decoder.of(chunk) for chunk in chunks(text.encode(), sizes, ended=False)) == text


@given(content=st.binary(), sizes=st.lists(st.integers(1, 9)))
def test_other_bytes_show_as_they_would_in_one_piece(content: bytes, sizes: list[int]) -> None:
    decoder = TextOfChunks()
    shown = "".join(decoder.of(chunk) for chunk in chunks(content, sizes, ended=True))
    assert shown == content.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("content", "left"),
    [
        (b"", b""),
        (b"abc", b""),
        ("é".encode(), b""),
        ("é".encode()[:1], b"\xc3"),
        (b"x" + "€".encode()[:2], b"\xe2\x82"),
        (b"x" + "🦊".encode()[:3], b"\xf0\x9f\xa6"),
        ("🦊".encode(), b""),
        (b"\x80\x80\x80\x80", b""),
        (b"\xff", b""),
        (b"\xc0", b""),
        (b"\xed\xa0", b""),
    ],
)
def test_only_what_can_become_a_character_waits(content: bytes, left: bytes) -> None:
    assert unfinished(content) == left
