"""The world as a JSON file: read at start, written whole and atomically after changes."""

import dataclasses
import json
import os
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from inventory.lab.world.model import World

Kind = TypeVar("Kind")


def build(kind: type[Kind], data: Any) -> Kind:
    """A value of `kind` from plain data. Raises TypeError on an unknown or missing key."""
    return typing.cast("Kind", _build(kind, data))


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, data: Any) -> Any:
    origin = typing.get_origin(kind)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        unknown = set(data) - set(hints)
        if unknown:
            raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
        return kind(**{key: _build(hints[key], value) for key, value in data.items()})
    if origin is list:
        (inner,) = typing.get_args(kind)
        return [_build(inner, item) for item in data]
    if origin is dict:
        inner = typing.get_args(kind)[1]
        return {key: _build(inner, item) for key, item in data.items()}
    if origin is types.UnionType:
        raise TypeError(f"unions are not kept: {kind}")
    return data


def as_json(world: World) -> str:
    """The world as JSON."""
    return json.dumps(world, default=_fields, separators=(",", ":"))


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def write_atomically(path: Path, content: str, mode: int = 0o600) -> None:
    """Put a file in place, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(content)
    temporary.chmod(mode)
    temporary.replace(path)


class Store:
    """Where the world is kept between two starts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = ""

    def load(self) -> World | None:
        """The world as it was left, or None when there is none yet."""
        if not self.path.exists():
            return None
        return build(World, json.loads(self.path.read_text()))

    def save(self, world: World) -> None:
        """Keep the world; nothing is written when nothing changed."""
        text = as_json(world)
        if text != self._written:
            write_atomically(self.path, text)
            self._written = text
