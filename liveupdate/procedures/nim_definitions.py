"""NIM set-up: networks, managed systems, VIOSs and lpp_sources (handbook 5.10 rows 4, 8 to 11, 13, 15)."""

import re
from collections.abc import Iterator

from inventory.command import Command, aix, hmc
from liveupdate.lpar.nim_site import VIOS_PORTS, NimSite, SiteSystem, SiteVios
from liveupdate.procedures import words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.draft import Draft, change, look, once
from liveupdate.procedures.nim_link import ON_HMC, ON_MASTER, site_of
from liveupdate.procedures.step import Expect, OnFailure, Phase, Run, Step, StepKind

BY_NIMQUERY, BY_HAND = "nimquery", "by_hand"
DEFINE = "define"
REGISTER = "remote_management"
INITIALISE = "niminit"
OPEN = "open"
COPY_DEADLINE_S = 3 * 3600

NETWORK = Ask(
    "network",
    "Network to define",
    "NAME ADDRESS MASK GATEWAY, e.g. vlan4 1.1.0.0 255.255.255.0 1.1.0.1. Empty where NIM has it.",
    lambda text: str(words.network(text)),
    required=False,
)
SYSTEMS = Ask(
    "systems",
    "Managed systems",
    "How NIM gets the objects that are missing.",
    str,
    choices=((BY_NIMQUERY, "Let nimquery define all of the HMC"), (BY_HAND, "Define each by hand")),
)
VIOSES = Ask(
    "vioses",
    "Virtual I/O Servers",
    "NIM needs them for LPARs with NPIV. The HMC passes commands to them.",
    str,
    choices=(
        ("none", "Leave them alone"),
        (DEFINE, "Define their objects"),
        (REGISTER, "Define them and register each by remote_management"),
        (INITIALISE, "Define them and register each by niminit, as root"),
    ),
)
VIOS_ADAPTER = Ask(
    "vios_adapter",
    "Network adapter of the VIOSs",
    "The one in the NIM master's network; ent0 unless given.",
    words.interface,
    required=False,
)
VIOS_FIREWALL = Ask(
    "vios_firewall",
    "Firewall of the VIOSs",
    "Where a VIOS has one, NIM's ports must be open to the NIM master.",
    str,
    choices=(("none", "There is none, or it is open"), (OPEN, "Open NIM's ports")),
)
LPP_SOURCES = Ask(
    "lpp_sources",
    "lpp_sources to define",
    "NAME DIRECTORY, or NAME DIRECTORY SOURCE to copy from SOURCE.",
    lambda text: str(words.lpp_source(text)),
    required=False,
    many=True,
)


def network(draft: Draft) -> None:
    """Row 4: NIM's name for the network that NIM master, HMC and VIOSs are in."""
    site, asked = site_of(draft), draft.subject.choice("network")
    if not asked:
        if not site.networks:
            draft.refuse(f"{site.master} has no network: name the one to define.")
        return
    wanted = words.network(asked)
    if site.has(wanted.name):
        draft.refuse(f"NIM has an object {wanted.name} already; leave the network empty.")
        return
    draft.parameters["network"] = str(wanted)
    draft.add(
        _define(
            "network_defined",
            f"Define the network {wanted.name} in NIM",
            "Every machine of NIM belongs to a network.",
            "ent",
            wanted.name,
            f"net_addr={wanted.address}",
            f"snm={wanted.mask}",
            f"routing1=default {wanted.gateway}",
        ),
        _shows("network_known", wanted.name, r"^\s+Nstate\s*=\s*ready for use\s*$"),
    )


def managed_systems(draft: Draft) -> None:
    """Row 8 (RQ-056): the managed systems, told apart by their exact serial numbers."""
    site = site_of(draft)
    lacking = [system for system in site.systems if site.system_object(system.serial) is None]
    if not lacking:
        return
    by_hand = draft.subject.choice("systems") == BY_HAND or len(lacking) < len(site.systems)
    if by_hand:
        draft.add(*(_system(site, system) for system in lacking))
    else:
        draft.add(_all_systems(site))
    names = [words.nim_name(system.nim_name) for system in lacking]
    draft.add(
        look(
            "systems_known",
            Phase.PREPARE,
            f"Prove that NIM knows {', '.join(names)}",
            "A client's profile names the object of its managed system.",
            aix("lsnim", "-t", "cec"),
            expect=Expect(has=tuple(rf"^{re.escape(name)}\s+management\s+cec\b" for name in names)),
            host=ON_MASTER,
        )
    )


