"""The parts of a Live Update that a NIM master starts and follows (handbook 5.6).

The LPAR is prepared and restored as for a local one; NIM brings the updates, the data file and the
session with the HMC. What a NIM master began on a client goes on there when NIM's own command ends.
"""

from dataclasses import replace

from inventory.command import Command, aix
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.nim.nim_live_update_data import NIM_LIVE_UPDATE_DATA
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.facts.nim_objects import NimStanza, management_profile
from inventory.survey import data_location, data_object
from liveupdate.knowledge.levels import Defect, hit_by
from liveupdate.nim_names import system_object
from liveupdate.procedures import disks_and_media, ifixes, nim_method, update, verification, words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.compose import Part
from liveupdate.procedures.draft import Draft, change, look, once, restore, restore_once, restored
from liveupdate.procedures.kept_file import KeptFile, keep
from liveupdate.procedures.nim_scripts import IDENTITY, RESET
from liveupdate.procedures.step import Expect, OnFailure, Phase, Run, StepHost, WriteFile
from portal.lib.errors import Conflict

ROLES = (StepHost.LPAR, StepHost.HMC, StepHost.NIM_MASTER)
MASTER = StepHost.NIM_MASTER
READY = r"^\s*Cstate\s*=\s*ready for a NIM operation\s*$"
RUNNING = r"^\s*Mstate\s*=\s*currently running\s*$"
USABLE = r"^\s*Rstate\s*=\s*ready for use\s*$"
ALLOCATED = r"^\s*alloc_count\s*=\s*[1-9]"
AT_WORK = r"\b(?:geninstall\s+-\S*k|install_all_updates\b|c_cust\w*)"
"""Processes of a client that NIM's methods start for an update."""
REST_PATIENCE_S = 2 * 3600
NOT_STOPPED = (
    "What NIM has begun on the LPAR goes on there when NIM's command, or the master, ends: an abort stops "
    "nothing that is under way and takes effect after it."
)
LOGON = Ask(
    "hmc_logon",
    "Log on to the HMC",
    "NIM's HMC object authenticates the LPAR. Where that fails (1430-246), the portal can log it on too.",
    str,
    required=False,
    choices=(("nim", "By NIM's HMC object"), ("lpar", "By hmcauth on the LPAR too")),
)


def client(draft: Draft) -> None:
    """Handbook 5.6 N1 and N3 (RQ-056, RQ-058): NIM is ready for the LPAR, and reaches it and its HMC."""
    name, own = _client(draft)
    profile = management_profile(own)
    if profile is None:
        draft.refuse(f"{name} has no mgmt_profile1: set the NIM client up first.")
        return
    console, system = words.nim_object(profile.hmc), _system(draft)
    draft.parameters |= {"nim_client": name, "nim_hmc": console, "nim_system": system}
    rows = tuple(
        rf"^{_exactly(each)}\s+management\s+{kind}\s*$" for each, kind in ((console, "hmc"), (system, "cec"))
    )
    draft.add(
        look(
            "nim_client_ready",
            Phase.CHECK,
            f"Prove that NIM is ready for {name}",
            "NIM starts nothing on a client that it thinks busy or down.",
            aix("lsnim", "-l", name),
            expect=Expect(has=(READY, RUNNING)),
            host=MASTER,
        ),
        look(
            "nim_management",
            Phase.CHECK,
            f"Prove that NIM knows {console} and {system}",
            "The master asks the HMC for the surrogate through these objects.",
            aix("lsnim", "-c", "management"),
            expect=Expect(has=rows),
            host=MASTER,
        ),
        look(
            "nim_reaches_client",
            Phase.CHECK,
            f"Prove that NIM reaches {name}",
            "The whole update goes through its nimsh (0042-006 where it is down).",
            aix("nim", "-o", "lslpp", name),
            expect=Expect(has=(r"\bbos\.",)),
            deadline_s=300,
            host=MASTER,
        ),
        look(
            "nim_reaches_hmc",
            Phase.CHECK,
            f"Prove that NIM reaches {console}",
            "Without the HMC there is no surrogate.",
            aix("nimquery", "-a", f"hmc={console}"),
            expect=Expect(has=(rf"\bserial_num={draft.subject.managed_system_serial}\b",)),
            deadline_s=300,
            host=MASTER,
        ),
    )


