"""Update by NIM first, move afterwards: as `separate_update`, from an lpp_source (handbook 5.4 S2).

NIM accepts the licences itself, which its method of Live Update does not do everywhere (P4).
"""

from dataclasses import replace

from liveupdate.lpar.consents import OF_A_LIVE_UPDATE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import (
    activation,
    disks_and_media,
    installation,
    local_live_update,
    nim,
    nim_client,
    separate_update,
    verification,
)
from liveupdate.procedures.ask import LPP_SOURCE, TARGET_LEVEL
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Phase, Plan, StepHost
from liveupdate.procedures.workload import START_WORKLOAD, STOP_WORKLOAD

NAME = "nim_separate_update"
VERSION = 1


def preview(draft: Draft) -> None:
    """The gate before the installation: the LPAR as it is could be moved."""
    draft.add(replace(activation.preview_step("preview"), phase=Phase.PREVIEW))


PREPARATION = tuple(
    each
    for part in separate_update.PREPARATION
    for each in ((nim_client.ready, nim_client.lpp_source) if part is disks_and_media.media else (part,))
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        parts=(local_live_update.levels, verification.state_left_by(installation.STEP), *PREPARATION),
        proofs=(preview, installation.by_nim, *separate_update.INSTALLED, *separate_update.ACTIVATION),
        warnings=lambda draft: (*separate_update.warnings(draft), nim.NOT_STOPPED),
        roles=nim.ROLES,
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


PROCEDURE = Procedure(
    name=NAME,
    title="Install the updates by NIM first, then Live Update",
    version=VERSION,
    render=render,
    summary=separate_update.summary,
    purpose=Purpose.UPDATE,
    asks=(LPP_SOURCE, TARGET_LEVEL, STOP_WORKLOAD, START_WORKLOAD),
    consents=OF_A_LIVE_UPDATE,
)
