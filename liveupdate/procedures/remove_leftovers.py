"""Frees the disk that the last Live Update left as lvup_rootvg (handbook 5.1 row 15, 5.12 C10, U-21)."""

from inventory.command import aix
from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.disks import LEFTOVER, removable
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.disks_and_media import pvids_of
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Branch, Expect, HostRef, OnFailure, Phase, Plan, StepHost

NAME = "remove_leftovers"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(
            NAME,
            VERSION,
            parts=(unused, removed),
            roles=(StepHost.LPAR,),
            watched=False,
            needs_credential=False,
        ),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def unused(draft: Draft) -> None:
    """Nothing of the running system may lie on it: paging space, dump device, open volume groups (U-21)."""
    left = [disk for disk in draft.subject.value(LSPV) if disk.volume_group == LEFTOVER]
    names = [words.disk(disk.name) for disk in left]
    if not left:
        draft.refuse(f"lspv shows no {LEFTOVER}.")
        return
    if not all(removable(disk) for disk in left):
        draft.refuse(f"{LEFTOVER} on {', '.join(names)} is varied on; it may still be in use.")
        return
    pvids = pvids_of(draft.subject, names)
    draft.parameters |= {"disks": names, "pvids": pvids}
    draft.add(
        look(
            "leftovers_there",
            Phase.CHECK,
            f"Prove that {LEFTOVER} lies on {', '.join(names)} and is varied off",
            "It booted the surrogate of the last Live Update.",
            aix("lspv"),
            expect=Expect(has=tuple(rf"^{name}\s+{pvids[name]}\s+{LEFTOVER}\s*$" for name in names)),
        ),
        look(
            "paging_elsewhere",
            Phase.CHECK,
            "Prove that no paging space lies there",
            "A disk that pages must stay.",
            aix("lsps", "-a"),
            expect=Expect(lacks=(rf"\s{LEFTOVER}\s", *(rf"\s{name}\s" for name in names))),
        ),
        look(
            "groups_online",
            Phase.CHECK,
            f"Prove that {LEFTOVER} is not varied on",
            "A volume group that is online may be in use.",
            aix("lsvg", "-o"),
            expect=Expect(lacks=(rf"^{LEFTOVER}\s*$",)),
        ),
        look(
            "dump_devices",
            Phase.CHECK,
            "Record the dump devices",
            "They lie on paging space or in rootvg.",
            aix("sysdumpdev", "-l"),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def removed(draft: Draft) -> None:
    """`clvupdate -v` first; where it will not, `alt_rootvg_op -X` once a person has chosen it (U-09)."""
    names = draft.parameters.get("disks", [])
    gone = Expect(has=tuple(rf"^{name}\s+\S+\s+None\b" for name in names), lacks=(rf"\s{LEFTOVER}\b",))
    draft.add(
        once(
            "leftovers_removed",
            Phase.UPDATE,
            f"Remove {LEFTOVER}",
            "The next Live Update needs the disk and this name.",
            aix("clvupdate", "-v"),
            deadline_s=1800,
            on_failure=OnFailure.CHOOSE,
            reversible=False,
        ),
        look(
            "leftovers_gone",
            Phase.VERIFY,
            f"Prove that {', '.join(names)} is free",
            "Other plans may take it now.",
            aix("lspv"),
            expect=gone,
        ),
    )
    draft.offer(
        Branch(
            "alternate_rootvg",
            "leftovers_removed",
            f"Remove {LEFTOVER} as an alternate rootvg",
            "clvupdate -v wants a PowerVC session on some levels. alt_rootvg_op removes AIX's record of "
            "the volume group without one.",
            (
                once(
                    "leftovers_removed_otherwise",
                    Phase.UPDATE,
                    f"Remove {LEFTOVER} by alt_rootvg_op",
                    "It does not ask HMC or PowerVC.",
                    aix("alt_rootvg_op", "-X", LEFTOVER),
                    deadline_s=900,
                    reversible=False,
                ),
            ),
        )
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Free {', '.join(plan.parameters['disks'])} of {plan.lpar['name']} from {LEFTOVER}"


PROCEDURE = Procedure(
    name=NAME,
    title="Free the disk of the last Live Update",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.FINISH,
    moves_workload=False,
    checks=frozenset({"RQ-150", "RQ-177"}),
)
