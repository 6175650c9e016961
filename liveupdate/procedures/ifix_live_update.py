"""Interim fixes by Live Update, without NIM: active at once, and the level stays.

Handbook 5.7 with the local commands of A-18. A Live Update that fails leaves the LPAR as it was, for the
clone that held the interim fixes is discarded (handbook 1.2).
"""

from inventory.command import aix
from liveupdate.lpar.consents import OF_A_MOVE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, ifixes, local_live_update, software, update, verification
from liveupdate.procedures.ask import IFIXES, MEDIA
from liveupdate.procedures.compose import Part, Recipe, compose
from liveupdate.procedures.draft import Draft, once
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, StepHost

NAME = "ifix_live_update"
VERSION = 1


def preview(draft: Draft) -> None:
    """Handbook 5.7 I6: the gate, as for an update."""
    files = draft.parameters["ifixes"].values()
    draft.add(
        once(
            "preview",
            Phase.PREVIEW,
            "Preview the Live Update",
            "It changes nothing; without its positive sentence there is no update.",
            aix("geninstall", "-k", "-p", "-d", draft.parameters["directory"], *files),
            expect=Expect(has=(update.PREVIEW_SUCCEEDED,), lacks=(r"1430-\d{3} FAILED", ifixes.FAILED)),
            deadline_s=update.PREVIEW_DEADLINE_S,
        )
    )


def installation(draft: Draft) -> None:
    """Handbook 5.7 I8: started at most once, never repeated blindly."""
    labels, files = draft.parameters["ifixes"].keys(), draft.parameters["ifixes"].values()
    draft.add(
        once(
            "update",
            Phase.UPDATE,
            f"Install {', '.join(labels)} and move the workload",
            "The surrogate boots with the interim fixes and takes the running workload over. Once begun it "
            "is not started again, and from the point of no return on nobody interrupts it.",
            aix("geninstall", "-k", "-d", draft.parameters["directory"], *files),
            expect=Expect(has=(update.SUCCEEDED,), lacks=(*update.FAILED, ifixes.FAILED)),
            deadline_s=update.UPDATE_DEADLINE_S,
            live_update=True,
        )
    )


SOURCE: tuple[Part, ...] = (
    disks_and_media.media_directory,
    ifixes.packages,
    ifixes.live_update_capable,
    ifixes.capable_on_lpar,
)
IN_PLACE_OF: dict[Part, tuple[Part, ...]] = {
    disks_and_media.rollback_clone: (disks_and_media.clone_if_any,),
    disks_and_media.media: SOURCE,
    software.interim_fixes: (),
    software.applied_filesets: (),
    update.preview: (preview,),
    update.update: (installation,),
    verification.level: (ifixes.installed, verification.completed),
    verification.software: (verification.consistency,),
}


def in_place_of_updates(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of an update's procedure, with those of interim fixes where the two differ."""
    return tuple(each for part in parts for each in IN_PLACE_OF.get(part, (part,)))


PARTS = (ifixes.level, *in_place_of_updates(local_live_update.PARTS), ifixes.left_after_failure)
PROOFS = in_place_of_updates(local_live_update.PROOFS)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(NAME, VERSION, PARTS, PROOFS, warnings=standing_warnings)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def standing_warnings(draft: Draft) -> tuple[str, ...]:
    """What holds for every Live Update of interim fixes."""
    labels = ", ".join(draft.parameters["ifixes"])
    return (
        f"The way back is to remove the interim fixes ({labels}) by a request of its own. A kernel that one "
        "of them brought runs on until the next Live Update or restart.",
        *local_live_update.standing_warnings(draft)[1:],
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return (
        f"Install {', '.join(chosen['ifixes'])} on {plan.lpar['name']} by Live Update, at "
        f"{chosen['level_before']}: {len(plan.all_steps)} steps, clone to {', '.join(chosen['nhdisk'])}, "
        f"mirror on {', '.join(chosen['mhdisk'])}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Interim fixes by Live Update, from a directory",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(MEDIA, IFIXES),
    consents=OF_A_MOVE,
)
