"""A stanza file without loss, and what the linter says of an lvupdate.data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.base import Output, Unparsable
from inventory.facts.stanza_file import LineKind, parse_stanza_file
from liveupdate.lpar.lvupdate_data import LvupdateData
from liveupdate.lpar.lvupdate_lint import KnownLpar, Weight, lint
from liveupdate.lpar.lvupdate_review import difference, known_lpar
from tests.estate import subject

GOOD = """\
# of the site
general:
\tkext_check = yes
\tcpu_reduction = no

disks:
\tnhdisk  = hdisk2
\tmhdisk  = hdisk10
\ttohdisk =
\ttshdisk =

hmc:
\tlpar_id =
\tmanagement_console = hmc01
\tuser = liveupdate
"""
PIECES = st.sampled_from(
    [
        "general:",
        "disks:",
        "\tnhdisk = hdisk2",
        "mhdisk=hdisk3",
        "  # note",
        "#",
        "",
        " ",
        "hmc :",
        "\u201c",
        "x=1",
        "\t= 3",
        "\n",
        "\r\n",
        "\r",
        "\n",
        "\n",
        "\x0b",
        "\x85",
        "\u2028",
    ]
)


def codes(text: str, known: KnownLpar | None = None) -> list[tuple[int, str]]:
    return [(remark.line, remark.code) for remark in lint(text, known)]


@given(text=st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=80))
def test_a_file_comes_back_byte_for_byte(text: str) -> None:
    file = parse_stanza_file(text)
    assert file.text() == text
    assert [line.number for line in file.lines] == list(range(1, len(file.lines) + 1))
    lint(text)


@given(text=st.lists(PIECES, max_size=30).map("".join))
def test_the_fact_reads_what_the_file_says(text: str) -> None:
    try:
        data = LVUPDATE_DATA.parse(Output(text + "\n"))
    except Unparsable:
        return
    if "\r" not in text:
        assert data.stanzas == parse_stanza_file(text + "\n").stanzas()


def test_comments_and_unknown_keys_are_lines_of_their_own() -> None:
    file = parse_stanza_file("# one\r\ngeneral:\r\n\tsite_key = 7 \r\nkext_check = no\n")
    assert [line.kind for line in file.lines] == [
        LineKind.COMMENT,
        LineKind.STANZA,
        LineKind.ATTRIBUTE,
        LineKind.SKIPPED,
    ]
    assert (file.value("general", "site_key"), file.value("general", "kext_check")) == ("7", "")


def test_what_the_portal_writes_is_clean() -> None:
    assert lint(GOOD) == []
    assert lint(LvupdateData(("hdisk2",), ("hdisk10",), "10.254.0.1", "liveupdate").text()) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("\tnhdisk ", "nhdisk ", [(0, "missing"), (7, "skipped-key")]),
        (
            "\tkext_check = yes\n",
            "\tkext_check = \u201cyes\u201d\n",
            [(3, "not-yes-or-no"), (3, "typographic")],
        ),
        ("hdisk10", "hdisk10\u2013", [(8, "not-a-disk"), (8, "typographic")]),
        ("\tkext_check", "\tkext_chek", [(3, "unknown-key")]),
        ("general:", "generel:", [(2, "unknown-stanza")]),
        ("\tuser = liveupdate\n", "", [(0, "missing")]),
        ("\tuser = liveupdate\n", "\tuser = liveupdate", [(15, "last-line")]),
        ("management_console = hmc01", "management_console =", [(0, "missing")]),
        ("hdisk10", "hdisk2", [(8, "disk-twice")]),
        ("hdisk10", "hdisk10, hdisk10", [(8, "disk-twice")]),
        (
            "\tuser = liveupdate\n",
            "\tuser = liveupdate\npvc:\n\tmanagement_console = p\n\tuser = u\n\tproject = x\n",
            [(0, "two-consoles")],
        ),
        ("hmc:\n", "pvc:\n", [(0, "missing"), (13, "wrong-stanza")]),
        ("\tlpar_id =\n", "\tlpar_id = many\n", [(13, "not-a-number")]),
        ("\tlpar_id =\n", "\tlpar_id =\n\tlpar_id = 7\n", [(14, "repeated")]),
        ("disks:\n", "disks:\n\tkext_check = no\n", [(7, "wrong-stanza")]),
        ("hmc01", "'hmc01'", [(14, "quoted")]),
        ("# of the site", "# \u201cof the site\u201d", []),
        ("# of the site", "\tkext_check = no", [(1, "skipped-key")]),
        ("general:\n", "general\n", [(2, "not-understood"), (3, "skipped-key"), (4, "skipped-key")]),
        ("hdisk10", "hdisk10 # the mirror", [(8, "comment-in-value"), (8, "not-a-disk")]),
    ],
)
def test_what_is_wrong_is_named_by_its_line(old: str, new: str, found: list[tuple[int, str]]) -> None:
    assert codes(GOOD.replace(old, new, 1)) == found


def test_windows_line_ends_are_said_once() -> None:
    remarks = lint(GOOD.replace("\n", "\r\n"))
    assert [(remark.line, remark.code) for remark in remarks] == [(1, "line-ends")]
    assert "15 lines" in remarks[0].message and remarks[0].weight is Weight.ERROR


def test_an_empty_file_names_no_console() -> None:
    assert codes("") == [(0, "missing"), (0, "missing"), (0, "no-console")]


def test_a_powervc_file_needs_no_disks() -> None:
    assert lint("pvc:\n\tmanagement_console = pvc01\n\tuser = u\n\tproject = p\n") == []


KNOWN = KnownLpar(
    why_not_free={"hdisk0": "hdisk0 belongs to rootvg.", "hdisk2": "", "hdisk10": ""},
    sessions=(("10.254.0.1", "liveupdate"),),
    same_console=lambda one, other: one == other or {one, other} == {"10.254.0.1", "hmc01"},
    lpar_id=26,
    rootvg=1,
)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("hdisk10", "hdisk0", [(8, "disk-taken")]),
        ("hdisk10", "hdisk7", [(8, "no-such-disk")]),
        ("hdisk10", "hdisk10,hdisk7", [(8, "no-such-disk"), (8, "number-of-disks")]),
        ("lpar_id =", "lpar_id = 26", [(13, "same-id")]),
        ("lpar_id =", "lpar_id = 27", []),
        ("hmc01", "hmc02", [(14, "other-console")]),
        ("user = liveupdate", "user = hscroot", [(14, "other-user")]),
    ],
)
def test_what_the_lpar_says_counts(old: str, new: str, found: list[tuple[int, str]]) -> None:
    assert codes(GOOD.replace(old, new, 1), KNOWN) == found


def test_the_template_of_the_lpar_decides_on_keys() -> None:
    known = KnownLpar(
        keys={"general": ("kext_check", "llu"), "disks": ("nhdisk", "mhdisk"), "hmc": ("user",)}
    )
    found = codes(GOOD, known)
    assert (4, "unknown-key") in found and (9, "unknown-key") in found
    assert codes(GOOD.replace("cpu_reduction", "llu"), known) == [each for each in found if each[0] != 4]


def test_facts_tell_what_is_known() -> None:
    known = known_lpar(subject())
    assert known.rootvg == 1 and known.lpar_id == 26 and known.sessions == (("10.254.0.1", "liveupdate"),)
    assert known.why_not_free is not None and known.why_not_free["hdisk2"] == ""
    assert codes(GOOD, known) == []
    assert codes(GOOD.replace("hmc01", "hmc01.example.com"), known) == []
    assert known_lpar(subject({"lspv": None, "hmcauth": None, "uname_l": None})).why_not_free is None


def test_a_difference_shows_line_ends() -> None:
    assert difference(GOOD, GOOD) == []
    shown = difference(GOOD, GOOD.replace("\tuser = liveupdate\n", "\tuser = liveupdate\r\n"))
    assert shown[-2:] == ["-\tuser = liveupdate", "+\tuser = liveupdate^M"]
    assert difference("a\n", "a")[-1] == "+a  (no line end)"
