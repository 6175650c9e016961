"""The local Live Update: a technology level or service pack from a directory, without NIM.

Handbook 5.3 (media and authentication, before anything that cannot be undone), 5.1 (preparation, only
what this LPAR needs), 5.3 (preview, update), 5.8 (post-check) and 5.2 (restoration, in any case).
"""

from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.level import Level
from liveupdate.lpar.consents import OF_A_LIVE_UPDATE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import (
    agents,
    disks_and_media,
    ip_security,
    notification,
    security,
    services,
    software,
    update,
    verification,
    words,
    workload_manager,
)
from liveupdate.procedures.ask import MEDIA, TARGET_LEVEL
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost, WriteFile

NAME = "local_live_update"
VERSION = 1

PARTS = (
    services.before_image,
    verification.state_left,
    disks_and_media.rollback_clone,
    software.room,
    disks_and_media.media,
    update.authentication,
    disks_and_media.boot_list,
    security.trusted_execution,
    security.security_lookup,
    ip_security.ip_security,
    security.auditing,
    workload_manager.workload_manager,
    agents.agents,
    software.workload_partitions,
    software.interim_fixes,
    software.forbidden_filesets,
    software.file_systems,
    software.optical_devices,
    software.applied_filesets,
    disks_and_media.leftovers,
    disks_and_media.data_file,
    notification.autofs_script,
    software.pfc_daemon,
)
PROOFS = (
    update.preview,
    update.update,
    verification.level,
    verification.partition,
    verification.disks,
    verification.software,
)


def render(
    subject: Subject,
    hosts: dict[StepHost, HostRef],
    hmc_credential: str,
    consents: frozenset[str],
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    return compose(
        Recipe(NAME, VERSION, parts=(levels, *PARTS), proofs=PROOFS, warnings=standing_warnings),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def levels(draft: Draft) -> None:
    """From which level to which; RQ-017: only upwards, within one release."""
    subject = draft.subject
    before = subject.value(OSLEVEL)
    draft.parameters["level_before"] = before.text
    if not subject.target_level:
        draft.refuse("The request names no level to update to.")
        return
    target = Level.parse(words.level(subject.target_level))
    draft.parameters["target_level"] = target.text
    if target == before:
        draft.refuse(f"{subject.name} is at {before} already: there is nothing to install.")
    elif not target.same_release(before):
        draft.refuse(f"Live Update does not cross releases: {before} to {target}.")
    elif target < before:
        draft.refuse(f"{target} is older than {before}, which is installed.")
    verification.present_level(draft)


def standing_warnings(draft: Draft) -> tuple[str, ...]:
    """What holds of every update."""
    chosen = draft.parameters
    clone = ", ".join(chosen["rollback_clone"])
    return (
        f"Live Update commits what it installs: nothing can be rejected afterwards. The only way back to "
        f"{chosen['level_before']} is to restart from the clone on {clone}, without what was written to "
        "rootvg since it was made.",
        "Every process of the LPAR stands still during the blackout, usually 10 to 30 seconds; it grows "
        "with processes, memory and disks. Whatever has a shorter heartbeat will react.",
        "From the message that the non-interruptible operation begins on, nobody can stop the update.",
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    steps = (*plan.steps, *plan.restoration)
    files = sum(isinstance(step.action, WriteFile) for step in steps)
    chosen = plan.parameters
    hosts = len({step.host for step in steps})
    return (
        f"Update {plan.lpar['name']} from {chosen['level_before']} to {chosen['target_level']}: "
        f"{len(steps) - files} commands and {files} file on {hosts} hosts, clone to "
        f"{', '.join(chosen['nhdisk'])}, mirror on {', '.join(chosen['mhdisk'])}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Update by Live Update, from a directory",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(MEDIA, TARGET_LEVEL),
    consents=OF_A_LIVE_UPDATE,
)
