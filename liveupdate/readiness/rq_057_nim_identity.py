"""RQ-057: NIM's idea of where the LPAR runs is true today."""

from inventory.facts.aix.lparstat import LPARSTAT
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.facts.nim_objects import ManagementProfile, management_profile, system_serial
from liveupdate.lpar.nim_names import system_object
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with
from liveupdate.readiness.nim import NOT_THROUGH_NIM, client_lines, client_of, no_client, through_nim


def _test(subject: Subject) -> Outcome:
    if not through_nim(subject):
        return NOT_THROUGH_NIM
    client = client_of(subject)
    if client is None:
        return no_client(subject)
    profile = management_profile(client)
    if profile is None:
        message = f"{client.name} has no mgmt_profile1."
        return Outcome(FindingState.BLOCKER, message, (client_lines(subject, "mgmt_profile1"),))
    return _compared(subject, profile)


def _compared(subject: Subject, profile: ManagementProfile) -> Outcome:
    number = subject.value(LPARSTAT).partition_number
    system = subject.value(NIM_OBJECT, profile.managed_system)
    evidence = (
        client_lines(subject, "mgmt_profile1"),
        lines_with(
            subject, NIM_OBJECT, profile.managed_system, having=(" serial ", " hw_serial ", "0042-053")
        ),
        lines_with(subject, LPARSTAT, having=("Partition Number",)),
    )
    if system is None:
        message = f"mgmt_profile1 names the managed system {profile.managed_system}, which NIM does not have."
        return Outcome(FindingState.BLOCKER, message, evidence, curable=bool(system_object(subject)))
    serial = system_serial(system)
    differences = []
    if profile.partition_id != number:
        differences.append(f"partition id {profile.partition_id}, and it is {number}")
    if serial and serial.upper() != subject.managed_system_serial.upper():
        differences.append(f"serial number {serial}, and it is {subject.managed_system_serial}")
    if differences:
        message = f"mgmt_profile1 says {'; '.join(differences)}."
        return Outcome(FindingState.BLOCKER, message, evidence, curable=bool(system_object(subject)))
    if not serial:
        message = f"NIM does not tell the serial number of {system.name}."
        return Outcome(FindingState.UNKNOWN, message, evidence)
    message = f"mgmt_profile1 names partition {number} of {serial}, as it is."
    return Outcome(FindingState.OK, message, evidence)


CHECK = Check(
    id="RQ-057",
    title="mgmt_profile1 is true",
    why="NIM tells the HMC by it which partition to copy. A Live Update may change the partition id.",
    remedy="nim -o change -a identity=ID -a mgmt_source=SYSTEM LPAR, with the number of lparstat -i and the "
    "NIM object of the managed system.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-057",
    see="lsnim -l LPAR on the NIM master: mgmt_profile1 holds the Partition Number of lparstat -i and the "
    "object of the managed system with the LPAR's serial number",
    varies="Only for an update through a NIM master.",
)
