"""Preparation: the Workload Manager is stopped, kept from starting on the surrogate (P2), started again."""

from inventory.command import aix
from inventory.facts.aix.netwlm import NETWLM, InittabEntry
from inventory.facts.aix.wlm import WLM, WlmState
from liveupdate.lpar.consents import Consent
from liveupdate.procedures import words
from liveupdate.procedures.draft import ANY_WAY, Draft, change, look, once, restore, restored
from liveupdate.procedures.step import Expect, Phase, Run

WLM_OFF_LINE = "rcnetwlm:23456789:off:/etc/rc.netwlm start > /dev/console 2>&1 # disable netwlm"
STATUSES = (0, 1, 2, 3)
START = {WlmState.ACTIVE: "-a", WlmState.PASSIVE: "-p", WlmState.CPU_ONLY: "-c"}
"""What starts it in the mode in which it ran."""


def workload_manager(draft: Draft) -> None:
    """Handbook 5.1 row 8 (RQ-162, P2): stopped now, and not started by inittab on the surrogate."""
    state, entry = draft.subject.value(WLM), draft.subject.value(NETWLM)
    starts = entry is not None and entry.action != "off"
    if not state.is_running and not starts:
        return
    if not draft.may(Consent.WLM_OFF, "The Workload Manager runs, or inittab starts it."):
        return
    if state.is_running:
        _stopped(draft, state)
    if entry is not None and starts:
        _inittab(draft, entry)


def _stopped(draft: Draft, state: WlmState) -> None:
    query = aix("wlmcntrl", "-q")
    draft.add(
        look(
            "workload_manager_before",
            Phase.PREPARE,
            "Record how the Workload Manager runs",
            "It is compared with this after the update. The exit status tells the mode.",
            query,
            expect=Expect(statuses=STATUSES, has=("^WLM is running",)),
        ),
        once(
            "workload_manager_off",
            Phase.PREPARE,
            "Stop the Workload Manager",
            "Live Update cannot move a partition with it.",
            aix("wlmcntrl", "-o"),
            cures=("RQ-162",),
        ),
        look(
            "workload_manager_is_off",
            Phase.PREPARE,
            "Prove that the Workload Manager is stopped",
            "Its exit status says how it runs, not whether the question was answered.",
            query,
            expect=Expect(statuses=STATUSES, has=("^WLM is stopped",)),
        ),
    )
    if state not in START:
        draft.warnings.append(
            "The Workload Manager runs in a mode that the portal cannot start: it stays stopped until "
            "somebody starts it, or the LPAR restarts."
        )
        return
    draft.undo(
        restore(
            "workload_manager_on",
            "workload_manager_off",
            "Start the Workload Manager again",
            "It ran before. Where a restart has started it already, the proof after this says so.",
            aix("wlmcntrl", START[state]),
            expect=ANY_WAY,
        ),
        restored(
            "workload_manager_is_back",
            "workload_manager_off",
            "Prove that the Workload Manager runs as before",
            "Its mode and its limits are those of before.",
            query,
            expect=Expect(statuses=STATUSES, equals_saved="workload_manager_before"),
        ),
    )


def _inittab(draft: Draft, entry: InittabEntry) -> None:
    before = words.inittab_line(entry.line)
    query = aix("lsitab", "rcnetwlm")
    draft.add(
        look(
            "inittab_before",
            Phase.PREPARE,
            "Record the inittab entry of the Workload Manager",
            "It is compared with this after the update.",
            query,
        ),
        change(
            "inittab_off",
            Phase.PREPARE,
            "Keep inittab from starting the Workload Manager",
            "The surrogate runs inittab when it boots.",
            Run(aix("chitab", WLM_OFF_LINE)),
            cures=("RQ-162",),
        ),
    )
    draft.undo(
        restore(
            "inittab_back",
            "inittab_off",
            "Put the inittab entry back",
            "It was there before.",
            aix("chitab", before),
        ),
        restored(
            "inittab_is_back",
            "inittab_off",
            "Prove that the inittab entry is as it was",
            "The next restart should behave as before.",
            query,
            expect=Expect(equals_saved="inittab_before"),
        ),
    )
