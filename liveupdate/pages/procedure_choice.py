"""The choice of a procedure for an LPAR, as its page offers it."""

from itertools import groupby
from typing import Any

from django.http import HttpRequest

from inventory.models import Lpar
from liveupdate.offers import offers
from liveupdate.procedures.catalogue import PROCEDURES, in_order
from liveupdate.procedures.procedure import Procedure
from liveupdate.queries import state_to_go_by
from liveupdate.states import LparState


def chosen(request: HttpRequest, otherwise: str) -> Procedure:
    """The procedure that a form was sent or is opened for, or else the one of that name."""
    name = (request.POST or request.GET).get("procedure", otherwise)
    return PROCEDURES.get(name, PROCEDURES[otherwise])


def procedures_by_purpose() -> list[tuple[str, list[Procedure]]]:
    """Every procedure, by what people want from it."""
    by_purpose = groupby(in_order(), key=lambda each: each.purpose)
    return [(purpose.value, list(procedures)) for purpose, procedures in by_purpose]


def offered(lpar: Lpar, asked: Procedure) -> dict[str, Any]:
    """`purposes`: the procedures by what people want from them, each with why it is not possible now;
    `refused`: each such reason with the titles that it concerns; `procedure`: the one that is asked for,
    and `why_not`: the reason against that one.

    Where the LPAR's state is not known nothing is refused yet: planning looks at it.
    """
    state = state_to_go_by(lpar)
    why_not = {} if state is LparState.UNKNOWN else offers(state)
    purposes = [
        (purpose, [(each, why_not.get(each.name, "")) for each in procedures])
        for purpose, procedures in procedures_by_purpose()
    ]
    refused: dict[str, list[str]] = {}
    for procedure in in_order():
        if reason := why_not.get(procedure.name):
            refused.setdefault(reason, []).append(procedure.title)
    reason = why_not.get(asked.name, "")
    return {"purposes": purposes, "refused": refused, "procedure": asked, "why_not": reason}
