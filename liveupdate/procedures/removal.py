"""Gives up an alternate rootvg after sign-off: the rollback clone, or the rootvg that was active before it.

Handbook 5.3 L12 and 5.13 row 6. Only AIX's record of the volume group goes; the data stays on the disks
until somebody writes there.
"""

from inventory.command import aix
from inventory.facts.aix.bootlist import BOOTLIST
from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.disks_and_media import pvids_of
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, StepHost


def render_removal(name: str, version: int, group: str, draft: Draft, hosts: dict[StepHost, HostRef]) -> Plan:
    """The plan that gives up the volume group `group`. Raises CannotPlan."""

    def removed(draft: Draft) -> None:
        """Prove what is there, remove it, prove that it is gone and that the LPAR starts as before."""
        _removed(draft, group)

    recipe = Recipe(
        name, version, parts=(removed,), roles=(StepHost.LPAR,), watched=False, needs_credential=False
    )
    return compose(recipe, draft, hosts)


def _removed(draft: Draft, group: str) -> None:
    subject = draft.subject
    disks = _disks(subject, group)
    draft.parameters |= {"volume_group": group, "disks": disks, "pvids": pvids_of(subject, disks)}
    if not disks:
        draft.refuse(f"lspv shows no {group}.")
        return
    if subject.clone.needed_for:
        draft.refuse(subject.clone.needed_for)
    if subject.value(BOOTLIST)[0] in disks:
        draft.refuse(f"The boot list begins with {disks[0]}: the next restart would start {group}.")
    named, pvids = ", ".join(disks), draft.parameters["pvids"]
    bootlist = aix("bootlist", "-m", "normal", "-o")
    draft.warnings.append(f"{named} is free afterwards. Its data stays until somebody writes there.")
    draft.add(
        look(
            "there_before",
            Phase.CHECK,
            f"Prove that {group} lies on {named} and on no other disk",
            "It is removed from every disk that holds it.",
            aix("lspv"),
            expect=Expect(
                has=tuple(rf"^{name}\s+{pvids[name]}\s+{group}\b" for name in disks),
                lacks=(rf"^(?!(?:{'|'.join(disks)})\s)\S+\s+\S+\s+{group}\b", rf"\s{group}\s+active\b"),
            ),
        ),
        look("boot_list_before", Phase.CHECK, "Record the boot list", "It must stay as it is.", bootlist),
        once(
            "removed",
            Phase.UPDATE,
            f"Remove {group}",
            "From here on the LPAR cannot be started from it.",
            aix("alt_rootvg_op", "-X", group),
            expect=Expect(lacks=(r"^\s*0505-\d{3}\b",)),
            deadline_s=900,
            reversible=False,
        ),
        look(
            "gone",
            Phase.VERIFY,
            f"Prove that {named} is free",
            "Other plans may take it now.",
            aix("lspv"),
            expect=Expect(has=tuple(rf"^{name}\s+\S+\s+None\b" for name in disks), lacks=(rf"\s{group}\b",)),
        ),
        look(
            "boot_list_kept",
            Phase.VERIFY,
            "Prove that the boot list is as it was",
            "The next restart must start the active rootvg.",
            bootlist,
            expect=Expect(equals_saved="boot_list_before"),
        ),
    )


def _disks(subject: Subject, group: str) -> list[str]:
    return [words.disk(disk.name) for disk in subject.value(LSPV) if disk.volume_group == group]


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return f"Remove {chosen['volume_group']} of {plan.lpar['name']} from {', '.join(chosen['disks'])}"