def _all_systems(site: NimSite) -> Step:
    return once(
        "systems_defined",
        Phase.PREPARE,
        "Define the managed systems of the HMC in NIM",
        "nimquery names each by type, model and serial number.",
        aix("nimquery", "-a", f"hmc={words.nim_name(site.hmc_name)}", "-d"),
        deadline_s=600,
        cures=("RQ-056",),
        host=ON_MASTER,
    )


def _system(site: NimSite, system: SiteSystem) -> Step:
    kind, _, model = system.type_model.partition("-")
    serial = words.serial(system.serial)
    return _define(
        f"system_{serial}_defined",
        f"Define the managed system {system.name} in NIM",
        f"Its serial number is {serial}.",
        "cec",
        system.nim_name,
        f"hw_type={words.serial(kind)}",
        f"hw_model={words.nim_name(model)}",
        f"hw_serial={serial}",
        f"mgmt_source={words.nim_name(site.hmc_name)}",
    )


def vioses(draft: Draft) -> None:
    """Rows 9 to 11: the VIOSs that are missing, and their registration over the HMC."""
    site, wish = site_of(draft), draft.subject.choice("vioses")
    if wish not in (DEFINE, REGISTER, INITIALISE):
        return
    for vios in site.vioses:
        if site.vios_object(vios) is None:
            draft.add(*_vios(draft, site, vios))


def _vios(draft: Draft, site: NimSite, vios: SiteVios) -> Iterator[Step]:
    name, system = words.nim_name(vios.name), site.system_object(vios.system.serial)
    adapter = draft.subject.choice("vios_adapter") or "ent0"
    where = site.network_of(vios.address) or _asked_network(draft)
    if not where:
        draft.refuse(f"No network of NIM holds {vios.name} ({vios.address or 'address unknown'}): name it.")
        return
    yield _define(
        f"vios_{name}_defined",
        f"Define the VIOS {name} in NIM",
        "LPARs with NPIV need it.",
        "vios",
        name,
        f"if1={where} {name} 0 {adapter}",
        f"mgmt_source={words.nim_name(system.name if system else vios.system.nim_name)}",
        f"identity={vios.partition_id}",
    )
    yield from _registered(draft, site, vios)
    yield look(
        "management_" + name,
        Phase.PREPARE,
        f"Prove that NIM knows {name}",
        "It is among the management objects.",
        aix("lsnim", "-c", "management"),
        expect=Expect(has=(rf"^{re.escape(name)}\s+management\s+vios\b",)),
        host=ON_MASTER,
    )


def _asked_network(draft: Draft) -> str:
    asked = draft.subject.choice("network")
    return words.network(asked).name if asked else ""


def _registered(draft: Draft, site: NimSite, vios: SiteVios) -> Iterator[Step]:
    wish, name = draft.subject.choice("vioses"), words.nim_name(vios.name)
    if draft.subject.choice("vios_firewall") == OPEN:
        yield from _firewall(site, vios)
    if wish not in (REGISTER, INITIALISE):
        return
    master = words.host_address(site.master)
    if wish == REGISTER:
        adapter = (draft.subject.choice("vios_adapter") or "ent0").replace("ent", "en")
        command = _on_vios(vios, f"remote_management -interface {words.interface(adapter)} {master}")
    else:
        wanted = f"niminit -a master_port=1058 -a master={master} -a connect=nimsh -a name={name}"
        command = _on_vios(vios, wanted, root=True)
    yield change(
        f"vios_{name}_registered",
        Phase.PREPARE,
        f"Register the VIOS {name} with {site.master}",
        "nimsh answers the NIM master from then on.",
        Run(command),
        deadline_s=300,
        host=ON_HMC,
    )
    yield look(
        f"vios_{name}_niminfo",
        Phase.PREPARE,
        f"Prove that {name} belongs to {site.master}",
        "/etc/niminfo says so.",
        _on_vios(vios, "cat /etc/niminfo"),
        expect=Expect(has=(rf"NIM_MASTER_HOSTNAME={re.escape(master.partition('.')[0])}\b",)),
        host=ON_HMC,
    )
    yield look(
        f"vios_{name}_answers",
        Phase.PREPARE,
        f"Prove that {name} answers NIM",
        "It lists its filesets. A firewall on the VIOS would show here.",
        aix("nim", "-o", "lslpp", name),
        deadline_s=300,
        on_failure=OnFailure.CONTINUE,
        host=ON_MASTER,
    )


