"""RMC between an LPAR and its HMC: proofs that it works, and ways to bring it back (P8, handbook A-24)."""

import re

from inventory.command import aix, hmc
from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.rmc_status import PROGRAM, RMC_STATUS
from inventory.facts.aix.uname_l import UNAME_L
from liveupdate.lpar.state import ORIGINAL
from liveupdate.procedures import words
from liveupdate.procedures.draft import Draft, change, look, once
from liveupdate.procedures.step import Branch, Expect, OnFailure, Phase, Run, Step, StepHost

RMCCTRL = "/usr/sbin/rsct/bin/rmcctrl"
LSRPDOMAIN = "/usr/sbin/rsct/bin/lsrpdomain"
UNCFGCT, RECFGCT = "/usr/sbin/rsct/install/bin/uncfgct", "/usr/sbin/rsct/install/bin/recfgct"
CLUSTER_MANAGERS = ("clstrmgrES", "clstrmgr", "cthags")
"""PowerHA's manager, and the group services that a peer domain or a CAA cluster runs."""
REACHED = r"^\s*I\s+A\s+0x[0-9a-f]+\s"
RESTART_S = 300
"""What a restart of RMC is given before it counts as not enough."""
HMC_SEES_S = 600
"""An HMC takes up to five minutes to see a partition again; twice that is given."""


def looks(draft: Draft, suffix: str, phase: Phase, *, patience_s: int = 0) -> tuple[Step, ...]:
    """RMC seen from the LPAR and from the HMC."""
    subject = draft.subject
    name, system = (
        words.system_name(subject.partition.removesuffix(ORIGINAL)),
        words.system_name(subject.managed_system),
    )
    number, serial = subject.value(UNAME_L).id, words.system_name(subject.managed_system_serial)
    return (
        look(
            f"rmc_{suffix}",
            phase,
            "Prove that the LPAR's RMC reaches an HMC",
            "rmcdomainstatus shows I A for an HMC that it reaches.",
            aix(PROGRAM, "-s", "ctrmc"),
            expect=Expect(has=(REACHED,)),
            patience_s=patience_s,
        ),
        look(
            f"hmc_{suffix}",
            phase,
            f"Prove that {subject.hmc} says that RMC is active",
            "Live Update drives the surrogate through it.",
            hmc("lssyscfg", "-r", "lpar", "-m", system, "-F", "name,lpar_id,state,rmc_state"),
            expect=Expect(has=(rf"^{re.escape(name)}(?:{ORIGINAL})?,{number},Running,active\s*$",)),
            host=StepHost.HMC,
            patience_s=patience_s,
        ),
        look(
            f"connection_{suffix}",
            phase,
            f"Prove that {subject.hmc} has an active connection to partition {number}",
            "Active:<1> on the line below that of the partition.",
            hmc("lspartition", "-dlpar"),
            expect=Expect(
                has=(rf"Partition:<{number}\*[^*]+\*{re.escape(serial)},[^>]*>\s+Active:<1>",)
            ),
            host=StepHost.HMC,
            patience_s=patience_s,
        ),
    )  # fmt: skip


def no_cluster(draft: Draft) -> None:
    """F28: recfgct gives the node a new identity, which throws it out of its cluster."""
    subject = draft.subject
    peers = subject.value(RMC_STATUS).peers
    running = [
        each.name
        for each in subject.value(LSSRC)
        if each.name in CLUSTER_MANAGERS and each.status == "active"
    ]
    if peers or running:
        seen = "an online peer domain" if peers else f"{', '.join(running)} active"
        draft.refuse(
            f"{subject.name} is a node of a cluster ({seen}). Rebuilding its RSCT configuration would throw "
            "it out of the cluster: let the cluster's administrator repair RMC, by the cluster's own tools."
        )
    draft.add(
        look(
            "no_peer_domain",
            Phase.CHECK,
            "Prove that no peer domain is online",
            "recfgct would throw the node out of it.",
            aix(LSRPDOMAIN),
            expect=Expect(statuses=(0, 1, 2), lacks=(r"\bOnline\b",)),
        ),
        look(
            "no_powerha",
            Phase.CHECK,
            "Prove that PowerHA does not run",
            "Its cluster rests on the same configuration.",
            aix("lssrc", "-s", "clstrmgrES"),
            expect=Expect(statuses=(0, 1), lacks=(r"\bactive\b",)),
        ),
        look(
            "no_caa",
            Phase.CHECK,
            "Prove that the LPAR is no node of a CAA cluster",
            "CAA keeps the node's identity itself.",
            aix("lscluster", "-c"),
            expect=Expect(statuses=(0, 1, 2, 127, 255), lacks=(r"^Cluster Name:",)),
        ),
    )


def restart(draft: Draft) -> None:
    """The light way first: stop, add and start, allow the HMC; then the rebuild, if a person chooses it."""
    draft.add(
        change("rmc_stopped", Phase.PREPARE, "Stop RMC", "It is started anew.", Run(aix(RMCCTRL, "-z"))),
        change(
            "rmc_started", Phase.PREPARE, "Start RMC", "It is added and started.", Run(aix(RMCCTRL, "-A"))
        ),
        change(
            "rmc_remote",
            Phase.PREPARE,
            "Let the HMC in",
            "Remote clients may be shut out.",
            Run(aix(RMCCTRL, "-p")),
        ),
        look(
            "rmc_restarted",
            Phase.UPDATE,
            "Prove that RMC reaches an HMC now",
            "If it does not, its configuration has to be made anew.",
            aix(PROGRAM, "-s", "ctrmc"),
            expect=Expect(has=(REACHED,)),
            on_failure=OnFailure.CHOOSE,
            patience_s=RESTART_S,
        ),
    )
    draft.offer(
        Branch(
            "rebuild",
            "rmc_restarted",
            "Make the node's RSCT configuration anew",
            "Restarting RMC was not enough. The LPAR gets a new node identity and new keys.",
            _rebuild(),
        )
    )


def _rebuild() -> tuple[Step, ...]:
    return (
        look(
            "still_no_peer_domain",
            Phase.CHECK,
            "Prove once more that no peer domain is online",
            "From here on the node's identity changes.",
            aix(LSRPDOMAIN),
            expect=Expect(statuses=(0, 1, 2), lacks=(r"\bOnline\b",)),
        ),
        change("rebuild_stopped", Phase.UPDATE, "Stop RMC", "For the rebuild.", Run(aix(RMCCTRL, "-z"))),
        once(
            "rebuild_unconfigured",
            Phase.UPDATE,
            "Take the node's configuration away",
            "With -n RMC is not started in between.",
            aix(UNCFGCT, "-n"),
            reversible=False,
        ),
        once(
            "rebuild_configured",
            Phase.UPDATE,
            "Make the node's configuration anew",
            "2610-656 is harmless here: there is no cluster to tell of.",
            aix(RECFGCT),
            expect=Expect(has=(r"0513-059 The ctrmc Subsystem has been started",), lacks=(r"Cannot run if",)),
            deadline_s=900,
            reversible=False,
        ),
        change(
            "rebuild_remote",
            Phase.UPDATE,
            "Let the HMC in",
            "After a rebuild remote clients are shut out.",
            Run(aix(RMCCTRL, "-p")),
        ),
    )
