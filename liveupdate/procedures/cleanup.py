"""Cleans up what a failed Live Update left, by `clvupdate` with the flags of the state (handbook 5.12).

Evidence comes home first. The plan proves that the state is the one that it was made for, waits until no
Live Update works any more, and sends `clvupdate` without a terminal: a question that it asks ends it, and
a person chooses whether it is asked again with the answer that the plan holds.
"""

from collections.abc import Callable

from inventory.command import aix
from inventory.facts.aix.errpt import ERRPT
from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.disks import LEFTOVER, clone_disks
from liveupdate.lpar.state import lpar_state
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import left_partitions, update, words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.failure_evidence import collected
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import (
    Answer,
    Branch,
    Expect,
    HostRef,
    OnFailure,
    Phase,
    Plan,
    Prompt,
    Step,
    StepHost,
    StepKind,
)
from liveupdate.states import LparState

NAME = "cleanup"
VERSION = 1
DEADLINE_S = 2 * 3600
WAIT_S = 3600
AT_WORK = (r"\bgeninstall\s+(?:.*\s)?-\w*k", r"\bclvupdate\b")
"""A Live Update, or its cleanup, in `ps -ef`; its own cleanup after a failure ends by itself."""
QUESTION = r"\([yY](?:es)?/[nN](?:o)?\)\s*\??\s*$"
STATES = frozenset(
    {
        LparState.FAILED_CLEAN,
        LparState.UPDATED_NOT_ACTIVE,
        LparState.FAILED_DIRTY,
        LparState.FAILED_DIRTY_REBOOTED,
        LparState.MOVED_DIRTY,
    }
)


def optional(check: Callable[[str], str]) -> Callable[[str], str]:
    """The check for a value that may stay empty."""
    return lambda text: check(text) if text else ""


