"""An LPAR as a client of its NIM master: ready, reached, rightly identified (handbook 5.6 N1 to N3)."""

from inventory.command import aix
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.facts.nim_objects import NimStanza, management_profile
from liveupdate.lpar.nim_names import system_object
from liveupdate.procedures import update, words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.draft import Draft, change, look, restore
from liveupdate.procedures.nim_scripts import IDENTITY
from liveupdate.procedures.step import Expect, Phase, Run, StepHost
from portal.lib.errors import Conflict

MASTER = StepHost.NIM_MASTER
READY = r"^\s*Cstate\s*=\s*ready for a NIM operation\s*$"
RUNNING = r"^\s*Mstate\s*=\s*currently running\s*$"
USABLE = r"^\s*Rstate\s*=\s*ready for use\s*$"
LOGON = Ask(
    "hmc_logon",
    "Log on to the HMC",
    "NIM's HMC object authenticates the LPAR. Where that fails (1430-246), the portal can log it on too.",
    str,
    required=False,
    choices=(("nim", "By NIM's HMC object"), ("lpar", "By hmcauth on the LPAR too")),
)


def ready(draft: Draft) -> None:
    """Handbook 5.6 N1 and N3 (RQ-056, RQ-058): NIM is ready for the LPAR, and reaches it and its HMC."""
    name, own = client_object(draft)
    profile = management_profile(own)
    if profile is None:
        draft.refuse(f"{name} has no mgmt_profile1: set the NIM client up first.")
        return
    console, system = words.nim_object(profile.hmc), _system_object(draft)
    draft.parameters |= {"nim_client": name, "nim_hmc": console, "nim_system": system}
    rows = tuple(
        rf"^{exactly(each)}\s+management\s+{kind}\s*$" for each, kind in ((console, "hmc"), (system, "cec"))
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
    name, _ = client_object(draft)
    system = _system_object(draft)
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
    name, own = client_object(draft)
    system, number = _system_object(draft), draft.subject.value(UNAME_L).id
    draft.parameters["nim_partition"] = str(number)
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


def client_object(draft: Draft) -> tuple[str, NimStanza]:
    """What NIM calls the LPAR, and its object. Raises Conflict without one."""
    subject = draft.subject
    own = subject.value(NIM_OBJECT, subject.nim_name) if subject.nim_name else None
    if own is None:
        raise Conflict(
            f"No NIM master knows {subject.name}: set the NIM client up first.", code="no_nim_master"
        )
    return words.nim_object(subject.nim_name), own


def _profile(number: str, system: str) -> str:
    """A pattern for the line that names a partition; `number` may be a group's reference."""
    return rf"^\s*mgmt_profile1\s*=\s*\S+\s+{number}\s+{exactly(system)}(?:\s|$)"


def exactly(name: str) -> str:
    return name.replace(".", r"\.").replace("+", r"\+")


def _system_object(draft: Draft) -> str:
    """NIM's object of the LPAR's managed system. Raises Conflict without one."""
    if name := system_object(draft.subject):
        return words.nim_object(name)
    serial = draft.subject.managed_system_serial
    raise Conflict(
        f"NIM has no object of the managed system with serial number {serial}: set it up first.",
        code="no_nim_object",
    )
