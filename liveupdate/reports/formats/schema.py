"""The published schema of a report's JSON (JSON Schema 2020-12), told from the document's own types."""

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from inspect import getdoc
from typing import Any, Union, get_args, get_origin

from liveupdate.reports.document import SCHEMA, Cell, Equation, Figure, Period, Scope, Section, Standing
from liveupdate.reports.formats.reading import members

PATH = "report.schema.json"
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"}
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_WORKED_OUT: dict[Any, dict[str, Any]] = {
    Figure: {"as_expected": {"type": ["boolean", "null"]}},
    Equation: {"left_sum": _NUMBER, "right_sum": _NUMBER, "holds": {"type": "boolean"}},
}


def report_schema() -> dict[str, Any]:
    """The schema. Whoever checks a report by it knows every member; none may be missing or more."""
    definitions: dict[str, Any] = {}
    known = {
        "schema": {"const": SCHEMA},
        "kind": _TEXT,
        "title": _TEXT,
        "period": _schema(Period, definitions),
        "scope": _schema(Scope, definitions),
        "as_of": _MOMENT,
        "standing": _schema(Standing, definitions),
        "sections": {"type": "array", "items": _schema(Section, definitions)},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Report, schema {SCHEMA}",
        "description": "The SHA-256 of a report's bytes is its digest: canonical JSON (sorted keys, no "
        "blanks, UTF-8, no floats).",
        **_object(known),
        "$defs": dict(sorted(definitions.items())),
    }


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind == Cell:
        definitions.setdefault("Cell", _cell(definitions))
        return {"$ref": "#/$defs/Cell"}
    if get_origin(kind) in (Union, types.UnionType):
        return {"anyOf": [_schema(each, definitions) for each in get_args(kind)]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _schema(get_args(kind)[0], definitions)}
    if is_dataclass(kind):
        return _of_dataclass(kind, definitions)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        definitions[kind.__name__] = {"description": getdoc(kind), "enum": [each.value for each in kind]}
        return {"$ref": f"#/$defs/{kind.__name__}"}
    plain = {str: _TEXT, int: _NUMBER, bool: {"type": "boolean"}, types.NoneType: {"type": "null"}}
    return dict(_MOMENT if kind is datetime else plain[kind])


def _of_dataclass(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        known = {member: _schema(of, definitions) for member, of in members(kind).items()}
        for each in fields(kind):
            if each.default not in (MISSING, None) and not isinstance(each.default, tuple):
                known[each.name] = {**known[each.name], "default": each.default}
        definitions[name] = {"description": getdoc(kind), **_object(known | _WORKED_OUT.get(kind, {}))}
    return {"$ref": f"#/$defs/{name}"}


def _cell(definitions: dict[str, Any]) -> dict[str, Any]:
    members_ = [_schema(each, definitions) for each in get_args(Cell)]
    return {
        "description": "The value of a cell: null is not known, which is never nothing.",
        "anyOf": members_,
    }


def _object(known: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": known,
        "required": sorted(known),
        "additionalProperties": False,
    }
