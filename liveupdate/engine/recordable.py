"""Nothing privileged begins while its record could not be kept; what runs on a target is followed always."""

from liveupdate.engine.room import say_why_it_waits
from liveupdate.models import Run, RunCommand
from liveupdate.states import RunState
from portal.audit.guard import ledger_problems
from portal.audit.hold import hold_problems
from portal.audit.spool.place import spool_problems

IN_FLIGHT = (RunCommand.State.INTENDED, RunCommand.State.STARTED)


def is_unrecordable(run_id: int) -> bool:
    """Whether a run that nobody holds must wait for the ledger or this machine's disks; then it is told.

    One that began goes on without a sealer: its commands can be recorded. One whose command may be running
    on its target is taken up whatever is wrong here.
    """
    run = Run.objects.filter(pk=run_id).first()
    if run is None or run.commands.filter(state__in=IN_FLIGHT, watch=False).exists():
        return False
    problems = [*hold_problems(), *spool_problems()]
    if run.state == RunState.QUEUED:
        problems = [*ledger_problems(), *spool_problems()]
    if problems:
        say_why_it_waits(run, " ".join(f"{each.message} {each.remedy}" for each in problems))
    return bool(problems)
