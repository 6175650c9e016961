"""What has to come of each pair, as `cases.yaml` says it by hand, and whether it came."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

from liveupdate.actions.requests import create_request
from liveupdate.offers import offers
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.states import LparState, RunState
from portal.lib.errors import Invalid
from tests.lab_estate import Estate
from tests.matrix.agreement import SUCCEEDED
from tests.matrix.bench import FaultCase, Played
from tests.matrix.cases import CASES
from tests.matrix.stage import Stage

ANYBODY = "any"
"""Stands in `then` for every procedure of which nothing else is said."""
HALF = "half"
MANY = ("ends", "state", "ways")
SAME, UNDISTURBED = "same", "undisturbed"
"""States that depend on the procedure: as before the run, and as after one without any fault."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How a run under a fault ends, and what the portal then says.

    `ends` are `done`, `failed` or `aborted`; `asks` whether a person has to decide, with the `ways` that the
    plan has prepared; `says` a piece of what people read. `cause` is the first signature of the diagnosis;
    where none knows the failure, `shows` is a piece of the lines that are shown first.
    """

    ends: tuple[str, ...]
    state: tuple[str, ...]
    cause: str | None = None
    asks: bool | None = None
    ways: tuple[str, ...] = ()
    says: str = ""
    shows: str = ""


def names_of(case: str) -> set[str]:
    """The names by which `then` may speak of a case: its own and those of its families."""
    return {case, *(name for name, members in CASES["families"].items() if case in members)}


def expected(case: str, fault: str) -> Expected | None:
    """What has to come of a pair; None if nothing is said, as the fault is not to be met there."""
    names = {*names_of(case), ANYBODY}
    said = next((said for name, said in CASES["faults"][fault]["then"].items() if name in names), None)
    if said is None:
        return None
    fields = {name: _several(value) if name in MANY else value for name, value in said.items()}
    fields.setdefault("state", (UNDISTURBED,) if fields["ends"] == ("done",) else (SAME,))
    return Expected(**fields)


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def has_to_meet(case: str, fault: str) -> bool:
    """Whether `cases.yaml` names the case, or its family, as one that the fault strikes."""
    return not names_of(case).isdisjoint(CASES["faults"][fault]["then"])


@cache
def parts(fault: str) -> tuple[str, ...]:
    """The fault and those that go with it."""
    return (fault, *CASES["faults"][fault].get("with", ()))


def strikes(stage: Stage, fault: str) -> list[FaultCase]:
    """The fault as it strikes the procedure of a stage, with those that go with it."""
    return [_strike(stage, part) for part in parts(fault)]


def _strike(stage: Stage, fault: str) -> FaultCase:
    said = CASES["faults"][fault]
    at = said.get("at", 0)
    return FaultCase(
        said.get("fault", fault),
        said.get("host", "lpar"),
        said.get("value", ""),
        max(1, stage.undisturbed.commands // 2) if at == HALF else at,
        said.get("lasts_s", 0.0),
    )


def is_met(stage: Stage, fault: str) -> bool:
    """Whether the undisturbed run of the procedure came to a point where the fault would have struck."""
    return any(_meets(stage, one) for one in strikes(stage, fault))


def _meets(stage: Stage, one: FaultCase) -> bool:
    host = stage.case["lpar"] if one.host == "lpar" else one.host
    met = one.name in stage.undisturbed.met.get(host, ())
    return met and (not isinstance(one.at, str) or one.at in stage.logged)


def failings(stage: Stage, played: Played, expectation: Expected) -> Iterator[str]:
    """A sentence for each thing that is not as it has to be."""
    run = played.run
    assert run is not None
    end = "done" if run.state in SUCCEEDED else RunState(run.state).value
    if end not in expectation.ends:
        yield f"the run is {end}, it has to be {' or '.join(expectation.ends)}"
    wanted = {_state(stage, each) for each in expectation.state}
    if played.lpar.update_state not in wanted:
        yield f"the LPAR is {played.lpar.update_state}, it has to be {' or '.join(sorted(wanted))}"
    if expectation.cause is not None and (played.causes or [""])[0] != expectation.cause:
        yield f"the diagnosis begins with {played.causes or 'nothing'}, it has to with {expectation.cause}"
    if expectation.shows and not any(expectation.shows in line for line in played.first_lines):
        yield f"the diagnosis begins with {played.first_lines}, not with {expectation.shows!r}"
    if expectation.asks is not None and bool(played.asked) is not expectation.asks:
        yield f"people were asked {len(played.asked)} times"
    offered = {way for asked in played.asked for way in asked.ways}
    if missing := set(expectation.ways) - offered:
        yield f"the ways out {', '.join(sorted(missing))} were not offered, only {', '.join(sorted(offered))}"
    if expectation.says and expectation.says not in _said(played):
        yield f"nobody reads {expectation.says!r}"


def _state(stage: Stage, name: str) -> LparState:
    if name == SAME:
        return stage.state
    return LparState(stage.undisturbed.lpar.update_state if name == UNDISTURBED else name)


def _said(played: Played) -> str:
    assert played.run is not None
    steps = played.run.steps.values_list("message", flat=True)
    return "\n".join([played.run.outcome, played.run.reason, *(each.reason for each in played.asked), *steps])


def next_steps(played: Played, estate: Estate) -> Iterator[str]:
    """A sentence for each procedure that the portal offers or refuses wrongly in the state it told."""
    state = LparState(played.lpar.update_state)
    said = CASES["next"][state.value]
    open_to = _named(said["may"])
    for name, refusal in offers(state).items():
        if bool(refusal) is (name in open_to):
            yield f"{name} is {'refused' if refusal else 'offered'} for an LPAR that is {state}"
        elif refusal and said["why_not"] not in refusal:
            yield f"{name} is refused by {refusal!r}, which does not say {said['why_not']!r}"
    closed = sorted(name for name in set(PROCEDURES) - open_to if not _needs_answers(name))
    for name in closed[:1] if state is not LparState.UNKNOWN else ():
        try:
            create_request(estate.owner, played.lpar.pk, estate.wish(procedure=name))
        except Invalid as refused:
            if said["why_not"] not in refused.message:
                yield f"a request for {name} is refused by {refused.message!r}"
        else:
            yield f"a request for {name} is taken for an LPAR that is {state}"


def _needs_answers(procedure: str) -> bool:
    return any(ask.required for ask in PROCEDURES[procedure].asks)


def _named(names: Collection[str]) -> set[str]:
    families = CASES["families"]
    found = {one for name in names for one in families.get(name, [name])}
    return found & set(PROCEDURES)
