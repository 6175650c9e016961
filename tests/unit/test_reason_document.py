"""The page of reasons holds every code that the portal says no with."""

import ast
import re
from pathlib import Path

from liveupdate.control.reason_document import DEFAULTS, Said, _in_module, document_of, reasons_in
from liveupdate.management.commands.document_reasons import PAGE, sources

SOURCE = """
FULL = "no_room"
def gate(a):
    if a: return Reason(FULL, f"{a} has no room: {a}", "Wait.")
    raise Conflict("Gone.", code="gone", remedy="Read.")
def act(): raise Invalid("No level.")
"""


def test_codes_and_words_are_read_from_the_source() -> None:
    assert set(_in_module(ast.parse(SOURCE))) == {
        Said("no_room", "hold", "… has no room: …"),
        Said("gone", "refusal: not in this state", "Gone."),
        Said("invalid", "refusal: not acceptable", "No level."),
    }


def test_the_page_holds_every_code() -> None:
    listed = set(re.findall(r"^## (\w+)$", Path(PAGE).read_text(encoding="utf-8"), re.MULTILINE))
    said = {said.code for said in reasons_in(sources())}
    assert said == listed, "run manage.py document_reasons"


def test_every_hold_of_the_gates_is_on_the_page() -> None:
    page = document_of(reasons_in(sources()))
    for code in ("facts_unknown", "state_unknown", "drift", "no_room", "not_ready", "preview_missing"):
        assert f"\n## {code}\n" in page


def test_no_refusal_has_a_general_code() -> None:
    """Page, API, mail and ledger give the code that the refusal has: each says what it is about."""
    general = [said for said in sorted(reasons_in(sources())) if said.code in DEFAULTS.values()]
    assert general == [], "give each a code of its own, then run manage.py document_reasons"
