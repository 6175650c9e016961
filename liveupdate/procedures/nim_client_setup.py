"""The NIM objects of LPARs, made to say where each runs: one LPAR, or all of a NIM master and HMC at once.

Handbook 5.10 row 12 and 5.11. Each LPAR is mapped by its managed system's exact serial number to NIM's
object of that system; only those whose `mgmt_profile1` differs get steps, all of them are reached and
compared with the HMC before the first is changed.
"""

import re
from collections.abc import Iterable

from inventory.command import Command, aix, hmc
from inventory.facts.aix.niminfo import NIMINFO
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.nim_objects import ManagementProfile, NimStanza
from liveupdate.lpar.nim_site import NimSite, SiteClient
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, change, look
from liveupdate.procedures.nim_link import ON_HMC, ON_MASTER, site_of
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Branch, Expect, HostRef, OnFailure, Phase, Plan, Run, Step, StepHost
from liveupdate.states import LparState

NAME = "nim_client_setup"
VERSION = 1
ALL = "all"
C_RSH = "/usr/lpp/bos.sysmgt/nim/methods/c_rsh"
WANTED = {"connect": "nimsh", "platform": "chrp", "netboot_kernel": "64"}
CLIENTS = Ask(
    "clients",
    "Which LPARs",
    "All: those of the NIM master on the same HMC for which you may ask.",
    str,
    choices=(("this", "This LPAR"), (ALL, "All of the NIM master")),
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan of what differs; the same facts give the same bytes. Raises CannotPlan."""
    parts = (own_identity, registration, differences)
    roles = (StepHost.LPAR, StepHost.HMC, StepHost.NIM_MASTER)
    recipe = Recipe(NAME, VERSION, parts, roles=roles, watched=False, needs_credential=False)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def own_identity(draft: Draft) -> None:
    """What the LPAR itself says of its place (handbook 5.11 steps 1 to 3)."""
    subject, number = draft.subject, draft.subject.value(UNAME_L).id
    serial = words.serial(subject.managed_system_serial)
    draft.add(
        look(
            "serial_number",
            Phase.CHECK,
            f"Prove that {subject.name} runs on the managed system {serial}",
            "The LPAR is mapped to NIM's object of that system.",
            aix("prtconf"),
            expect=Expect(has=(rf"^Machine Serial Number:\s*{serial}\s*$",)),
        ),
        look(
            "partition_number",
            Phase.CHECK,
            f"Prove that {subject.name} is partition {number}",
            "A Live Update may have changed the number.",
            aix("lparstat", "-i"),
            expect=Expect(has=(rf"^Partition Number\s*:\s*{number}\s*$",)),
        ),
    )


def registration(draft: Draft) -> None:
    """An LPAR that NIM does not know becomes its client (`niminit`)."""
    site, subject = site_of(draft), draft.subject
    draft.parameters |= {"nim_master": site.master, "clients": {}}
    if site.has(subject.nim_name):
        return
    name, master, known = (
        words.nim_name(subject.name),
        words.host_address(site.master),
        subject.value(NIMINFO),
    )
    if known is not None:
        draft.refuse(
            f"{subject.name} calls itself {known.name} of NIM master {known.master}, which {site.master} "
            "does not know. Remove /etc/niminfo on the LPAR if that is past."
        )
        return
    draft.add(
        change(
            "client_registered",
            Phase.PREPARE,
            f"Register {name} with {site.master}",
            "NIM reaches it through nimsh from then on.",
            Run(
                aix(
                    "niminit", "-a", "master_port=1058", "-a", f"master={master}", "-a", "connect=nimsh",
                    "-a", f"name={name}",
                )
            ),
            deadline_s=300,
        )
    )  # fmt: skip


def differences(draft: Draft) -> None:
    """Steps for every LPAR whose object does not say where it runs; proofs of all come first."""
    site = site_of(draft)
    chosen = _chosen(draft, site)
    if not chosen:
        draft.refuse("Nothing is to be changed: every LPAR's mgmt_profile1 says where it runs.")
        return
    for client, _ in chosen:
        draft.add(*_proofs(site, client))
    for client, system in chosen:
        _changed(draft, site, client, system)


def _chosen(draft: Draft, site: NimSite) -> list[tuple[SiteClient, NimStanza]]:
    """Who is to be changed, with NIM's object of the managed system."""
    found = []
    for client in _candidates(draft, site):
        system = site.system_object(client.system.serial)
        if system is None:
            draft.refuse(f"{site.master} has no object of {client.system.name} ({client.system.serial}).")
        elif not _is_right(site.profile_of(client), client, system):
            found.append((client, system))
    return found


def _candidates(draft: Draft, site: NimSite) -> Iterable[SiteClient]:
    subject = draft.subject
    number = subject.value(UNAME_L).id
    everybody = draft.subject.choice("clients") == ALL
    if everybody and site.left_out:
        draft.warnings.append(f"Left out, for you may not ask for them: {', '.join(site.left_out)}.")
    for client in site.clients:
        if client.name == subject.name:
            name = client.nim_name or words.nim_name(subject.name)
            own = SiteClient(client.name, name, subject.partition, number, client.system)
            yield own
        elif everybody and client.nim_name:
            yield client
        elif everybody:
            draft.warnings.append(f"{client.name} is no client of {site.master} yet: ask for it by itself.")


def _is_right(profile: ManagementProfile | None, client: SiteClient, system: NimStanza) -> bool:
    return profile is not None and (profile.partition_id, profile.managed_system) == (
        client.partition_id,
        system.name,
    )


def _proofs(site: NimSite, client: SiteClient) -> tuple[Step, ...]:
    name, number = words.nim_name(client.nim_name), client.partition_id
    partition, system = words.system_name(client.partition), words.system_name(client.system.name)
    return (
        look(
            f"{name}_place",
            Phase.CHECK,
            f"Prove on the HMC that {partition} is partition {number} of {client.system.serial}",
            "The number changes with a Live Update.",
            hmc("lssyscfg", "-r", "lpar", "-m", system, "--filter", f"lpar_names={partition}", "-F",
                "name,lpar_id"),
            expect=Expect(has=(rf"^{re.escape(partition)},{number}\s*$",)),
            host=ON_HMC,
        ),
        look(
            f"{name}_reached",
            Phase.CHECK,
            f"Prove that NIM reaches {name}, and that it is partition {number}",
            "nimsh on the client answers the NIM master.",
            aix(C_RSH, name, "lparstat -i"),
            expect=Expect(has=(rf"^Partition Number\s*:\s*{number}\s*$",)),
            deadline_s=300,
            host=ON_MASTER,
        ),
    )  # fmt: skip


def _changed(draft: Draft, site: NimSite, client: SiteClient, system: NimStanza) -> None:
    name, known = words.nim_name(client.nim_name), site.objects.get(client.nim_name)
    before = site.profile_of(client)
    now = known.get("mgmt_profile1") if known else ""
    then = f"{site.hmc_name} {client.partition_id} {system.name}"
    draft.parameters["clients"][name] = {"now": now or "none", "then": then}
    other = [
        word
        for attribute, value in WANTED.items()
        if not known or not known.get(attribute).startswith(value)
        for word in ("-a", f"{attribute}={value}")
    ]
    if before is not None:
        draft.add(
            look(
                f"{name}_before",
                Phase.PREPARE,
                f"Record the object of {name}",
                f"mgmt_profile1 was {now} when this plan was made.",
                aix("lsnim", "-l", name),
                expect=Expect(has=(_profile(before.hmc, before.partition_id, before.managed_system),)),
                host=ON_MASTER,
            )
        )
    right = look(
        f"{name}_after",
        Phase.VERIFY,
        f"Prove that NIM knows where {name} runs",
        "A Live Update through NIM asks the HMC for this partition.",
        aix("lsnim", "-l", name),
        expect=Expect(has=(_profile(r"\S+", client.partition_id, system.name),)),
        on_failure=OnFailure.RESTORE if before is None else OnFailure.CHOOSE,
        host=ON_MASTER,
    )
    draft.add(
        change(
            f"{name}_changed",
            Phase.PREPARE,
            f"Tell NIM where {name} runs: {now or 'nowhere'} → {then}",
            f"NIM's object of the managed system {client.system.serial} is {system.name}.",
            Run(_change(name, client.partition_id, system.name, *other)),
            deadline_s=300,
            cures=("RQ-056", "RQ-057"),
            host=ON_MASTER,
        ),
        right,
    )
    if before is not None:
        draft.offer(_back(name, before))


def _back(name: str, before: ManagementProfile) -> Branch:
    return Branch(
        name=f"{name}_back",
        after=f"{name}_after",
        title=f"Put the former mgmt_profile1 of {name} back",
        why="NIM does not show what it was told.",
        steps=(
            change(
                f"{name}_put_back",
                Phase.RESTORE,
                f"Tell NIM again what it knew of {name}",
                "Its before-image, as this plan recorded it.",
                Run(_change(name, before.partition_id, words.nim_name(before.managed_system))),
                host=ON_MASTER,
            ),
        ),
    )


def _change(name: str, number: int, system: str, *other: str) -> Command:
    return aix("nim", "-o", "change", *other, "-a", f"identity={number}", "-a", f"mgmt_source={system}", name)


def _profile(hmc_name: str, number: int, system: str) -> str:
    wanted = hmc_name if hmc_name == r"\S+" else re.escape(hmc_name)
    return rf"^\s+mgmt_profile1\s*=\s*{wanted}\s+{number}\s+{re.escape(system)}\b"


def summary(plan: Plan) -> str:
    """The plan in one line."""
    names = ", ".join(plan.parameters["clients"])
    return f"Tell NIM master {plan.parameters['nim_master']} where its clients run: {names}"


PROCEDURE = Procedure(
    name=NAME,
    title="Tell NIM where LPARs run",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.SET_UP,
    asks=(CLIENTS,),
    moves_workload=False,
    states=frozenset(LparState),
    changes_nim=True,
)
