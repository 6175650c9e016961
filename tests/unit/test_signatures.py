"""What is remembered of the methods of columns is what the library would find out each time."""

from collections.abc import Callable
from typing import Any

import pytest
from django_tables2 import utils

from portal.web import signatures
from portal.web.tables import NameColumn, StateColumn, WhenColumn


def plain(value: object, record: object) -> None:
    """A function that is no method."""


class Catching:
    def render(self, value: object, *rest: object, **others: object) -> None:
        """A method that takes anything."""

    @classmethod
    def value(cls, record: object) -> None:
        """A method of the class."""


@pytest.mark.parametrize(
    "function",
    [
        plain,
        len,
        Catching().render,
        Catching.value,
        StateColumn().render,
        WhenColumn().value,
        NameColumn().render,
    ],
)
def test_the_same_names_are_found(function: Callable[..., Any]) -> None:
    for _ in range(2):
        assert signatures._signature(function) == signatures._inspect(function)


def test_the_library_asks_what_is_remembered() -> None:
    assert utils.signature is signatures._signature
    assert utils.call_with_appropriate(Catching().render, {"value": 1, "record": 2}) is None
