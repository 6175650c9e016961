"""Outputs of any length: windows find what a search in the whole would find."""

import random
import re

import pytest

from liveupdate.engine import reading
from liveupdate.engine.judge import Outcome, judge
from liveupdate.engine.reading import fingerprint, last_line, lines, text_of, windows
from liveupdate.procedures.step import Expect


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WINDOW", 400)
    monkeypatch.setattr(reading, "OVERLAP", 60)


def cut(content: bytes, seed: int) -> list[bytes]:
    """The content in pieces of random lengths."""
    chance, pieces = random.Random(seed), []
    while content:
        size = chance.randrange(1, 50)
        pieces.append(content[:size])
        content = content[size:]
    return pieces


PATTERNS = (r"^aab$", r"\Aa", r"b\s+a+c", r"\bca\b", r"^$", r"a{20}", r"c$", r"(?<=b)c", r"^\s*c\nb", r"\Ab")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(60))
def test_windows_find_exactly_what_the_whole_holds(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choices("abc \n", weights=(5, 2, 1, 1, chance.choice((0, 1, 4))), k=3000))
    looked = list(windows(text_of(cut(text.encode(), seed))))
    assert max(len(window.text) for window in looked) < 600
    for pattern in PATTERNS:
        whole = re.search(pattern, text, re.MULTILINE)
        parts = any(window.search(pattern) for window in looked)
        assert parts is (whole is not None), pattern


@pytest.mark.parametrize("seed", range(10))
def test_text_does_not_depend_on_how_it_arrives(seed: int) -> None:
    content = "é€ one\r\ntwo\r\r\nthree\rfour\n\xff".encode() + b"\xff\xc3" * 3 + b"\r"
    whole = content.decode("utf-8", "replace").replace("\r\n", "\n")
    assert "".join(text_of(cut(content, seed))) == whole
    assert list(lines(cut(content, seed))) == whole.split("\n")


@pytest.mark.usefixtures("small")
def test_a_very_long_line_stays_bounded() -> None:
    pieces = [b"x" * 50] * 100 + [b"needle"] + [b"x" * 50] * 100
    assert max(len(line) for line in lines(pieces)) <= 400
    assert judge(Expect(has=("needle",)), Outcome(0, pieces)).met
    assert not judge(Expect(lacks=("needle",)), Outcome(0, pieces)).met


def test_the_last_line_is_found_behind_much_output() -> None:
    assert last_line([b"first\n" * 100_000, b"0505-123 no such disk\n", b"  \n"]) == "0505-123 no such disk"
    assert last_line([]) == ""


def test_a_fingerprint_ignores_order_and_blanks_but_not_repetition() -> None:
    assert fingerprint([b"a 1\nb 2\n"]) == fingerprint([b"\nb 2  \n", b"a ", b"1"])
    assert fingerprint([b"a 1\na 1\n"]) != fingerprint([b"a 1\n"])


def test_long_outputs_that_differ_are_told_apart() -> None:
    many = b"".join(b"tunable_%d = 1\n" % number for number in range(20_000))
    same = Expect(equals_saved="before")
    assert judge(same, Outcome(0, [many]), [many[:100_000], many[100_000:]]).met
    verdict = judge(same, Outcome(0, [many]), [many.replace(b"_7 = 1", b"_7 = 2")])
    assert verdict.message == "It differs from before."
