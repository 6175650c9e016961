"""Defects of an LPAR, as data: `scenarios/defects.yaml` names them, `apply` brings one about."""

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

from inventory.lab.world.data import read_yaml
from inventory.lab.world.frame import CodPool, HmcUser, ManagedSystem, Partition
from inventory.lab.world.model import Lpar, World
from inventory.lab.world.scenario import SCENARIOS, merge
from inventory.lab.world.store import build

Target = Lpar | Partition | HmcUser | ManagedSystem


def defects() -> dict[str, dict[str, Any]]:
    """Every defect with the change it is."""
    return dict(read_yaml((SCENARIOS / "defects.yaml").read_text()))


def apply(world: World, name: str, defect: str) -> dict[str, str]:
    """Give an LPAR a defect; returns the files that it changes. Raises KeyError when there is none such."""
    lpar = world.lpars[name]
    change = defects()[defect]
    targets: dict[str, Sequence[Target]] = {
        "partition": [world.partition_of(lpar)],
        "vioses": [part for part in world.system.partitions if part.env == "vioserver"],
        "hmc_users": list(world.hmc.users.values()),
        "system": [world.system],
    }
    for key, changed in targets.items():
        if wanted := change.pop(key, None):
            for target in changed:
                _change(target, wanted)
    if pools := change.pop("cod_pools", None):
        world.cod_pools = [build(CodPool, pool) for pool in pools]
    _change(lpar, change)
    for entry in lpar.errors:
        entry.at = entry.at or time.time()
    return dict(change.get("files", {}))


def _change(target: Target, change: dict[str, Any]) -> None:
    data = dataclasses.asdict(target)
    for key, value in change.items():
        if key.endswith("+"):
            data[key[:-1]] += value
        else:
            data[key] = merge(data[key], value)
    made = build(type(target), data)
    for field in dataclasses.fields(target):
        setattr(target, field.name, getattr(made, field.name))
