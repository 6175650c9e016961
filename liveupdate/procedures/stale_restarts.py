"""Starts again what still runs replaced libraries, each by its owner's means (handbook 5.9)."""

import re

from inventory.command import aix
from liveupdate.lpar.stale import CONTROLLER, SSH_DAEMON, Stale, StaleOwner, stale_agents, stale_of
from liveupdate.procedures import verification, words
from liveupdate.procedures.agents import by_own_commands
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.draft import Draft, change, look, once, restore
from liveupdate.procedures.step import Expect, OnFailure, Phase, Run, Step
from portal.lib.text import some_of

STOP_PATIENCE_S = 300
LDAP_CLIENT = "secldapclntd"
NEVER = frozenset({"clstrmgrES", "cthags", "cthats", "cthagsglsm"})
"""Cluster services: stopping one takes the node out of its cluster."""
LEAVE = Ask(
    "leave",
    "Leave these running",
    "Names of subsystems or processes, one per line, that the plan must not start again.",
    words.subsystem,
    required=False,
    many=True,
)
RESTART_SSHD = (
    "stopsrc -s sshd; left=60; "
    "while [ $left -gt 0 ] && ! lssrc -s sshd | grep inoperative; do left=$((left - 1)); sleep 1; done; "
    "startsrc -s sshd"
)
"""One command that runs on without a session: nobody could log on to start a stopped sshd."""


def found(draft: Draft) -> None:
    """The processes as they are before, and what this plan leaves to others."""
    stale = stale_of(draft.subject)
    if not stale:
        draft.refuse("genld -u lists no process on replaced libraries: there is nothing to start again.")
        return
    draft.parameters["stale"] = [
        {"pid": one.pid, "name": one.name, "owner": one.owner.value, "of": one.of} for one in stale
    ]
    left = [one for one in stale if not _restartable(draft, one)]
    if left:
        named = some_of(f"{one.name} ({one.owner.value} {one.of}".rstrip() + ")" for one in left)
        draft.warnings.append(
            f"Left to their owners: {named}. The LPAR's page is where people accept one by its name."
        )
    draft.add(
        look(
            "stale_before",
            Phase.CHECK,
            "List the processes on replaced libraries",
            f"{len(stale)} were found when this plan was made.",
            aix("genld", "-u"),
            expect=Expect(statuses=(0, 1)),
            deadline_s=600,
        )
    )


def subsystems(draft: Draft) -> None:
    """Row 3: stop, wait, start; one after the other, sshd not among them."""
    chosen = _of(draft, StaleOwner.SUBSYSTEM)
    names = list(dict.fromkeys(one.of for one in chosen if one.of != SSH_DAEMON))
    if LDAP_CLIENT in names:
        draft.add(_logins("logins_before", Phase.CHECK))
    for name in names:
        _subsystem(draft, words.subsystem(name))
    if LDAP_CLIENT in names:
        draft.add(_logins("logins_after", Phase.UPDATE))


def _subsystem(draft: Draft, name: str) -> None:
    started = Expect(statuses=(0, 1), has=("0513-059|0513-029",))
    draft.add(
        change(
            f"{name}_stopped",
            Phase.UPDATE,
            f"Stop {name}",
            "It runs libraries that were replaced.",
            Run(aix("stopsrc", "-s", name)),
            expect=Expect(statuses=(0, 1), has=("0513-044|0513-004",)),
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            f"{name}_is_stopped",
            Phase.UPDATE,
            f"Wait until {name} has stopped",
            "stopsrc only asks; started too early it would be refused (0513-029).",
            aix("lssrc", "-s", name),
            expect=Expect(has=(rf"^\s*{re.escape(name)}\s.*\binoperative\s*$",)),
            patience_s=STOP_PATIENCE_S,
            on_failure=OnFailure.CONTINUE,
        ),
        change(
            f"{name}_started",
            Phase.UPDATE,
            f"Start {name}",
            "With the new libraries.",
            Run(aix("startsrc", "-s", name)),
            expect=started,
            on_failure=OnFailure.CONTINUE,
        ),
    )
    draft.undo(
        restore(
            f"{name}_runs",
            f"{name}_stopped",
            f"See that {name} is started",
            "Also if this run ends between stop and start.",
            aix("startsrc", "-s", name),
            expect=started,
        )
    )


