"""Interim fixes that ask for no restart: installed by `emgr`, without Live Update (handbook 5.7 I3)."""

from inventory.command import aix
from liveupdate.lpar.ifix_packages import named_ifixes
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, ifixes, verification
from liveupdate.procedures.ask import IFIXES, MEDIA
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, once
from liveupdate.procedures.procedure import UNDISTURBED, Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, StepHost

NAME = "install_ifixes"
VERSION = 1


def installation(draft: Draft) -> None:
    """One after the other; the first that fails ends it."""
    for ifix in named_ifixes(draft.subject):
        draft.add(
            once(
                f"ifix_{ifix.label}_installed",
                Phase.UPDATE,
                f"Install the interim fix {ifix.label}",
                "Programs that are started from now on use what it brings.",
                aix("emgr", "-e", ifixes.path_on_lpar(draft, ifix)),
                expect=Expect(has=(ifixes.SUCCEEDED,), lacks=(ifixes.FAILED, ifixes.LOCKED)),
                deadline_s=1800,
            )
        )


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        parts=(
            ifixes.level,
            disks_and_media.media_directory,
            ifixes.packages,
            ifixes.without_restart,
            ifixes.restart_free_on_lpar,
        ),
        proofs=(installation, ifixes.installed, verification.consistency),
        warnings=_warnings,
        roles=(StepHost.LPAR,),
        watched=False,
        needs_credential=False,
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def _warnings(draft: Draft) -> tuple[str, ...]:
    return (
        "Processes that run keep the old files until they are started again: the plan lists those that use "
        "replaced libraries.",
        f"The way back is to remove the interim fixes: {', '.join(draft.parameters['ifixes'])}.",
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Install {', '.join(plan.parameters['ifixes'])} on {plan.lpar['name']}, without a restart"


PROCEDURE = Procedure(
    name=NAME,
    title="Interim fixes that need no restart",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(MEDIA, IFIXES),
    moves_workload=False,
    checks=frozenset({"RQ-014", "RQ-015", "RQ-150", "RQ-177"}),
    states=UNDISTURBED,
)