OLDER = Ask(
    "configuration",
    "Older liveupdate.cf",
    "Only if a second attempt was made after the one that failed: the copy of its liveupdate.cf on the LPAR, "
    "e.g. /var/adm/ras/liveupdate/liveupdate.cf.20261125120000.",
    optional(words.directory),
    required=False,
)
OTHER_HMC = Ask(
    "other_hmc",
    "Another HMC",
    "Only if the HMC of the attempt does not answer: another one of the same managed system.",
    optional(words.host_address),
    required=False,
)
OTHER_USER = Ask(
    "other_user",
    "User on the other HMC",
    "The LPAR must be logged on there as this user.",
    optional(words.hmc_user),
    required=False,
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    elsewhere = bool(subject.choice("other_hmc"))
    authentication = other_session if elsewhere else update.authentication
    return compose(
        Recipe(
            NAME,
            VERSION,
            parts=(flags, evidence, left_partitions.as_planned, at_rest, authentication),
            proofs=(clean, left_partitions.one_left, disks),
            warnings=_warnings,
            watched=False,
            needs_credential=not elsewhere,
        ),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def flags(draft: Draft) -> None:
    """The flags of clvupdate that the state and the request's answers give (handbook A-19)."""
    subject, seen = draft.subject, lpar_state(draft.subject)
    given: list[str] = []
    if seen.rebooted and seen.state is not LparState.MOVED_DIRTY:
        given.append("-e")
    if seen.state is LparState.MOVED_DIRTY:
        given.append("-o")
    hmc, user = subject.choice("other_hmc"), subject.choice("other_user")
    if bool(hmc) != bool(user):
        draft.refuse("Another HMC and the user there must be named together.")
    elif hmc:
        given += ["-a", words.host_address(hmc), "-U", words.hmc_user(user)]
    if older := subject.choice("configuration"):
        given += ["-f", words.directory(older)]
    draft.parameters |= {"state": seen.state.value, "why": seen.why, "flags": given}


def evidence(draft: Draft) -> None:
    """Handbook 5.12 C1 and C2: logs and state come home before anything is touched."""
    draft.add(*collected(draft))


def at_rest(draft: Draft) -> None:
    """Handbook 5.12 C2 and C4: nothing of a Live Update works, and the newest attempt is the known one."""
    entries = draft.subject.value(ERRPT)
    draft.add(
        look(
            "nothing_at_work",
            Phase.CHECK,
            "Wait until no Live Update and no cleanup is at work",
            "After a failure Live Update cleans up by itself; a second cleanup must not meet the first.",
            aix("ps", "-ef"),
            expect=Expect(has=(r"^\s*UID\s+PID\b",), lacks=AT_WORK),
            patience_s=WAIT_S,
        )
    )
    if entries:
        newest = entries[0]
        draft.add(
            look(
                "attempt_as_planned",
                Phase.CHECK,
                "Prove that the newest entry of the error log is the known one",
                "Another attempt since then would need other flags.",
                aix("errpt", "-N", "LVUPDATE"),
                expect=Expect(
                    has=(rf"\A\s*IDENTIFIER[^\n]*\n\s*{newest.identifier}\s+{newest.timestamp}\b",)
                ),
            )
        )


def other_session(draft: Draft) -> None:
    """Handbook 5.12 C5 for another HMC: the portal holds no secret for it, so the session must be there."""
    hmc, user = words.host_address(draft.subject.choice("other_hmc")), draft.subject.choice("other_user")
    address = hmc.replace(".", r"\.")
    draft.add(
        look(
            "other_session",
            Phase.AUTHENTICATE,
            f"Prove that the LPAR is logged on to {hmc} as {user}",
            "clvupdate asks this HMC instead of the one of the attempt.",
            aix("hmcauth", "-l"),
            expect=Expect(has=(rf"^\s*Address\s*:\s*{address}\s+User name\s*:\s*{user}\s",)),
        )
    )


def clean(draft: Draft) -> None:
    """Handbook 5.12 C6; its text is not documented, so status and probes decide (U-03, U-13)."""
    given = draft.parameters["flags"]
    draft.add(
        once(
            "cleaned_up",
            Phase.UPDATE,
            f"Clean up with clvupdate {' '.join(given)}".rstrip(),
            draft.parameters["why"],
            aix("clvupdate", *given),
            deadline_s=DEADLINE_S,
            on_failure=OnFailure.CHOOSE,
            reversible=False,
        )
    )
    draft.offer(
        Branch(
            "answer_yes",
            "cleaned_up",
            "Let it clean up, and answer its questions with yes",
            "It ended because it asked something; its output shows what. Read the question first.",
            (_answered(given),),
        ),
        Branch(
            "ignore_status",
            "cleaned_up",
            "Clean up although it says that processes of Live Update still run",
            "Only if its output says so. The list of processes has to show none.",
            (
                look(
                    "nothing_runs",
                    Phase.CHECK,
                    "Prove that no Live Update is at work",
                    "-u makes clvupdate ignore its own doubt.",
                    aix("ps", "-ef"),
                    expect=Expect(has=(r"^\s*UID\s+PID\b",), lacks=AT_WORK),
                ),
                once(
                    "cleaned_up_ignoring_status",
                    Phase.UPDATE,
                    f"Clean up with clvupdate -u {' '.join(given)}".rstrip(),
                    "The status in the kernel is older than the truth.",
                    aix("clvupdate", "-u", *given),
                    deadline_s=DEADLINE_S,
                    reversible=False,
                ),
            ),
        ),
    )


def _answered(given: list[str]) -> Step:
    return Step(
        "cleaned_up_answering",
        Phase.UPDATE,
        f"Clean up with clvupdate {' '.join(given)}".rstrip() + ", answering yes",
        "Every question that ends in (y/n) gets a yes; any other one is left to a person.",
        host=StepHost.LPAR,
        kind=StepKind.ONCE,
        action=Answer(aix("clvupdate", *given), (Prompt(QUESTION, "", "y"),)),
        deadline_s=DEADLINE_S,
        reversible=False,
    )


def disks(draft: Draft) -> None:
    """Handbook 5.12 C8 and C10: neither clone nor mirror is left, and rootvg is whole."""
    rootvg = [words.disk(disk.name) for disk in draft.subject.value(LSPV) if disk.volume_group == "rootvg"]
    clones = "|".join(words.disk(name) for name in clone_disks(draft.subject)) or "none"
    if draft.parameters["state"] == LparState.MOVED_DIRTY:
        draft.add(
            once(
                "leftovers_removed",
                Phase.UPDATE,
                f"Remove {LEFTOVER}, which booted the surrogate",
                "The next Live Update needs its disk. Where there is none, it says so.",
                aix("clvupdate", "-v"),
                expect=Expect(statuses=(0, 1)),
                deadline_s=1800,
                on_failure=OnFailure.CONTINUE,
                reversible=False,
            )
        )
    draft.add(
        look(
            "disks_clean",
            Phase.VERIFY,
            "Prove that nothing of the Live Update is left on the disks",
            "Neither the surrogate's rootvg nor a clone that nobody designated.",
            aix("lspv"),
            expect=Expect(
                has=(r"^\S+\s+\S+\s+rootvg\s+active\b",),
                lacks=(rf"\s{LEFTOVER}\b", rf"^(?!(?:{clones})\s)\S+\s+\S+\s+altinst_rootvg\b"),
            ),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "rootvg_whole",
            Phase.VERIFY,
            "Prove that rootvg is whole",
            f"It lay on {', '.join(rootvg)} when the plan was made; the mirror has to go.",
            aix("lsvg", "-p", "rootvg"),
            expect=Expect(lacks=(r"^\S+\s+(?:missing|removed)\b",)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "copies_left",
            Phase.VERIFY,
            "Record the copies of rootvg's volumes",
            "LPs and PPs are equal where there is one copy.",
            aix("lsvg", "-l", "rootvg"),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def _warnings(draft: Draft) -> tuple[str, ...]:
    said = [
        f"Made for this state: {draft.parameters['why']}",
        "IBM advises to work with its support if the system is not usable; the archive is what they ask for.",
    ]
    if draft.parameters["state"] == LparState.MOVED_DIRTY:
        said.append("The original partition is shut down by force. The workload on the surrogate goes on.")
    return tuple(said)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    command = " ".join(["clvupdate", *plan.parameters["flags"]])
    return f"Clean up what a failed Live Update of {plan.lpar['name']} left, with {command}"


PROCEDURE = Procedure(
    name=NAME,
    title="Clean up after a failed Live Update",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REPAIR,
    asks=(OLDER, OTHER_HMC, OTHER_USER),
    moves_workload=False,
    checks=frozenset({"RQ-150"}),
    states=STATES,
    consents=frozenset({Consent.REMOVE_LEFT_PARTITION}),
)
