"""RQ-056: the NIM master knows the LPAR, its managed system, its HMC and, with NPIV, its VIOSs."""

from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.nim.nim_management import NIM_MANAGEMENT
from inventory.facts.nim_objects import management_profile
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted
from liveupdate.readiness.nim import NOT_THROUGH_NIM, client_lines, client_of, no_client, through_nim

NPIV = "Virtual Fibre Channel Client Adapter"


def _test(subject: Subject) -> Outcome:
    if not through_nim(subject):
        return NOT_THROUGH_NIM
    client = client_of(subject)
    if client is None:
        return no_client(subject)
    listed = {each.name: each.type for each in subject.value(NIM_MANAGEMENT)}
    npiv = any(NPIV in adapter.description for adapter in subject.value(ADAPTERS))
    evidence = (
        client_lines(subject, "mgmt_profile1"),
        quoted(subject, NIM_MANAGEMENT),
        lines_with(subject, ADAPTERS, having=(NPIV,)),
    )
    profile = management_profile(client)
    if profile is None:
        message = f"{client.name} has no mgmt_profile1: NIM does not know its HMC and managed system."
        return Outcome(FindingState.BLOCKER, message, evidence)
    lacking = [
        f"{what} {name}"
        for what, name, kind in (
            ("HMC", profile.hmc, "hmc"),
            ("managed system", profile.managed_system, "cec"),
        )
        if listed.get(name) != kind
    ]
    if npiv and "vios" not in listed.values():
        lacking.append("VIOS of the LPAR's Fibre Channel adapters")
    if lacking:
        message = f"NIM has no object of the {', the '.join(lacking)}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    message = f"NIM knows {client.name}, {profile.hmc} and {profile.managed_system}."
    return Outcome(FindingState.OK, message, evidence)


CHECK = Check(
    id="RQ-056",
    title="NIM knows LPAR, HMC, managed system and VIOSs",
    why="The master reaches the HMC through these objects, and finds in them which partition it updates.",
    remedy="Define what is missing: nim -o define -t hmc, nimquery -a hmc=HMC -d for the managed systems, "
    "nim -o define -t vios, and nim -o change -a identity=ID -a mgmt_source=SYSTEM LPAR.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-056",
    see="On the NIM master: lsnim -c management lists the HMC, the managed system (cec) and the VIOSs; "
    "lsnim -l LPAR shows mgmt_profile1",
    varies="Only for an update through a NIM master; VIOSs only with NPIV.",
)
