"""The update itself: authentication with the HMC, preview, the one command that cannot be undone."""

import re

from inventory.command import aix
from liveupdate.lpar.console import listed_as, wanted_session
from liveupdate.procedures import words
from liveupdate.procedures.draft import ANY_WAY, Draft, change, look, once, restore_once, restored
from liveupdate.procedures.step import Answer, Expect, Phase, Prompt

PREVIEW_SUCCEEDED = r"The live update preview succeeded\."
SUCCEEDED = r"The live update operation succeeded\.|Live AIX update completed(?: in \d+h \d+m \d+s)?\."
FAILED = (
    r"1430-045\b",
    r"The live update will not proceed because of an install failure",
)
PREVIEW_DEADLINE_S = 3600
UPDATE_DEADLINE_S = 6 * 3600
"""Live Update is given at least four hours (handbook 1.11); no timer ends it after that either."""


def authentication(draft: Draft) -> None:
    """Handbook 5.1 row 17 and 5.3 L4 (RQ-040): log on unless the kernel holds this session already."""
    subject = draft.subject
    address, user = words.host_address(subject.hmc_address), words.hmc_user(subject.hmc_user)
    draft.parameters |= {"hmc": subject.hmc, "hmc_address": address, "hmc_user": user}
    session = rf"^\s*Address\s*:\s*{listed_as(subject)}\s+User name\s*:\s*{re.escape(user)}\s"
    if wanted_session(subject) is None:
        draft.add(
            change(
                "hmc_logon",
                Phase.AUTHENTICATE,
                f"Log the LPAR on to {subject.hmc} as {user}",
                "Live Update asks the HMC for the surrogate. The password is typed at the prompt.",
                Answer(
                    aix("hmcauth", "-u", user, "-a", address),
                    (Prompt(r"Enter HMC password:\s*", draft.hmc_credential),),
                ),
                expect=Expect(lacks=("PMCSS00G", "Authentication failure")),
                cures=("RQ-040",),
            )
        )
        draft.undo(
            restore_once(
                "hmc_logoff",
                "hmc_logon",
                f"Log the LPAR off from {subject.hmc}",
                "It was not logged on before; a restart of the LPAR ends a session too.",
                aix("hmcauth", "-r", "-a", address, "-u", user),
                expect=ANY_WAY,
            ),
            restored(
                "hmc_session_is_gone",
                "hmc_logon",
                f"Prove that the LPAR is not logged on to {subject.hmc}",
                "Whoever is root on the LPAR could use the session.",
                aix("hmcauth", "-l"),
                expect=Expect(statuses=(0, 1), lacks=(session,)),
            ),
        )
    draft.add(
        look(
            "hmc_session",
            Phase.AUTHENTICATE,
            f"Prove that the LPAR is logged on to {subject.hmc}",
            "lvupdate.data names this console and this user (1430-246).",
            aix("hmcauth", "-l"),
            expect=Expect(has=(session,)),
        )
    )


def preview(draft: Draft) -> None:
    """Handbook 5.3 L5: the gate. The positive sentence decides, not the exit status alone."""
    draft.add(
        once(
            "preview",
            Phase.PREVIEW,
            "Preview the Live Update",
            "It changes nothing; without its positive sentence there is no update.",
            aix("geninstall", "-k", "-p", "-d", draft.parameters["directory"], "update_all"),
            expect=Expect(has=(PREVIEW_SUCCEEDED,), lacks=(r"1430-\d{3} FAILED",)),
            deadline_s=PREVIEW_DEADLINE_S,
        )
    )


def update(draft: Draft) -> None:
    """Handbook 5.3 L7: started at most once, never repeated blindly."""
    draft.add(
        once(
            "update",
            Phase.UPDATE,
            f"Update to {draft.parameters['target_level']} and move the workload",
            "Installs and commits the update, then moves the running workload to the surrogate. Once "
            "begun it is not started again, and from the point of no return on nobody interrupts it.",
            aix("geninstall", "-Y", "-k", "-d", draft.parameters["directory"], "update_all"),
            expect=Expect(has=(SUCCEEDED,), lacks=FAILED),
            deadline_s=UPDATE_DEADLINE_S,
            reversible=False,
            live_update=True,
        )
    )
