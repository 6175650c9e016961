"""Preparation: the Workload Manager is stopped, and kept from starting on the surrogate (P2)."""

from inventory.command import aix
from inventory.facts.aix.netwlm import NETWLM, InittabEntry
from inventory.facts.aix.wlm import WLM, WlmState
from liveupdate.lpar.consents import Consent
from liveupdate.procedures import words
from liveupdate.procedures.draft import Draft, change, look, once, restore, restored
from liveupdate.procedures.step import Expect, Phase, Run

WLM_OFF_LINE = "rcnetwlm:23456789:off:/etc/rc.netwlm start > /dev/console 2>&1 # disable netwlm"


def workload_manager(draft: Draft) -> None:
    """Handbook 5.1 row 8 (RQ-162, P2): stopped now, and not started by inittab on the surrogate."""
    running = draft.subject.value(WLM) is WlmState.RUNNING
    entry = draft.subject.value(NETWLM)
    starts = entry is not None and entry.action != "off"
    if not running and not starts:
        return
    if not draft.may(Consent.WLM_OFF, "The Workload Manager runs, or inittab starts it."):
        return
    if running:
        draft.add(
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
                aix("wlmcntrl", "-q"),
                expect=Expect(statuses=(0, 1, 2), has=("^WLM is stopped",)),
            ),
        )
        draft.warnings.append("The Workload Manager stays stopped until the next restart of the LPAR.")
    if entry is not None and starts:
        _inittab(draft, entry)


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
