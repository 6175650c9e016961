"""Find what a catalogue holds by walking its package, so that adding a thing is adding a file."""

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

Kind = TypeVar("Kind")


def constants(package: ModuleType, kind: type[Kind], *, skip: frozenset[str] = frozenset()) -> list[Kind]:
    """Every module constant of this kind in a package and its sub-packages, in order of module name.

    `skip` holds full module names that are not looked at (the catalogue that asks).
    """
    found: dict[int, Kind] = {}
    for module_info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module_info.name in skip:
            continue
        for value in vars(importlib.import_module(module_info.name)).values():
            if isinstance(value, kind):
                found.setdefault(id(value), value)
    return list(found.values())
