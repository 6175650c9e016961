"""The failure card of a run: why it failed, the line that says so, and what may be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from inventory.facts.level import Level
from inventory.models import Lpar
from liveupdate.diagnosis import affected
from liveupdate.diagnosis.base import Next, Rank, Signature
from liveupdate.diagnosis.catalogue import SIGNATURE_OF
from liveupdate.diagnosis.diagnosing import filled
from liveupdate.models import Run, StoredDiagnosis
from liveupdate.offers import offers
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.states import LparState

LINES_SHOWN = 8
AGAIN = frozenset({Next.RETRY, Next.PREPARE})


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a card rests on, and where it can be read among its neighbours."""

    text: str
    url: str
    place: str


@dataclass(frozen=True, slots=True)
class Way:
    """A procedure that does the remedy: its title and form, or why it is not possible now."""

    title: str
    url: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Card:
    """One diagnosis as pages show it; `signature` is None for a failure that none knows."""

    signature: Signature | None
    line: Line
    others: tuple[Line, ...]
    commands: tuple[str, ...] = ()
    process: str = ""
    pid: str = ""
    levels: tuple[str, ...] = ()
    apars: tuple[str, ...] = ()
    concerned: bool | None = None
    ways: tuple[Way, ...] = field(default=())

    @property
    def is_failure(self) -> bool:
        """Whether it is more than information."""
        return self.signature is None or self.signature.rank is not Rank.INFORMATION


def cards_of(run: Run, *, may_request: bool) -> list[Card]:
    """The run's diagnoses, the root cause first; `may_request` says whether forms are linked."""
    rows = StoredDiagnosis.objects.filter(run=run).order_by("position")
    known = [row for row in rows if not row.signature or row.signature in SIGNATURE_OF]
    return [_card(run, row, first=row is known[0], may_request=may_request) for row in known]


def failure_of(run: Run | None) -> Signature | None:
    """The signature that the run failed of, or None where there is no run or none is known."""
    first = StoredDiagnosis.objects.filter(run=run).order_by("position").first() if run else None
    return SIGNATURE_OF.get(first.signature) if first else None


def _card(run: Run, row: StoredDiagnosis, *, first: bool, may_request: bool) -> Card:
    lines = [_line(run, line) for line in row.lines]
    others = tuple(lines[1:LINES_SHOWN])
    signature = SIGNATURE_OF.get(row.signature)
    wanted = _wanted(run, signature, first=first)
    ways = _ways(run.lpar, wanted) if may_request else ()
    if signature is None:
        return Card(None, lines[0], others, ways=ways)
    level = Level.parse(run.level_before) if run.level_before else None
    return Card(
        signature,
        lines[0],
        others,
        commands=tuple(filled(command, row.values) for command in signature.commands),
        process=row.process,
        pid=row.values.get("pid", ""),
        levels=tuple(affected.levels_of(signature)),
        apars=tuple(affected.apars(signature)),
        concerned=affected.concerns(signature, level) if level else None,
        ways=ways,
    )


def _wanted(run: Run, signature: Signature | None, *, first: bool) -> list[str]:
    """The procedures that do the remedy; the root cause's card also has what the LPAR's state wants."""
    if signature is None:
        names = ["collect_logs"]
    elif signature.procedure:
        names = [signature.procedure]
    else:
        names = [run.request.procedure] if signature.next in AGAIN else []
    if first and run.lpar.update_state in (
        LparState.FAILED_DIRTY,
        LparState.FAILED_DIRTY_REBOOTED,
        LparState.MOVED_DIRTY,
    ):
        names.insert(0, "cleanup")
    return [name for name in dict.fromkeys(names) if name in PROCEDURES]


def _ways(lpar: Lpar, names: Sequence[str]) -> tuple[Way, ...]:
    """Where the LPAR's state is not known nothing is refused yet: planning looks at it."""
    state = LparState(lpar.update_state)
    refused = {} if state is LparState.UNKNOWN else offers(state)
    return tuple(
        Way(
            PROCEDURES[name].title,
            f"{reverse('new-request')}?{urlencode({'lpar': lpar.pk, 'procedure': name})}",
            refused.get(name, ""),
        )
        for name in names
    )


def _line(run: Run, line: dict[str, Any]) -> Line:
    url = reverse("run-lines", args=[run.pk, line["command"], line["stream"]])
    number = line["line"]
    place = f"command {line['command']}, line {number}"
    return Line(line["text"], f"{url}?line={number}#L{number}", place)
