"""Removes interim fixes, the one installed last first (handbook 5.1 row 11, and the way back of 5.7 I8)."""

from inventory.command import aix
from inventory.facts.aix.emgr_list import EMGR_LIST
from inventory.facts.aix.proc_version import PROC_VERSION
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import ifixes, software, verification, words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, look
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, OnFailure, Phase, Plan, StepHost

NAME = "remove_ifixes"
VERSION = 1
LABELS = Ask(
    "labels",
    "Labels of the interim fixes",
    "As emgr -l prints them, one per line; never the name of a package file.",
    words.ifix_label,
    many=True,
)


def removal(draft: Draft) -> None:
    """Each label once, in the reverse order of installation."""
    wanted = dict.fromkeys(map(words.ifix_label, draft.subject.chosen_lines("labels")))
    installed = {ifix.label: ifix for ifix in draft.subject.value(EMGR_LIST)}
    if not wanted:
        draft.refuse("The request names no interim fix.")
    for label in wanted.keys() - installed.keys():
        draft.refuse(f"There is no interim fix {label} on {draft.subject.name}.")
    labels = sorted(wanted.keys() & installed.keys(), key=lambda label: installed[label].id, reverse=True)
    draft.parameters["interim_fixes_removed"] = labels
    draft.add(*(software.ifix_removed(label, Phase.UPDATE, "The request names it.") for label in labels))
    _say_what_runs_on(draft, labels)


def _say_what_runs_on(draft: Draft, labels: list[str]) -> None:
    tag = draft.subject.value(PROC_VERSION).tag
    runs = tag.split()[:1]
    if runs and runs[0] in labels:
        draft.warnings.append(
            f"The kernel that runs is of {runs[0]}. It runs on until the next Live Update, which a rehearsal "
            "with nothing to install is as well, or until a restart."
        )


def gone(draft: Draft) -> None:
    """Neither emgr's list nor its locks name them any more, and the level is the same."""
    labels, before = draft.parameters["interim_fixes_removed"], draft.parameters["level_before"]
    draft.add(
        look(
            "ifixes_gone",
            Phase.VERIFY,
            f"Prove that {', '.join(labels)} is not installed any more",
            "Exit statuses of emgr prove nothing.",
            aix("emgr", "-l"),
            expect=Expect(
                statuses=(0, 1),
                has=(r"There is no efix data on this system\.|^ID\s+STATE\s+LABEL",),
                lacks=tuple(rf"^\s*\d+\s+\S+\s+{label}\s" for label in labels),
            ),
        ),
        look(
            "locks_gone",
            Phase.VERIFY,
            "Prove that they lock no fileset any more",
            "A locked fileset takes no update.",
            aix("emgr", "-P"),
            expect=Expect(
                statuses=(0, 1),
                has=(r"There is no efix data on this system\.|^PACKAGE\s+INSTALLER\s+LABEL",),
                lacks=tuple(rf"^\S+\s+\S+\s+{label}\s*$" for label in labels),
            ),
        ),
        look(
            "level_after",
            Phase.VERIFY,
            f"Prove that the level is {before} still",
            "The files of the level are back.",
            aix("oslevel", "-s"),
            expect=Expect(has=(rf"^{before}\s*$",)),
            deadline_s=600,
            on_failure=OnFailure.CONTINUE,
        ),
    )


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        parts=(ifixes.level, removal),
        proofs=(gone, verification.consistency),
        warnings=lambda draft: (
            "What these interim fixes cured is open again. Where emgr says that a system reboot is required, "
            "the old code runs on until the next Live Update or restart.",
        ),
        roles=(StepHost.LPAR,),
        watched=False,
        needs_credential=False,
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Remove {', '.join(plan.parameters['interim_fixes_removed'])} from {plan.lpar['name']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Remove interim fixes",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REPAIR,
    asks=(LABELS,),
    moves_workload=False,
    checks=frozenset({"RQ-150", "RQ-177"}),
)
