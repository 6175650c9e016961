"""Compares the managed systems of an HMC with those of the inventory, which it knows by serial number."""

import re
from collections.abc import Iterable, Iterator

from inventory.discovery.differences import Difference, KnownSystem
from inventory.discovery.estate import Estate
from inventory.facts.hmc.systems import System

_TYPE_MODEL = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{3}")


def compare_systems(estate: Estate, known: Iterable[KnownSystem], hmc: str) -> Iterator[Difference]:
    """What is new, changed (also: managed by this HMC too) or no longer managed by the HMC."""
    by_serial = {each.serial: each for each in known}
    listed = {each.system.serial: each.system for each in estate.systems}
    for serial, system in listed.items():
        if serial in by_serial:
            yield from _changed(by_serial[serial], system, hmc)
        else:
            after = {
                "name": system.name,
                "type_model": type_model_of(system),
                "state": system.state,
                "hmcs": hmc,
            }
            yield Difference("managed_system", serial, system.name, "new", after=after, is_certain=True)
    if estate.is_whole:
        yield from (
            _left(each, hmc, estate.caution)
            for each in by_serial.values()
            if hmc in each.hmcs and each.serial not in listed
        )


def type_model_of(system: System) -> str:
    """Type and model, e.g. `9080-M9S`, or nothing where the HMC does not know them."""
    return system.type_model if _TYPE_MODEL.fullmatch(system.type_model) else ""


def _changed(known: KnownSystem, system: System, hmc: str) -> Iterator[Difference]:
    pairs = {
        "name": (known.name, system.name),
        "type_model": (known.type_model, type_model_of(system) or known.type_model),
        "hmcs": (" ".join(sorted(known.hmcs)), " ".join(sorted(known.hmcs | {hmc}))),
    }
    changes = {name: values for name, values in pairs.items() if values[0] != values[1]}
    if changes:
        yield Difference(
            kind="managed_system",
            identity=known.serial,
            name=known.name,
            change="changed",
            before={name: values[0] for name, values in changes.items()},
            after={name: values[1] for name, values in changes.items()},
            row=known.row,
            is_certain=True,
        )


def _left(known: KnownSystem, hmc: str, caution: str) -> Difference:
    others = sorted(known.hmcs - {hmc})
    return Difference(
        kind="managed_system",
        identity=known.serial,
        name=known.name,
        change="gone",
        before={"hmcs": " ".join(sorted(known.hmcs))},
        after={"hmcs": " ".join(others)},
        note=f"{hmc} does not list it any more."
        + (f" {' and '.join(others)} still may." if others else " No other HMC is known to manage it.")
        + f" Its LPARs stay in the inventory. {caution}".rstrip(),
        row=known.row,
    )