def _logins(step_id: str, phase: Phase) -> Step:
    return look(
        step_id,
        phase,
        "Prove that users are found",
        f"{LDAP_CLIENT} serves logins.",
        aix("lsuser", "root"),
        expect=Expect(has=(r"^root\b",)),
        patience_s=120 if phase is Phase.UPDATE else 0,
    )


def listed_agents(draft: Draft) -> None:
    """Row 6: stopped by their own commands, and started by them in the restoration, which always runs."""
    for agent in stale_agents(draft.subject):
        if not _spared(draft, agent.name):
            by_own_commands(draft, agent, "It runs libraries that were replaced.")


def respawned(draft: Draft) -> None:
    """Row 5: init starts these again as soon as they have ended; srcmstr needs signal 9, and comes last."""
    chosen = sorted(_of(draft, StaleOwner.INIT), key=lambda one: (one.name == CONTROLLER, one.name, one.pid))
    for one in chosen:
        name, pid = words.subsystem(one.name), str(one.pid)
        signal = ("-9",) if name == CONTROLLER else ()
        draft.add(
            change(
                f"{name}_{pid}_ended",
                Phase.UPDATE,
                f"End {name} (process {pid})",
                "init starts it again at once, with the new libraries.",
                Run(aix("kill", *signal, pid)),
                expect=Expect(statuses=(0, 1)),
                on_failure=OnFailure.CONTINUE,
            ),
            look(
                f"{name}_{pid}_back",
                Phase.UPDATE,
                f"Wait until init has started {name} again",
                "Another process id proves it.",
                aix("ps", "-ef"),
                expect=Expect(has=(rf"/{re.escape(name)}\b",), lacks=(rf"^\s*\S+\s+{pid}\s",)),
                patience_s=120,
                on_failure=OnFailure.CONTINUE,
            ),
        )


def ssh_daemon(draft: Draft) -> None:
    """Row 4, last: sessions that are open go on, the portal's own too."""
    if not any(one.of == SSH_DAEMON for one in _of(draft, StaleOwner.SUBSYSTEM)):
        return
    draft.add(
        once(
            "sshd_restarted",
            Phase.UPDATE,
            "Stop and start sshd",
            "Last, and in one command that needs no session. Sessions that are open stay open; what runs in "
            "them keeps its libraries until they are closed.",
            aix("sh", "-c", RESTART_SSHD),
            expect=Expect(has=(r"0513-059 The sshd Subsystem has been started",)),
            on_failure=OnFailure.CONTINUE,
        )
    )


def left_over(draft: Draft) -> None:
    """Row 8: nothing may be left but what was accepted by name, and sessions that were open before."""
    allowed = [re.escape(name) for name in sorted(draft.subject.accepted_stale)]
    if SSH_DAEMON not in draft.subject.accepted_stale:
        allowed.append(SSH_DAEMON)
    draft.parameters["accepted"] = sorted(draft.subject.accepted_stale)
    draft.add(
        look(
            "sshd_listens",
            Phase.VERIFY,
            "Prove that sshd takes sessions",
            "The one that listens is new; older sessions may still be listed below.",
            aix("lssrc", "-s", SSH_DAEMON),
            expect=Expect(has=(r"\bactive\s*$",)),
            patience_s=60,
            on_failure=OnFailure.CONTINUE,
        ),
        look(
            "stale_libraries",
            Phase.VERIFY,
            "Prove that no process is left on replaced libraries",
            "Besides those that were accepted by name, and SSH sessions that were open before.",
            aix("genld", "-u"),
            expect=Expect(
                statuses=(0, 1),
                lacks=(rf"^Proc_pid:\s+\d+\s+Proc_name:\s+(?!(?:{'|'.join(allowed)})\s*$)\S",),
            ),
            deadline_s=600,
            on_failure=OnFailure.CONTINUE,
        ),
        *verification.owners_now(),
    )


def _of(draft: Draft, owner: StaleOwner) -> list[Stale]:
    return [one for one in stale_of(draft.subject) if one.owner is owner and _restartable(draft, one)]


def _restartable(draft: Draft, one: Stale) -> bool:
    """Whether this plan starts it again: it knows how, and nobody wants it left."""
    known = one.owner in (StaleOwner.SUBSYSTEM, StaleOwner.INIT, StaleOwner.AGENT)
    return known and not _spared(draft, one.of, one.name)


def _spared(draft: Draft, *names: str) -> bool:
    return not NEVER.union(draft.subject.chosen_lines(LEAVE.name), draft.subject.accepted_stale).isdisjoint(
        names
    )
