"""What checks on the NIM master's side share."""

from dataclasses import replace
from itertools import takewhile
from typing import Any

from inventory.facts.base import Fact, FactMissing
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.facts.nim_objects import NimStanza
from inventory.facts.text import filled, printed
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Evidence, FindingState, Outcome
from liveupdate.readiness.evidence import lines_with, quoted

BY_NIM = Outcome(FindingState.NOT_APPLICABLE, "NIM logs the LPAR on to the HMC by its own HMC object.")
NOT_THROUGH_NIM = Outcome(FindingState.NOT_APPLICABLE, "The update does not go through a NIM master.")


def through_nim(subject: Subject) -> bool:
    """Whether the NIM master is to do the update."""
    return subject.procedure.startswith("nim_")


def client_of(subject: Subject) -> NimStanza | None:
    """The LPAR's own object, None when its NIM master has none. Raises FactMissing."""
    if not subject.nim_name:
        raise FactMissing(NIM_OBJECT.name, "", None, f"the inventory names no NIM master of {subject.name}")
    return subject.value(NIM_OBJECT, subject.nim_name)


def client_lines(subject: Subject, *attributes: str) -> Evidence:
    """The lines of the LPAR's object that show these attributes, or that there is none."""
    shown = tuple(f" {attribute} " for attribute in attributes)
    return lines_with(
        subject, NIM_OBJECT, subject.nim_name, having=(f"{subject.nim_name}:", "0042-053", *shown)
    )


def stanza_lines(subject: Subject, fact: Fact[Any], name: str) -> Evidence:
    """The lines of one object among those that a fact holds; none where it is not among them."""
    whole = quoted(subject, fact)
    reading = subject.reading(fact)
    lines = filled(printed(reading.output.stdout)) if reading else []
    if f"{name}:" not in lines:
        return replace(whole, lines=())
    start = lines.index(f"{name}:")
    body = takewhile(lambda line: line[:1].isspace(), lines[start + 1 :])
    return replace(whole, lines=(lines[start], *body))


def no_client(subject: Subject) -> Outcome:
    """The blocker that NIM does not know the LPAR."""
    message = f"The NIM master has no object {subject.nim_name}."
    return Outcome(FindingState.BLOCKER, message, (client_lines(subject),))
