"""RQ-077: the LPAR's memory and processors are of the ordinary kind."""

from collections.abc import Iterator

from inventory.facts.aix.large_pages import LARGE_PAGES
from inventory.facts.aix.lparstat import LPARSTAT
from inventory.facts.base import FactMissing
from inventory.facts.hmc.memory_lpar import MEMORY_LPAR
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted

ORDINARY = ("Dedicated", "Dedicated-Expanded")
SHARED = "shared"
Found = tuple[str, Evidence]


def _test(subject: Subject) -> Outcome:
    problems: list[str] = []
    evidence: list[Evidence] = []
    missing: list[FactMissing] = []
    for look in (_modes, _huge_pages, _large_pages):
        try:
            for problem, seen in look(subject):
                evidence.append(seen)
                problems += [problem] if problem else []
        except FactMissing as unknown:
            missing.append(unknown)
    if problems:
        message = f"Recalled as not supported, or to be checked: {', '.join(problems)}."
        return Outcome(FindingState.WARNING, message, tuple(evidence))
    if missing:
        raise missing[0]
    return Outcome(FindingState.OK, "Memory and processors are of the ordinary kind.", tuple(evidence))


def _modes(subject: Subject) -> Iterator[Found]:
    partition = subject.value(LPARSTAT)
    seen = lines_with(subject, LPARSTAT, having=("Memory Mode", "Mode "))
    if partition.memory_mode and partition.memory_mode not in ORDINARY:
        yield f"memory mode {partition.memory_mode}", seen
    elif partition.mode.lower() == "donating":
        yield "dedicated processors that are donated", seen
    else:
        yield "", seen


def _huge_pages(subject: Subject) -> Iterator[Found]:
    memory = subject.value(MEMORY_LPAR, subject.managed_system, subject.partition)
    seen = quoted(subject, MEMORY_LPAR, subject.managed_system, subject.partition)
    if memory.mode == SHARED:
        yield "Active Memory Sharing", seen
    elif memory.huge_pages:
        yield f"{memory.huge_pages} pages of 16 GB", seen
    else:
        yield "", seen


def _large_pages(subject: Subject) -> Iterator[Found]:
    pages = subject.value(LARGE_PAGES)
    yield f"{pages} large pages (lgpg_regions)" if pages else "", quoted(subject, LARGE_PAGES)


CHECK = Check(
    id="RQ-077",
    title="Ordinary memory and processors",
    why="Active Memory Sharing, pages of 16 GB and donated processors are not known to go with it.",
    remedy="Ask IBM whether Live Update supports it at this level; otherwise change the profile and reboot.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-077",
    see="On the LPAR: lparstat -i shows Memory Mode : Dedicated (or Dedicated-Expanded), vmo -o lgpg_regions "
    "shows 0; on the HMC: lshwres -r mem --level lpar shows curr_num_huge_pages=0.",
    recalled=True,
)
