"""The consents that a procedure says its plans may need: all that its parts ask for, and no others."""

import json
import types
from pathlib import Path
from typing import Any

import pytest

from liveupdate.lpar.consents import Consent
from liveupdate.procedures.catalogue import PROCEDURES

PLANS = Path(__file__).parents[1] / "data" / "plans"
OURS = "liveupdate.procedures"
WIDER = {"ifix_preview", "local_rehearsal_preview"}
"""Procedures that share a module with parts which they leave out."""


def reached(thing: Any, seen: dict[int, Any]) -> set[Consent]:
    """The consents that a function of the procedures names, or any function that it may call.

    `seen` holds what it has been to: an object that is gone could leave its number to another.
    """
    if id(thing) in seen:
        return set()
    seen[id(thing)] = thing
    if isinstance(thing, tuple | list | frozenset):
        return set().union(*(reached(each, seen) for each in thing))
    if isinstance(thing, types.FunctionType) and thing.__module__.startswith(OURS):
        closure = [cell.cell_contents for cell in thing.__closure__ or ()]
        held = (*closure, *(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values())
        return of_code(thing.__code__, thing.__globals__, seen) | reached(held, seen)
    if type(thing).__module__.startswith(OURS) and hasattr(thing, "__dataclass_fields__"):
        return reached(tuple(getattr(thing, name) for name in thing.__dataclass_fields__), seen)
    if hasattr(thing, "func") and hasattr(thing, "keywords"):
        return reached((thing.func, *thing.args, *thing.keywords.values()), seen)
    return set()


def of_code(code: types.CodeType, names: dict[str, Any], seen: dict[int, Any]) -> set[Consent]:
    found: set[Consent] = set()
    used = set(code.co_names)
    for name in used:
        thing = names.get(name)
        if thing is Consent:
            found |= {consent for consent in Consent if consent.name in used}
        elif isinstance(thing, types.ModuleType) and thing.__name__.startswith(OURS):
            found |= reached(tuple(part for part in (vars(thing).get(each) for each in used) if part), seen)
        else:
            found |= reached(thing, seen)
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return found.union(*(of_code(each, names, seen) for each in inner))


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_procedure_names_the_consents_of_its_parts(name: str) -> None:
    declared = PROCEDURES[name].consents
    may_need = reached(PROCEDURES[name].render, {})
    assert declared <= may_need
    if name not in WIDER:
        assert declared == may_need


def test_no_plan_used_a_consent_that_its_procedure_does_not_name() -> None:
    used = 0
    for path in PLANS.glob("*/*.json"):
        plan = json.loads(path.read_text(encoding="utf-8"))
        consents = set(plan["parameters"].get("consents", ()))
        assert consents <= PROCEDURES[plan["procedure"]["name"]].consents, path
        used += len(consents)
    assert used > 20
