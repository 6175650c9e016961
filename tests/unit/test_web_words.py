"""How states, times, cursors and host output are written."""

import re
import sys
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.env import BASE_DIR
from portal.lib.errors import Invalid
from portal.lib.text import some_of, visible
from portal.web import icons, times
from portal.web.badges import face
from portal.web.exports import spreadsheet_safe
from portal.web.streams import StreamEvent, encode, parse_cursor

ICON = re.compile(r'icon "([a-z0-9-]+)"')
NOW = datetime(2026, 11, 25, 13, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=-3), "now"),
        (timedelta(seconds=-41), "41 s ago"),
        (timedelta(minutes=-3, seconds=-59), "3 min ago"),
        (timedelta(hours=2, minutes=5), "in 2 h"),
        (timedelta(days=-8), "8 d ago"),
    ],
)
def test_distance_is_named_in_its_largest_unit(away: timedelta, words: str) -> None:
    assert times.relative(NOW + away, NOW) == words


def test_times_name_their_zone_and_a_year_only_when_it_is_another(settings: object) -> None:
    assert times.absolute(NOW, NOW) == "25 Nov 13:20 UTC"
    assert times.absolute(NOW.replace(year=2025), NOW) == "25 Nov 2025 13:20 UTC"
    assert times.exact(NOW) == "Wed 25 Nov 2026 13:20:30 UTC"


@pytest.mark.parametrize(("seconds", "words"), [(7, "7 s"), (401, "6 m 41 s"), (3723, "1 h 02 m 03 s")])
def test_lengths_are_written_to_the_second(seconds: int, words: str) -> None:
    assert times.clock(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("state", "tone", "word"),
    [
        ("ready_with_actions", "warn", "Ready with actions"),
        ("contact_lost", "unknown", "Contact lost"),
        ("not_possible", "bad", "Not possible"),
        ("submitted", "info", "Waiting for approval"),
        ("never_heard_of", "", "Never heard of"),
    ],
)
def test_a_state_has_a_tone_and_a_word(state: str, tone: str, word: str) -> None:
    assert face(state) == (tone, word)


DRAWN = ("ARABIC ", "SYRIAC ", "KAITHI ", "EGYPTIAN ")
"""Format characters of these scripts are signs that are drawn."""


@pytest.mark.threat("T10")
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("from a terminal\r\n", "from a terminal\n"),
        ("over\rwritten", "over⟨0d⟩written"),
        ("\x1b]8;;https://x\x07link", "⟨1b⟩]8;;https://x⟨07⟩link"),
        ("\x9b31m\u202eabc\u200b", "⟨9b⟩31m⟨202e⟩abc⟨200b⟩"),
        ("pay\u00ad01 \u3164\U000e0041", "pay⟨ad⟩01 ⟨3164⟩⟨e0041⟩"),
        ("\u26a0\ufe0f Ω é", "\u26a0\ufe0f Ω é"),
    ],
)
def test_control_characters_are_shown_not_obeyed(sent: str, shown: str) -> None:
    assert visible(sent) == shown


@pytest.mark.threat("T10")
def test_page_and_live_log_show_the_same_characters_by_number_and_no_format_character_hides() -> None:
    script = (BASE_DIR / "static" / "log.js").read_text(encoding="utf-8")
    [of_the_log] = re.findall(r"^const HIDDEN = /(\[.*\])/gu;$", script, re.MULTILINE)
    told = re.sub(r"\\u\{(\w+)\}", lambda found: chr(int(found[1], 16)), of_the_log)
    every = "".join(map(chr, range(sys.maxunicode + 1))).replace("\r\n", "\r")
    shown = set(re.findall(told, every))
    assert shown == {each for each in every if visible(each) != each}
    hides = {each for each in every if unicodedata.category(each) == "Cf"} - shown
    assert all(unicodedata.name(each).startswith(DRAWN) for each in hides)


@pytest.mark.threat("T12")
@pytest.mark.asvs("1.2.10")
@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "\uff1d1", "\uff20SUM"]
)
def test_no_cell_becomes_a_formula(cell: str) -> None:
    assert spreadsheet_safe(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["pay01", "7200-05-03-2148", -7, None, ""])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert spreadsheet_safe(cell) == cell


def test_a_cursor_survives_its_text_form() -> None:
    event = StreamEvent((12, 7), "output", "one\ntwo")
    assert encode(event) == b"id: 12.7\nevent: output\ndata: one\ndata: two\n\n"
    assert parse_cursor("12.7") == (12, 7)
    assert parse_cursor("") == ()


@pytest.mark.parametrize("text", ["x", "1.", "-1", "1;2", "9" * 19, "1.2.3.4.5", "٣", "1\n"])
def test_a_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_cursor(text)


def test_an_icon_is_drawn_once_and_read_out_by_its_label_alone() -> None:
    plain, named = icons.svg("lock", ""), icons.svg("lock", "Locked <here>")
    assert 'aria-hidden="true"' in plain
    assert 'role="img" aria-label="Locked &lt;here&gt;"' in named
    assert "<path d=" in plain and "xmlns" not in plain
    assert icons.svg("lock", "") is plain


def test_every_icon_that_a_template_names_exists() -> None:
    named = {name for page in Path("templates").rglob("*.html") for name in ICON.findall(page.read_text())}
    assert len(named) > 50
    for name in named:
        icons.svg(name, "")
    with pytest.raises(icons.NoSuchIcon, match="no icon 'no-such'"):
        icons.svg("no-such", "")


def test_many_names_are_counted_in_a_sentence() -> None:
    assert some_of(["sshd", "cron", "cron"]) == "cron, sshd"
    assert some_of(f"p{number}" for number in range(9)) == "p0, p1, p2, p3, p4 and 4 more"
