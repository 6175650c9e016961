"""RQ-143: no process may use Kerberos authentication."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.mount import MOUNT
from inventory.facts.aix.processes import PROCESSES, Process
from inventory.facts.aix.user_authentication import USER_AUTHENTICATION, UserAuthentication
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, lines_with, process_lines, quoted

KERBEROS_MOUNT = re.compile(r"(?:^|,)sec=[^,]*krb5")
KERBEROS_METHOD = re.compile(r"\bKRB5\w*")
SERVERS = frozenset({"kadmind", "krb5kdc", "krb5kadmin"})
NAMED = 5


def _test(subject: Subject) -> Outcome:
    """Servers, subsystems and mounts prove use; an account that may log on by Kerberos is a warning."""
    servers = [process for process in subject.value(PROCESSES) if _of_kerberos(process)]
    mounts = [each for each in subject.value(MOUNT) if KERBEROS_MOUNT.search(each.options)]
    subsystems = [one for one in subject.value(LSSRC) if one.status == "active" and "krb5" in one.name]
    used = [
        *(f"{process.program} ({process.pid}, {process.user}) runs" for process in servers),
        *(f"the subsystem {one.name} is active" for one in subsystems),
        *(f"{each.mount_point} is mounted with {_security(each.options)}" for each in mounts),
    ]
    if used:
        evidence = (
            process_lines(subject, servers),
            lines_with(subject, LSSRC, having=("krb5",)),
            lines_with(subject, MOUNT, having=("krb5",)),
        )
        message = f"Kerberos is in use: {'; '.join(used)}."
        return Outcome(FindingState.BLOCKER, message, tuple(each for each in evidence if each.lines))
    return _accounts(subject)


def _of_kerberos(process: Process) -> bool:
    """Whether the program is one of Kerberos: by its name, or from a directory named krb5."""
    words = process.arguments.split()
    if not words:
        return False
    path = PurePosixPath(words[0])
    return path.name in SERVERS or path.name.startswith("krb5") or "krb5" in path.parts[:-1]


def _security(options: str) -> str:
    return next(option for option in options.split(",") if KERBEROS_MOUNT.match(option))


def _accounts(subject: Subject) -> Outcome:
    accounts = [each for each in subject.value(USER_AUTHENTICATION) if _by_kerberos(each)]
    if not accounts:
        evidence: tuple[Evidence, ...] = (quoted(subject, USER_AUTHENTICATION), quoted(subject, MOUNT))
        return Outcome(FindingState.OK, "Nothing uses Kerberos, and no account logs on by it.", evidence)
    owners = {process.user for process in subject.value(PROCESSES)}
    at_work = [each for each in accounts if each.name in owners]
    shown = (lines_where(subject, USER_AUTHENTICATION, keep=lambda line: "KRB5" in line),)
    names = ", ".join(_named(at_work or accounts))
    if at_work:
        message = (
            f"Accounts that log on by Kerberos have processes: {names}. The preview tells whether it counts."
        )
    else:
        message = f"Accounts may log on by Kerberos: {names}. None of them has a process now."
    return Outcome(FindingState.WARNING, message, shown)


def _by_kerberos(account: UserAuthentication) -> bool:
    return KERBEROS_METHOD.search(f"{account.system} {account.registry}") is not None


def _named(accounts: list[UserAuthentication]) -> Iterator[str]:
    yield from (account.name for account in accounts[:NAMED])
    if len(accounts) > NAMED:
        yield f"and {len(accounts) - NAMED} more"


CHECK = Check(
    id="RQ-143",
    title="No process uses Kerberos",
    why="Live Update cannot move a process that uses Kerberos authentication.",
    remedy="Unmount what is mounted with sec=krb5, stop the Kerberos servers, and let users who logged on "
    "by Kerberos end their sessions.",
    see="ps -ef shows no program of /usr/krb5, lssrc -s krb5kdc is not active, mount shows no sec=krb5, "
    "lsuser -a SYSTEM registry ALL shows no KRB5",
    varies="A warning where only accounts are set up for Kerberos.",
    severity=Severity.BLOCKER,
    settled_by_preview=True,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
