"""Defects of an LPAR, as data: `scenarios/defects.yaml` names them, `apply` brings one about."""

import dataclasses
import time
from typing import Any

import yaml

from inventory.lab.world.frame import Partition
from inventory.lab.world.model import Lpar, World
from inventory.lab.world.scenario import SCENARIOS, merge
from inventory.lab.world.store import build


def defects() -> dict[str, dict[str, Any]]:
    """Every defect with the change it is."""
    return dict(yaml.safe_load((SCENARIOS / "defects.yaml").read_text()))


def apply(world: World, name: str, defect: str) -> dict[str, str]:
    """Give an LPAR a defect; returns the files that it changes. Raises KeyError when there is none such."""
    lpar = world.lpars[name]
    change = defects()[defect]
    partition = change.pop("partition", None)
    if partition:
        _change(world.partition_of(lpar), partition)
    _change(lpar, change)
    for entry in lpar.errors:
        entry.at = entry.at or time.time()
    return dict(change.get("files", {}))


def _change(target: Lpar | Partition, change: dict[str, Any]) -> None:
    data = dataclasses.asdict(target)
    for key, value in change.items():
        if key.endswith("+"):
            data[key[:-1]] += value
        else:
            data[key] = merge(data[key], value)
    made = build(type(target), data)
    for field in dataclasses.fields(target):
        setattr(target, field.name, getattr(made, field.name))
