"""The partitions that a failed Live Update left on the HMC; the dead one goes by hand (handbook 5.12 C7)."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix, hmc
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.hmc.lpars import LPARS
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.state import ORIGINAL
from liveupdate.procedures import words
from liveupdate.procedures.draft import Draft, change, look
from liveupdate.procedures.step import Branch, Expect, OnFailure, Phase, Run, Step, StepHost

COLUMNS = "name,lpar_id,state,rmc_state"


@dataclass(frozen=True, slots=True)
class Partitions:
    """The LPAR's name, its partitions' ids by name, and which id runs the workload by its own account."""

    system: str
    name: str
    ids: dict[str, int]
    runs_as: int

    @property
    def dead(self) -> tuple[str, int] | None:
        """The other one of two, if there are two."""
        others = [(name, number) for name, number in self.ids.items() if number != self.runs_as]
        return others[0] if len(self.ids) == len(others) + 1 and others else None


def partitions_of(draft: Draft) -> Partitions:
    """What HMC and LPAR say. Raises FactMissing."""
    subject = draft.subject
    name = words.system_name(subject.partition.removesuffix(ORIGINAL))
    listed = subject.value(LPARS, subject.managed_system)
    ids = {each.name: each.lpar_id for each in listed if each.name in (name, name + ORIGINAL)}
    return Partitions(
        words.system_name(subject.managed_system), name, dict(sorted(ids.items())), subject.value(UNAME_L).id
    )


def listing(system: str) -> Command:
    """The HMC's list of the partitions."""
    return hmc("lssyscfg", "-r", "lpar", "-m", system, "-F", COLUMNS)


def as_planned(draft: Draft) -> None:
    """Prove that the partitions are those that the plan was made for, and which of them the LPAR is."""
    seen = partitions_of(draft)
    draft.parameters |= {"partitions": seen.ids, "runs_as": seen.runs_as}
    both = {seen.name, seen.name + ORIGINAL}
    draft.add(
        look(
            "partitions_as_planned",
            Phase.CHECK,
            f"Prove that the HMC shows {' and '.join(seen.ids)} as before",
            "The flags of clvupdate fit this state alone.",
            listing(seen.system),
            expect=Expect(
                has=tuple(rf"^{re.escape(name)},{number}," for name, number in seen.ids.items()),
                lacks=tuple(rf"^{re.escape(name)}," for name in sorted(both - set(seen.ids))),
            ),
            host=StepHost.HMC,
        ),
        look(
            "workload_as_planned",
            Phase.CHECK,
            f"Prove that the workload runs in partition {seen.runs_as}",
            "It tells which of two partitions is the living one.",
            aix("uname", "-L"),
            expect=Expect(has=(rf"^{seen.runs_as}\s",)),
        ),
        look(
            "connections_as_planned",
            Phase.CHECK,
            "Record which partition the HMC reaches",
            "The living one answers it through RMC.",
            hmc("lspartition", "-dlpar"),
            host=StepHost.HMC,
            on_failure=OnFailure.CONTINUE,
        ),
    )


def one_left(draft: Draft) -> None:
    """One partition of the LPAR's name is left; a second one goes by hand, if the request allows it."""
    seen = partitions_of(draft)
    allowed = Consent.REMOVE_LEFT_PARTITION in draft.consents and seen.dead is not None
    draft.add(
        look(
            "one_partition_left",
            Phase.VERIFY,
            f"Prove that the HMC shows one {seen.name}, running",
            f"No {seen.name}{ORIGINAL} may be left.",
            listing(seen.system),
            expect=Expect(
                has=(rf"^{re.escape(seen.name)},\d+,Running,",),
                lacks=(rf"^{re.escape(seen.name + ORIGINAL)},",),
            ),
            host=StepHost.HMC,
            on_failure=OnFailure.CHOOSE if allowed else OnFailure.CONTINUE,
        )
    )
    if not allowed:
        return
    draft.used.add(Consent.REMOVE_LEFT_PARTITION.value)
    draft.offer(
        Branch(
            "remove_dead_partition",
            "one_partition_left",
            f"Remove {seen.dead[0] if seen.dead else ''} on the HMC by hand",
            "clvupdate has ended and the partition without workload is still there.",
            _removal(seen),
        )
    )


def _removal(seen: Partitions) -> tuple[Step, ...]:
    assert seen.dead is not None
    dead, number = seen.dead
    steps = [
        look(
            "dead_is_not_the_lpar",
            Phase.VERIFY,
            f"Prove once more that the workload does not run in {dead}",
            f"The LPAR calls itself {seen.runs_as}; {dead} has the id {number}.",
            aix("uname", "-L"),
            expect=Expect(has=(rf"^{seen.runs_as}\s",), lacks=(rf"^{number}\s",)),
        ),
        look(
            "dead_has_no_rmc",
            Phase.VERIFY,
            f"Prove that {dead} still has the id {number} and does not answer the HMC",
            "A partition that answers runs something.",
            listing(seen.system),
            expect=Expect(
                has=(rf"^{re.escape(dead)},{number},",), lacks=(rf"^{re.escape(dead)},.*,active\s*$",)
            ),
            host=StepHost.HMC,
        ),
        _by_hand(
            "dead_shut_down",
            f"Shut {dead} down",
            "It runs nothing of the workload.",
            hmc("chsysstate", "-r", "lpar", "-m", seen.system, "-o", "shutdown", "--immed", "-n", dead),
        ),
        _by_hand(
            "dead_removed",
            f"Remove the definition of {dead}",
            "Its resources go back to the managed system.",
            hmc("rmsyscfg", "-r", "lpar", "-m", seen.system, "-n", dead),
        ),
    ]
    if dead == seen.name:
        named = f"name={seen.name}{ORIGINAL},new_name={seen.name}"
        steps.append(
            _by_hand(
                "original_renamed",
                f"Call {seen.name}{ORIGINAL} {seen.name} again",
                "Live Update gave it the interim name.",
                hmc("chsyscfg", "-r", "lpar", "-m", seen.system, "-i", named),
            )
        )
    return tuple(steps)


def _by_hand(step: str, title: str, why: str, command: Command) -> Step:
    return change(
        step, Phase.UPDATE, title, why, Run(command), host=StepHost.HMC, deadline_s=1800, reversible=False
    )
