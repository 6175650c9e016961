"""Every threat has a test that shows what stands against it, and the documents say which."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import pytest_collection_modifyitems
from tests.security_coverage import PAGES, ROWS, marked, marks_of


def test_every_threat_is_shown_by_a_test() -> None:
    assert set(ROWS["threat"]) - set(marked("threat")) == set()


@pytest.mark.parametrize("kind", ROWS)
def test_no_mark_names_what_is_not_there(kind: str) -> None:
    assert set(marked(kind)) <= set(ROWS[kind])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_page_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path](), "run python -m tests.security_coverage"


def test_marks_are_read_from_functions_and_modules() -> None:
    source = """
pytestmark = [pytest.mark.django_db, pytest.mark.threat("T9")]

@pytest.mark.threat("T1", "T2")
@pytest.mark.asvs("1.2.5")
def test_one(): ...

def test_two(): ...

@pytest.mark.threat("T3")
def helper(): ...
"""
    assert list(marks_of(ast.parse(source), "threat")) == [
        ("test_one", "T9"), ("test_one", "T1"), ("test_one", "T2"), ("test_two", "T9"),
    ]  # fmt: skip


class Item:
    """A collected test with one mark."""

    nodeid = "test_it"

    def __init__(self, mark: pytest.MarkDecorator) -> None:
        self.mark = mark.mark

    def iter_markers(self, name: str) -> Iterator[pytest.Mark]:
        yield from [self.mark] if self.mark.name == name else []


@pytest.mark.parametrize(
    "mark", [pytest.mark.threat("T1", "T99"), pytest.mark.threat(), pytest.mark.asvs("0.0.1")], ids=str
)
def test_an_unknown_id_fails_the_collection(mark: pytest.MarkDecorator) -> None:
    with pytest.raises(pytest.UsageError, match="test_it"):
        pytest_collection_modifyitems([Item(mark)])  # type: ignore[list-item]


def test_a_known_id_does_not() -> None:
    pytest_collection_modifyitems([Item(pytest.mark.threat("T1"))])  # type: ignore[list-item]