def identity(draft: Draft) -> None:
    """Handbook 5.6 N2 and N11 (RQ-057): NIM names the partition that the LPAR is, before and afterwards.

    Nobody knows the id of afterwards before; the step reads it on the LPAR.
    """
    name, _ = _client(draft)
    system = _system(draft)
    identity_before(draft)
    same_id = _profile(r"\1", system)
    draft.undo(
        restore(
            "nim_identity_after",
            "update",
            f"Tell NIM which partition {name} is now",
            "The id may have changed with the update. The command reads it on the LPAR and tells it to NIM.",
            aix("sh", "-c", IDENTITY, "identity", name, system),
            expect=Expect(has=(rf"(?s)^partition id (\d+)$.*{same_id}",)),
            host=MASTER,
        )
    )


def identity_before(draft: Draft) -> None:
    """NIM names the partition that the LPAR is now; an untrue one is not put back."""
    name, own = _client(draft)
    system, number = _system(draft), draft.subject.value(UNAME_L).id
    profile = management_profile(own)
    given = ("-a", f"identity={number}", "-a", f"mgmt_source={system}")
    if profile and (profile.partition_id, profile.managed_system) != (number, system):
        draft.add(
            change(
                "nim_identity",
                Phase.CHECK,
                f"Tell NIM that {name} is partition {number} of {system}",
                f"NIM believes in partition {profile.partition_id} of {profile.managed_system}, "
                "which is not the LPAR.",
                Run(aix("nim", "-o", "change", *given, name)),
                cures=("RQ-057",),
                host=MASTER,
            )
        )
    draft.add(
        look(
            "nim_identity_right",
            Phase.CHECK,
            f"Prove that NIM names partition {number} of {system}",
            "NIM tells the HMC by it which partition to copy.",
            aix("lsnim", "-l", name),
            expect=Expect(has=(_profile(str(number), system),)),
            host=MASTER,
        )
    )


def lpp_source(draft: Draft) -> None:
    """The resource that the updates come from is there and usable (F26, F53)."""
    chosen = draft.subject.choice("lpp_source")
    if not chosen:
        draft.refuse("The request names no lpp_source.")
        return
    name = words.nim_object(chosen)
    draft.parameters["lpp_source"] = name
    draft.add(
        look(
            "lpp_source_usable",
            Phase.MEDIA,
            f"Prove that {name} can be used",
            "NIM allocates it to the LPAR for the update.",
            aix("lsnim", "-l", name),
            expect=Expect(has=(r"^\s*type\s*=\s*lpp_source\s*$", USABLE)),
            host=MASTER,
        )
    )


def logon(draft: Draft) -> None:
    """Handbook 5.1 row 17 is not needed with NIM, and is the fallback where its HMC object fails."""
    if draft.subject.choice("hmc_logon") == "lpar":
        update.authentication(draft)
        return
    address, user = words.host_address(draft.subject.hmc_address), words.hmc_user(draft.subject.hmc_user)
    draft.parameters |= {"hmc": draft.subject.hmc, "hmc_address": address, "hmc_user": user}


