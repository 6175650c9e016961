"""A report back from its JSON, so that what was stored can be shown and rendered again."""

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from liveupdate.reports.document import SCHEMA, Cell, Period, Report, Scope, Section, Share, Standing
from portal.lib.errors import Invalid

WORKED_OUT = frozenset({"left_sum", "right_sum", "holds", "as_expected"})
"""What the JSON says besides, worked out from the rest."""


def read_report(content: bytes) -> Report:
    """The report of this canonical JSON. Raises Invalid where it is of another schema or no report."""
    said = json.loads(content)
    if said.get("schema") != SCHEMA:
        raise Invalid(
            f"This report is of schema {said.get('schema')}, and {SCHEMA} is known here.",
            code="file_not_readable",
        )
    try:
        return Report(
            kind=said["kind"],
            title=said["title"],
            period=_read(Period, said["period"]),
            scope=_read(Scope, said["scope"]),
            as_of=datetime.fromisoformat(said["as_of"]),
            standing=_read(Standing, said["standing"]),
            sections=tuple(_read(Section, section) for section in said["sections"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"This is no report: {error}.", code="file_not_readable") from error


@lru_cache(maxsize=64)
def members(kind: Any) -> Mapping[str, Any]:
    """The fields of a dataclass with their types."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _read(kind: Any, value: Any) -> Any:
    if kind == Cell:
        return _cell(value)
    if get_origin(kind) in (Union, types.UnionType):
        return (
            None
            if value is None
            else _read(next(k for k in get_args(kind) if k is not types.NoneType), value)
        )
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        known: Mapping[str, Any] = members(kind)  # type: ignore[arg-type]
        said = {name: item for name, item in value.items() if name not in WORKED_OUT or name in known}
        return kind(**{name: _read(known[name], item) for name, item in said.items()})  # type: ignore[operator]
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind(value) if issubclass(kind, StrEnum) else _exactly(kind, value)


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        return Share(**value)
    return tuple(_exactly(str, item) for item in value) if isinstance(value, list) else value


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
