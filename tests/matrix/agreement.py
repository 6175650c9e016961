"""Whether the portal's word agrees with what really happened on the estate."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from inventory.command import Command
from liveupdate.procedures.step import Answer, Fetch, Plan, Run, StepKind
from liveupdate.states import LparState, RunState
from tests.matrix.bench import Played

STATES = {
    "FAILED_DIRTY": {LparState.FAILED_DIRTY, LparState.FAILED_DIRTY_REBOOTED},
    "MOVED_DIRTY": {LparState.MOVED_DIRTY},
    "RUNNING": {LparState.UPDATING},
}
"""What the portal has to call a state of the lab; any other leaves nothing to clean up."""
CLEAN = {LparState.IDLE, LparState.FAILED_CLEAN, LparState.DONE}
SUCCEEDED = (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE)
PREPARED = ("trust", "audit", "audit_stream", "ipsec", "wlm", "wpars", "bootlist")
"""What a preparation changes on an LPAR and the restoration brings back."""
LOOKS = {
    "cat", "date", "df", "errpt", "genkex", "getconf", "hmcauth", "ls", "lsattr", "lscfg", "lsdev", "lsfs",
    "lslpp", "lsmpio", "lsnim", "lspv", "lssrc", "lssyscfg", "lsvg", "mount", "oslevel", "ps", "uname", "who",
}  # fmt: skip
"""Programs of the portal's looks that change nothing as it calls them."""


INSTALLERS = ("geninstall", "installp", "install_all_updates", "emgr")
MOUNTED_BY_NIM = re.compile(r"/tmp/_nim_dir_\d+/")
PROBE = ("kill", "-0")
"""How the launcher asks whether the command that it started still lives; nothing is sent."""


def disagreements(played: Played, meant: Collection[str] = ()) -> Iterator[str]:
    """A sentence for each thing that the portal says and the estate contradicts.

    `meant` names what of PREPARED the procedure is there to change.
    """
    yield from _nothing_unapproved(played)
    yield from _no_step_twice(played)
    yield from _levels(played)
    yield from _state(played)
    yield from _one_partition(played)
    yield from _prepared_is_back(played, meant)


def changes_of(played: Played) -> frozenset[tuple[str, ...]]:
    """What ran on the estate and was no look, each with its host in front."""
    return frozenset(
        (host, *_bare(one["argv"]))
        for host, executions in played.executed.items()
        for one in executions
        if not _is_look(_bare(one["argv"]))
    )


def _is_look(argv: tuple[str, ...]) -> bool:
    return argv[0] in LOOKS or argv[:2] == PROBE


def _commands(plan: Plan) -> Iterator[tuple[str, Command, StepKind]]:
    for step in plan.all_steps:
        if isinstance(step.action, Run | Answer | Fetch):
            yield plan.hosts[step.host].name, step.action.command, step.kind
    if plan.watch is not None:
        yield next(host.name for role, host in plan.hosts.items() if role == "hmc"), plan.watch, StepKind.READ


def _nothing_unapproved(played: Played) -> Iterator[str]:
    """Whatever ran on a host while the run went, other than looks, stands in the plan."""
    plan = played.plan
    for host, executions in played.executed.items():
        approved = set() if plan is None or played.run is None else _approved(plan, host)
        scripts = [word for argv in approved for word in argv[1:] if " " in word]
        for one in executions:
            argv = _bare(one["argv"])
            if _is_look(argv) or argv in approved:
                continue
            if not any(argv[0] in script for script in scripts) and not _is_nims(plan, argv):
                yield f"{' '.join(argv)} ran on {host} and stands in no approved plan"


def _approved(plan: Plan, host: str) -> set[tuple[str, ...]]:
    return {_bare(command.argv) for where, command, _ in _commands(plan) if where == host}


def _is_nims(plan: Plan | None, argv: tuple[str, ...]) -> bool:
    """Whether an approved operation of the NIM master runs such a program on its client."""
    operations = () if plan is None else (command.argv for _, command, _ in _commands(plan))
    return argv[0] in INSTALLERS and any(words[:3] == ("nim", "-o", "cust") for words in operations)


def _bare(argv: Any) -> tuple[str, ...]:
    """Words as they are compared: the program without its directory, by the name that AIX gives it.

    The directory that NIM mounts on a client has another name each time.
    """
    program, *words = map(str, argv)
    name = program.rpartition("/")[2].removeprefix("simulated_")
    return (name, *(MOUNTED_BY_NIM.sub("/tmp/_nim_dir/", word) for word in words))


def _no_step_twice(played: Played) -> Iterator[str]:
    """A command that may run once ran no more often than the plan has it."""
    plan = played.plan
    if plan is None:
        return
    wanted: dict[tuple[str, tuple[str, ...]], int] = {}
    for host, command, kind in _commands(plan):
        if kind is StepKind.ONCE:
            key = (host, _bare(command.argv))
            wanted[key] = wanted.get(key, 0) + 1
    for (host, argv), times in wanted.items():
        ran = sum(_bare(one["argv"]) == argv for one in played.executed.get(host, ()))
        if ran > times:
            yield f"{' '.join(argv)} ran {ran} times on {host}; the plan has it {times} times"


def _levels(played: Played) -> Iterator[str]:
    """The levels that the portal holds are those of the LPAR."""
    truth = played.after["lpars"][played.lpar.name]
    if played.lpar.level != truth["level"]:
        yield f"the portal knows level {played.lpar.level}, the LPAR is at {truth['level']}"
    run = played.run
    if run and run.state in SUCCEEDED and run.level_after and run.level_after != truth["level"]:
        yield f"the run says {run.level_after}, the LPAR is at {truth['level']}"
    moves = played.plan is not None and any(step.live_update for step in played.plan.steps)
    if moves and run and run.state in SUCCEEDED and truth["level"] != truth["kernel_level"]:
        yield f"the run succeeded and the kernel of {truth['kernel_level']} runs below {truth['level']}"


def _state(played: Played) -> Iterator[str]:
    """Where Live Update left the LPAR is what the portal says."""
    truth = played.after["lpars"][played.lpar.name]
    wanted = STATES.get(truth["progress"]["state"], CLEAN)
    if wanted is CLEAN and truth["level"] != truth["kernel_level"]:
        wanted = {LparState.UPDATED_NOT_ACTIVE}
    if played.lpar.update_state not in wanted:
        yield (
            f"the portal calls it {played.lpar.update_state}, the estate has {truth['progress']['state']} "
            f"at {truth['level']} with the kernel of {truth['kernel_level']}"
        )


def _one_partition(played: Played) -> Iterator[str]:
    """A run that succeeded leaves one partition of the name."""
    names = [part["name"] for part in played.after["system"]["partitions"]]
    left = [name for name in names if name.startswith(f"{played.lpar.name}_lku")]
    if played.run and played.run.state in SUCCEEDED and left:
        yield f"the run succeeded and {', '.join(left)} is still there"


def _prepared_is_back(played: Played, meant: Collection[str]) -> Iterator[str]:
    """What the preparation switched off is back, or the outcome names it."""
    if played.run is None:
        return
    before, after = (world["lpars"][played.lpar.name] for world in (played.before, played.after))
    for name in set(PREPARED).difference(meant):
        if before[name] != after[name] and not _is_told(played.run.outcome):
            yield f"{name} was {before[name]}, is {after[name]}, and the outcome does not say so"


def _is_told(outcome: str) -> bool:
    return "Not restored" in outcome or "Left over" in outcome
