"""Section 14: what the ledger cannot prove, and how the controls of standards stand by this report."""

from collections.abc import Mapping, Sequence

from liveupdate.bundle.verifier.outside import NOT_RECOUNTED, TAKEN_AS_TOLD
from liveupdate.reports.controls import CONTROLS, Asked
from liveupdate.reports.document import Control, Equation, Figure, Section, Status

LIMITS = (
    "The ledger proves that what was entered was not altered. That everything was entered, no ledger proves: "
    "section 2 compares it with what looks saw on the LPARs.",
    "Between an event and its checkpoint lie at most 60 s or 256 entries. What is removed in that time is "
    "seen by gaps in the numbering of runs and by copies outside, not by cryptography.",
    "Whoever holds the signing key and the database can write another history. Copies of checkpoints that "
    "somebody else keeps show it.",
    "Changes that were undone before the next look are not seen. Root on an LPAR can lie to a look.",
    "Which LPARs there were, whose and in which environment is told by the entries of their changes; changes "
    "from before the first of these (coverage.known_since) are not known. Baselines are those of now.",
    "Severity is that of IBM's list when the fault was found; IBM's dates are taken as they are.",
    "A control that is satisfied here is so by the numbers named beside it, and by nothing else.",
)


def section_of(before: Sequence[Section]) -> Section:
    """Judge each control by the figures and equations of the sections before."""
    figures = {each.key: each for section in before for each in section.figures}
    equations = {each.key: each for section in before for each in section.equations}
    controls = tuple(_judged(asked, figures, equations) for asked in CONTROLS)
    return Section(
        14,
        "limits",
        "Controls, and the limits of this report",
        "Controls of standards as far as the numbers of this report speak to them.",
        figures=tuple(
            Figure(f"controls.{status.name.lower()}", status.value.capitalize(), _count(controls, status))
            for status in Status
        ),
        controls=controls,
        notes=(*LIMITS, *_not_recounted()),
    )


def _not_recounted() -> tuple[str, ...]:
    """What the stand-alone verifier of an evidence bundle leaves out, with the reasons."""
    named: dict[str, list[str]] = {}
    for key, why in (NOT_RECOUNTED | TAKEN_AS_TOLD).items():
        named.setdefault(why, []).append(key)
    return tuple(
        f"Not recounted by verify.py: {', '.join(keys)}; because {why}." for why, keys in named.items()
    )


def _judged(asked: Asked, figures: Mapping[str, Figure], equations: Mapping[str, Equation]) -> Control:
    status, because = Status.NOT_ASSESSED, asked.because
    if asked.rests_on:
        wrong = [key for key in asked.rests_on if not _holds(key, figures, equations)]
        if wrong:
            said = [equations[key].title if key in equations else _said(figures[key]) for key in wrong]
            status, because = Status.NOT_SATISFIED, "; ".join(said) + "."
        elif not figures[asked.about].value:
            because = f"Nothing to judge by: {figures[asked.about].title}: 0."
        else:
            status, because = Status.SATISFIED, "Every number it rests on is as it must be."
    return Control(asked.standard, asked.name, asked.asks, status, because, asked.rests_on, asked.oscal)


def _holds(key: str, figures: Mapping[str, Figure], equations: Mapping[str, Equation]) -> bool:
    return equations[key].holds if key in equations else figures[key].as_expected is True


def _said(figure: Figure) -> str:
    return f"{figure.title}: {figure.value}"


def _count(controls: Sequence[Control], status: Status) -> int:
    return sum(each.status is status for each in controls)
