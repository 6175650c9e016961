"""The parts of a Live Update that a NIM master starts and follows (handbook 5.6).

The LPAR is prepared and restored as for a local one; NIM brings the updates, the data file and the
session with the HMC. What a NIM master began on a client goes on there when NIM's own command ends.
"""

from dataclasses import replace

from inventory.command import Command, aix
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import Defect, hit_by
from liveupdate.procedures import (
    disks_and_media,
    ifixes,
    nim_client,
    nim_data,
    nim_method,
    update,
    verification,
)
from liveupdate.procedures.compose import Part
from liveupdate.procedures.draft import Draft, look, once, restore, restored
from liveupdate.procedures.nim_client import MASTER, READY
from liveupdate.procedures.nim_scripts import RESET
from liveupdate.procedures.step import Expect, OnFailure, Phase, StepHost

ROLES = (StepHost.LPAR, StepHost.HMC, StepHost.NIM_MASTER)
AT_WORK = r"\b(?:geninstall\s+-\S*k|install_all_updates\b|c_cust\w*)"
"""Processes of a client that NIM's methods start for an update."""
REST_PATIENCE_S = 2 * 3600
NOT_STOPPED = (
    "What NIM has begun on the LPAR goes on there when NIM's command, or the master, ends: an abort stops "
    "nothing that is under way and takes effect after it."
)


def rest(draft: Draft) -> None:
    """Nothing is taken back, and NIM is not reset, before nothing of the update runs on the LPAR (F37)."""
    name, resource = draft.parameters["nim_client"], draft.parameters["live_update_data"]
    at_rest = look(
        "lpar_at_rest",
        Phase.RESTORE,
        f"Wait until nothing of the update runs on {draft.subject.name}",
        "What NIM began there goes on without NIM, also when the master restarts.",
        aix("ps", "-ef"),
        expect=Expect(lacks=(AT_WORK,)),
        patience_s=REST_PATIENCE_S,
    )
    draft.undo(
        replace(at_rest, undoes="preview"),
        restore(
            "nim_client_reset",
            "preview",
            f"Reset {name} in NIM if it is not ready",
            "A failed operation can leave it busy and its resources allocated. The command looks on the LPAR "
            "once more before, and does nothing where NIM is ready.",
            aix("sh", "-c", RESET, "reset", name, resource, draft.parameters.get("lpp_source", "")),
            deadline_s=300,
            host=MASTER,
        ),
        restored(
            "nim_client_is_ready",
            "preview",
            f"Prove that NIM is ready for {name}",
            "Otherwise the next operation is refused.",
            aix("lsnim", "-l", name),
            expect=Expect(has=(READY,)),
            host=MASTER,
        ),
    )


def preview(draft: Draft) -> None:
    """Handbook 5.6 N6: the gate. The positive sentence decides, not the exit status alone."""
    draft.add(
        once(
            "preview",
            Phase.PREVIEW,
            "Preview the Live Update through NIM",
            "It changes nothing; without its positive sentence there is no update.",
            customize(draft, preview=True),
            expect=Expect(has=(update.PREVIEW_SUCCEEDED,), lacks=(r"1430-\d{3} FAILED", *_of_ifixes(draft))),
            deadline_s=update.PREVIEW_DEADLINE_S,
            host=MASTER,
        )
    )


def run(draft: Draft) -> None:
    """Handbook 5.6 N8: started at most once on the master, followed there, never repeated blindly."""
    draft.add(
        once(
            "update",
            Phase.UPDATE,
            f"{_what_is_done(draft)}, through NIM",
            "NIM starts it on the LPAR and prints what it says. Once begun it is not started again. Ending "
            "NIM's command would not end it, so nobody interrupts it from here on.",
            customize(draft, preview=False),
            expect=Expect(has=(update.SUCCEEDED,), lacks=(*update.FAILED, *_of_ifixes(draft))),
            deadline_s=update.UPDATE_DEADLINE_S,
            reversible=False,
            live_update=True,
            host=MASTER,
        )
    )
    draft.explain(
        look(
            "nim_client_left",
            Phase.COLLECT,
            "Record what NIM says of the failure",
            "Cstate_result and err_info outlive the session that began it.",
            aix("lsnim", "-l", draft.parameters["nim_client"]),
            on_failure=OnFailure.CONTINUE,
            host=MASTER,
        )
    )


def _what_is_done(draft: Draft) -> str:
    chosen = draft.parameters
    if "ifixes" in chosen:
        return f"Install {', '.join(chosen['ifixes'])} and move the workload"
    target = chosen.get("target_level")
    return f"Update to {target} and move the workload" if target else "Move the workload"


def _of_ifixes(draft: Draft) -> tuple[str, ...]:
    return (ifixes.FAILED,) if "ifixes" in draft.parameters else ()


def customize(draft: Draft, *, preview: bool) -> Command:
    """`nim -o cust` with a live update: the named interim fixes or all updates of the lpp_source, if any.

    Without one nothing is installed. Interim fixes have no licences.
    """
    source, files = draft.parameters.get("lpp_source"), draft.parameters.get("ifixes", {}).values()
    given = [f"lpp_source={source}"] if source else []
    given += ["installp_flags=-p"] if preview else []
    given += [f"filesets={' '.join(files)}"] if files else ["fixes=update_all"] if source else []
    given += ["accept_licenses=yes"] if source and not files and _licences_are_asked(draft) else []
    given += ["live_update=yes", f"live_update_data={draft.parameters['live_update_data']}"]
    attributes = [word for each in given for word in ("-a", each)]
    return aix("nim", "-o", "cust", *attributes, draft.parameters["nim_client"])


def _licences_are_asked(draft: Draft) -> bool:
    """P4: below some levels NIM's method leaves geninstall's -Y out unless it is told."""
    return hit_by(Defect.LICENCE_THROUGH_NIM, draft.subject.value(OSLEVEL)) is not None


IN_PLACE_OF: dict[Part, tuple[Part, ...]] = {
    update.authentication: (nim_client.logon,),
    disks_and_media.media: (
        nim_client.ready,
        nim_client.identity,
        nim_client.lpp_source,
        nim_method.licences,
    ),
    disks_and_media.data_file: (nim_data.live_update_data,),
    update.preview: (preview,),
    update.update: (run,),
    verification.partition: (verification.partition, verification.nim_client),
}


def in_place_of_local(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of a local procedure, with NIM's where the two differ."""
    return tuple(each for part in parts for each in IN_PLACE_OF.get(part, (part,)))
