"""The workload's own stop and start commands, as its owner names them in the request."""

import shlex

from inventory.command import Command
from liveupdate.procedures import words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.draft import Draft, once, restore_once
from liveupdate.procedures.step import Phase, Step

DEADLINE_S = 1800


def command_line(text: str) -> str:
    """A command as it is typed, in one spelling. Raises BadWord."""
    return shlex.join(words.own_command(text))


STOP_WORKLOAD = Ask(
    "stop_workload",
    "Commands that stop the workload",
    "One per line, with their directories, as root runs them. No shell reads them.",
    command_line,
    required=False,
    many=True,
)
START_WORKLOAD = Ask(
    "start_workload",
    "Commands that start the workload",
    "One per line. They run in any case once the workload was stopped, even if it runs already.",
    command_line,
    required=False,
    many=True,
)


def stopped(draft: Draft) -> tuple[Step, ...]:
    """Steps that stop the workload; the restoration starts it once the first of them was begun.

    No step without stop commands; a plan that could not start again what it stops is refused.
    """
    stops = [words.own_command(line) for line in draft.subject.chosen_lines(STOP_WORKLOAD.name)]
    starts = [words.own_command(line) for line in draft.subject.chosen_lines(START_WORKLOAD.name)]
    if stops and not starts:
        draft.refuse("The request says how the workload is stopped, but not how it is started again.")
    if not stops:
        return ()
    draft.undo(
        *(
            restore_once(
                f"workload_started_{number}",
                "workload_stopped_1",
                f"Start the workload: {start[0]}",
                "It ran before.",
                Command(start),
                deadline_s=DEADLINE_S,
            )
            for number, start in enumerate(starts, start=1)
        )
    )
    return tuple(
        once(
            f"workload_stopped_{number}",
            Phase.UPDATE,
            f"Stop the workload: {stop[0]}",
            "Its owner named this command.",
            Command(stop),
            deadline_s=DEADLINE_S,
        )
        for number, stop in enumerate(stops, start=1)
    )
