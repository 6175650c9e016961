"""Whatever NIM objects there are, what `lsnim` and its kin print of them is read back as it was."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inventory.facts.base import Output, Unparsable
from inventory.facts.catalogue import fact_named
from inventory.facts.nim_objects import FREE_TEXT, NimStanza, entries, stanzas

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
ATTRIBUTES = st.from_regex(r"[a-z]\w{0,14}", fullmatch=True).filter(lambda name: name.isascii())
CLASSES = st.sampled_from(["machines", "management", "resources", "networks", "groups", "customers"])
TYPES = st.from_regex(r"[a-z_]{1,16}", fullmatch=True)
WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_categories=["Cc", "Z"]), min_size=1
)
VALUES = st.lists(WORDS, max_size=5).map(" ".join)


@st.composite
def objects(draw: st.DrawFn) -> NimStanza:
    own = draw(st.dictionaries(ATTRIBUTES, st.lists(VALUES, min_size=1, max_size=3), max_size=6))
    attributes = {"class": (draw(NAMES),), "type": (draw(NAMES),)}
    attributes |= {
        name: tuple(values)
        for name, values in own.items()
        if name not in attributes and name not in FREE_TEXT
    }
    if draw(st.booleans()):
        lines = draw(st.lists(VALUES.filter(bool), min_size=1, max_size=4))
        attributes[draw(st.sampled_from(sorted(FREE_TEXT)))] = ("\n".join(lines),)
    return NimStanza(draw(NAMES), attributes)


def printed(found: list[NimStanza]) -> str:
    """The objects as `lsnim -l` prints them: all `=` of a stanza in one column."""
    text = ""
    for one in found:
        width = max(map(len, one.attributes))
        text += f"{one.name}:\n"
        for name, values in one.attributes.items():
            text += "".join(f"   {name:<{width}} = {value}".rstrip() + "\n" for value in values)
    return text


@settings(max_examples=25, deadline=None)
@given(st.lists(objects(), max_size=5))
def test_stanzas_are_read_back(found: list[NimStanza]) -> None:
    assert list(stanzas(Output(printed(found)))) == found


@settings(max_examples=25, deadline=None)
@given(st.lists(objects(), min_size=1, max_size=5), st.data())
def test_a_stanza_cut_anywhere_is_never_another_object(found: list[NimStanza], data: st.DataObject) -> None:
    text = printed(found)
    cut = text[: data.draw(st.integers(0, len(text)))]
    try:
        read = stanzas(Output(cut))
    except Unparsable:
        return
    names = [one.name for one in found]
    assert [one.name for one in read] == names[: len(read)]
    assert list(read[:-1]) == found[: len(read[:-1])]


@given(st.lists(st.tuples(NAMES, CLASSES, TYPES), max_size=20), st.integers(1, 20))
def test_rows_are_read_back(rows: list[tuple[str, str, str]], gap: int) -> None:
    text = "".join((" " * gap).join(row) + "  \n" for row in rows)
    assert [(entry.name, entry.cls, entry.type) for entry in entries(Output(text))] == rows


@given(NAMES, st.integers(0, 10**9), st.integers(1, 28), st.integers(0, 23))
def test_a_backup_is_read_back(name: str, size: int, day: int, hour: int) -> None:
    text = (
        f"{name}:\n   class         = resources\n   type          = mksysb\n"
        f"   creation_date = Wed Jul {day:2d} {hour:02d}:00:01 2022\n   source_image  = {name}\n"
        f"   location      = /export/{size}\n"
    )
    (backup,) = value("nim_backups", text)
    assert (backup.client, backup.location) == (name, f"/export/{size}")
    assert backup.made_at == f"2022-07-{day:02d}T{hour:02d}:00:01"


@given(st.lists(st.tuples(NAMES, st.integers(0, 10**12)), max_size=10, unique_by=lambda row: row[0]))
def test_files_are_read_back(rows: list[tuple[str, int]]) -> None:
    text = "".join(
        f"-rw-r--r--    1 root     system   {size:>12} Nov 25 09:14  /export/a b/{name}\n"
        for name, size in rows
    )
    read = [(file.path, file.size) for file in value("nim_files", text)]
    assert read == sorted((f"/export/a b/{name}", size) for name, size in rows)


@given(st.lists(st.tuples(st.binary(min_size=32, max_size=32), NAMES), max_size=6))
def test_digests_are_read_back(rows: list[tuple[bytes, str]]) -> None:
    text = "".join(f"{digest.hex().upper()}  /export/{name}\n" for digest, name in rows)
    read = {(file.sha256, file.path) for file in value("nim_digests", text)}
    assert read == {(digest.hex(), f"/export/{name}") for digest, name in rows}


@given(st.lists(st.tuples(NAMES, st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,4}){3}", fullmatch=True)), max_size=8))
def test_contents_are_read_back_from_both_layouts(rows: list[tuple[str, str]]) -> None:
    wanted = list(dict.fromkeys(rows))
    offers = "".join(
        f" @ {level}  Some words, 64-bit                @@I:{name} {level}\n" for name, level in rows
    )
    table = "  Fileset Name                Level                     I/U Q Content\n  ===========\n"
    table += "".join(f"  {name:<27} {level:<25}  I  N usr,root\n#   Some words\n\n" for name, level in rows)
    for text in (offers, table):
        assert [(package.name, package.level) for package in value("nim_contents", text)] == wanted


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=6))
def test_queried_systems_are_read_back(rows: list[tuple[str, str, str]]) -> None:
    text = "".join(
        f"name={name},type_model={model},serial_num={serial},ipaddr=,sp_type=fsp\n"
        for name, model, serial in rows
    )
    read = [(each.name, each.type_model, each.serial) for each in value("nim_hmc_systems", text)]
    assert read == rows


@given(st.text())
def test_the_text_of_live_update_data_is_kept_to_the_byte(text: str) -> None:
    assume(
        not any(
            (ord(character) < 32 and character not in "\n\t") or character == "\x7f" for character in text
        )
    )
    assert value("nim_live_update_data", text) == text


@pytest.mark.parametrize(
    "fact", ["nim_list", "nim_management", "nim_backups", "nim_contents", "nim_filesets"]
)
def test_a_message_in_another_language_is_no_answer(fact: str) -> None:
    with pytest.raises(Unparsable):
        value(fact, "Aucun objet NIM n'a \u00e9t\u00e9 trouv\u00e9 sur ce serveur.\n")


def value(fact: str, text: str) -> Any:
    return fact_named(fact).parse(Output(text))