def live_update_data(draft: Draft) -> None:
    """Handbook 5.6 N5: one resource for each LPAR, so that several may be updated at the same time.

    NIM hands its file to the LPAR as `lvupdate.data`, so the LPAR's own one is kept too.
    """
    name, _ = _client(draft)
    resource = words.nim_object(data_object(name))
    path = words.directory(data_location(draft.subject.facts, name, draft.subject.nim_directory))
    content = disks_and_media.spare_disks(draft, path)
    if content is None:
        return
    draft.parameters["live_update_data"] = resource
    text = draft.subject.value(NIM_LIVE_UPDATE_DATA, path)
    defined = draft.subject.value(NIM_OBJECT, resource) is not None
    disks_and_media.keep_data_file(draft, written_by="preview")
    if text != content:
        _write(draft, path, content, there_was_one=text is not None)
    if not defined:
        _define(draft, resource, path)
    draft.add(
        look(
            "nim_data_usable",
            Phase.PREPARE,
            f"Prove that {resource} can be used and nobody uses it",
            "Two LPARs cannot have it at the same time (0042-207).",
            aix("lsnim", "-l", resource),
            expect=Expect(has=(USABLE, rf"^\s*location\s*=\s*{_exactly(path)}\s*$"), lacks=(ALLOCATED,)),
            host=MASTER,
        )
    )


def _write(draft: Draft, path: str, content: str, *, there_was_one: bool) -> None:
    directory = path.rpartition("/")[0] or "/"
    keep(draft, KeptFile("nim_data", "data file", path, MASTER, "nim_data"), present=there_was_one)
    draft.add(
        change(
            "nim_data_directory",
            Phase.PREPARE,
            f"Have {directory} on the NIM master",
            "It holds the data files of the LPARs.",
            Run(aix("mkdir", "-p", directory)),
            host=MASTER,
        ),
        change(
            "nim_data",
            Phase.PREPARE,
            "Write the data file on the NIM master",
            disks_and_media.told_of_data(draft),
            WriteFile(path, content, "0600"),
            cures=("RQ-041",),
            host=MASTER,
        ),
    )


def _define(draft: Draft, resource: str, path: str) -> None:
    define = ("nim", "-o", "define", "-t", "live_update_data", "-a", "server=master")
    draft.add(
        once(
            "nim_data_defined",
            Phase.PREPARE,
            f"Define {resource}",
            "NIM knows no such resource yet.",
            aix(*define, "-a", f"location={path}", resource),
            host=MASTER,
        )
    )
    draft.undo(
        restore_once(
            "nim_data_removed",
            "nim_data_defined",
            f"Remove {resource}",
            "There was none before.",
            aix("nim", "-o", "remove", resource),
            host=MASTER,
        ),
        restored(
            "nim_data_is_gone",
            "nim_data_defined",
            f"Prove that NIM does not know {resource} any more",
            "Nothing of the update's settings may stay.",
            aix("lsnim", "-l", resource),
            expect=Expect(statuses=(1,), has=("0042-053",)),
            host=MASTER,
        ),
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


def _client(draft: Draft) -> tuple[str, NimStanza]:
    """What NIM calls the LPAR, and its object. Raises Conflict without one."""
    subject = draft.subject
    own = subject.value(NIM_OBJECT, subject.nim_name) if subject.nim_name else None
    if own is None:
        raise Conflict(f"No NIM master knows {subject.name}: set the NIM client up first.")
    return words.nim_object(subject.nim_name), own


def _profile(number: str, system: str) -> str:
    """A pattern for the line that names a partition; `number` may be a group's reference."""
    return rf"^\s*mgmt_profile1\s*=\s*\S+\s+{number}\s+{_exactly(system)}(?:\s|$)"


def _exactly(name: str) -> str:
    return name.replace(".", r"\.").replace("+", r"\+")


def _system(draft: Draft) -> str:
    """NIM's object of the LPAR's managed system. Raises Conflict without one."""
    if name := system_object(draft.subject):
        return words.nim_object(name)
    serial = draft.subject.managed_system_serial
    raise Conflict(f"NIM has no object of the managed system with serial number {serial}: set it up first.")


IN_PLACE_OF: dict[Part, tuple[Part, ...]] = {
    update.authentication: (logon,),
    disks_and_media.media: (client, identity, lpp_source, nim_method.licences),
    disks_and_media.data_file: (live_update_data,),
    update.preview: (preview,),
    update.update: (run,),
    verification.partition: (verification.partition, verification.nim_client),
}


def in_place_of_local(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of a local procedure, with NIM's where the two differ."""
    return tuple(each for part in parts for each in IN_PLACE_OF.get(part, (part,)))