def _firewall(site: NimSite, vios: SiteVios) -> Iterator[Step]:
    name, address = words.nim_name(vios.name), words.host_address(site.address)
    for port in VIOS_PORTS:
        for suffix, what in (("", "to it"), (" -remote", "from it")):
            rule = f"viosecure -firewall allow -port {port} -address {address}{suffix}"
            yield change(
                f"vios_{name}_port_{port}{'_remote' if suffix else ''}",
                Phase.PREPARE,
                f"Open port {port} of {name} {what} for {site.master}",
                "NIM speaks over it.",
                Run(_on_vios(vios, rule)),
                host=ON_HMC,
            )


def _on_vios(vios: SiteVios, command: str, *, root: bool = False) -> Command:
    """A command that the HMC passes to the VIOS, as padmin or (`--admin`) as root."""
    system, name = words.system_name(vios.system.name), words.nim_name(vios.name)
    return hmc("viosvrcmd", "-m", system, "-p", name, *(("--admin",) if root else ()), "-c", command)


def lpp_sources(draft: Draft) -> None:
    """Row 13: the lpp_sources that are asked for and that NIM does not have."""
    site = site_of(draft)
    for line in draft.subject.chosen_lines("lpp_sources"):
        wanted = words.lpp_source(line)
        if site.has(wanted.name):
            draft.refuse(f"NIM has an object {wanted.name} already.")
            continue
        source = (f"source={wanted.source}",) if wanted.source else ()
        draft.add(
            _define(
                f"lpp_source_{wanted.name}_defined",
                f"Define the lpp_source {wanted.name}",
                f"Copies {wanted.source} to {wanted.location}." if source else f"{wanted.location} as it is.",
                "lpp_source",
                wanted.name,
                "server=master",
                f"location={wanted.location}",
                *source,
                deadline_s=COPY_DEADLINE_S,
            ),
            _shows(f"lpp_source_{wanted.name}_ready", wanted.name, r"^\s+Rstate\s*=\s*ready for use\s*$"),
        )


def completeness(draft: Draft) -> None:
    """Row 15, and the refusal of a plan that would change nothing."""
    if all(step.kind is StepKind.READ for step in draft.steps):
        draft.refuse("Nothing is missing: NIM master and HMC are set up.")
        return
    draft.add(
        look(
            "everything_listed",
            Phase.VERIFY,
            "Record what NIM knows now",
            "HMC, managed systems, VIOSs and live_update_data; a reading of the NIM master takes it over.",
            aix("lsnim"),
            expect=Expect(has=(r"\bmanagement\s+hmc\b", r"\bmanagement\s+cec\b")),
            host=ON_MASTER,
        )
    )


def _define(
    step_id: str, title: str, why: str, kind: str, name: str, *attributes: str, deadline_s: int = 300
) -> Step:
    given = [word for attribute in attributes for word in ("-a", attribute)]
    return once(
        step_id,
        Phase.PREPARE,
        title,
        why,
        aix("nim", "-o", "define", "-t", kind, *given, words.nim_name(name)),
        deadline_s=deadline_s,
        host=ON_MASTER,
    )


def _shows(step_id: str, name: str, has: str) -> Step:
    return look(
        step_id,
        Phase.PREPARE,
        f"Prove that {name} is ready",
        "NIM tells its state.",
        aix("lsnim", "-l", name),
        expect=Expect(has=(has,)),
        host=ON_MASTER,
    )
