"""Installs the updates without activating them: new files on the disk, the old kernel runs on (handbook
5.4 S2 to S4)."""

import re

from inventory.command import Command, aix
from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.proc_version import PROC_VERSION
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.software import COMMITTED, INSTALLP_DEADLINE_S, PFC_DAEMON, daemon_started
from liveupdate.procedures.step import Expect, Phase, Step, StepHost

STEP = "install"
DEADLINE_S = 3 * 3600


def locally(draft: Draft) -> None:
    """Handbook 5.4 S2, from a directory."""
    draft.add(_install(draft, aix("install_all_updates", "-Y", "-d", draft.parameters["directory"])))


def by_nim(draft: Draft) -> None:
    """Handbook 5.4 S2, from an lpp_source: NIM accepts the licences, and installs without Live Update."""
    source, client = draft.parameters["lpp_source"], draft.parameters["nim_client"]
    given = (f"lpp_source={source}", "fixes=update_all", "accept_licenses=yes")
    words = [word for attribute in given for word in ("-a", attribute)]
    command = aix("nim", "-o", "cust", *words, client)
    draft.add(_install(draft, command, StepHost.NIM_MASTER))


def _install(draft: Draft, command: Command, host: StepHost = StepHost.LPAR) -> Step:
    return once(
        STEP,
        Phase.UPDATE,
        f"Install the updates to {draft.parameters['target_level']}",
        "They come to the disk; the kernel that runs stays as it is. Nobody restarts the LPAR until they "
        "are active.",
        command,
        expect=Expect(
            has=(r"install_all_updates: Result = SUCCESS",), lacks=(r"Result = FAILURE", r"^0042-\d+ nim:")
        ),
        deadline_s=DEADLINE_S,
        host=host,
        reversible=False,
    )


def installed(draft: Draft) -> None:
    """The proofs of handbook 5.4 S2: the new level on the disk, the old kernel running."""
    target, kernel = draft.parameters["target_level"], draft.subject.value(PROC_VERSION)
    draft.add(
        look(
            "level_installed",
            Phase.UPDATE,
            f"Prove that the disk holds {target}",
            "oslevel names the highest level for which every fileset is there.",
            aix("oslevel", "-s"),
            expect=Expect(has=(rf"^{target}\s*$",)),
            deadline_s=600,
        ),
        look(
            "kernel_unchanged",
            Phase.UPDATE,
            f"Prove that the kernel {kernel.tag} still runs",
            "Another one would mean that somebody restarted the LPAR.",
            aix("cat", "/proc/version"),
            expect=Expect(has=(rf"^{re.escape(kernel.tag)}(?:\s|$)",)),
        ),
    )


def committed(draft: Draft) -> None:
    """Handbook 5.4 S3."""
    draft.add(
        once(
            "updates_committed",
            Phase.UPDATE,
            "Commit whatever is only applied",
            "Live Update wants committed filesets; 0503-439 says that all are.",
            aix("installp", "-c", "ALL"),
            expect=COMMITTED,
            deadline_s=INSTALLP_DEADLINE_S,
            reversible=False,
        )
    )


def daemons(draft: Draft) -> None:
    """Handbook 5.4 S4 (P3): an update stops pfcdaemon, and its notification script wants it up."""
    if any(each.name == PFC_DAEMON for each in draft.subject.value(LSSRC)):
        draft.add(*daemon_started("pfc_daemon_after", Phase.UPDATE))
