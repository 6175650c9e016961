"""Judges why a run failed, by what its failed step printed and the logs it brought home."""

from collections.abc import Iterator
from datetime import timedelta
from io import BufferedReader, RawIOBase
from typing import Any, BinaryIO

from inventory.facts.aix.processes import PROCESSES
from inventory.facts.base import Output, Unparsable
from liveupdate.diagnosis.diagnosing import Diagnosis, Result, diagnose
from liveupdate.diagnosis.scan import Trace
from liveupdate.engine.journal import Journal
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, StoredDiagnosis
from liveupdate.states import StepPart, StepState
from portal.audit.events import Event
from portal.lib.clock import now

LOGS = ("lvupdlog", "emgr.log", "install_all_updates.log", "alt_disk_inst.log")
"""Files that a failed plan brings home and that say why; the archive holds those of other attempts too."""
PROCESS_LIST, ERROR_LOG = "evidence_processes", "evidence_errors"
"""Steps of a failed plan."""
CLOCKS_APART = timedelta(minutes=30)
"""How far the LPAR's clock may be from the portal's."""
LINES_KEPT = 20
PROCESS_SHOWN = 300


def diagnose_run(journal: Journal, run: Run) -> None:
    """Store why the run failed as far as it can be told now, and enter what is new; inside `writing`."""
    if rows := store_diagnoses(run):
        found = [{"signature": row.signature, "line": _place(row)} for row in rows]
        journal.enter(Event.RUN_DIAGNOSIS, {"found": found})


def store_diagnoses(run: Run) -> list[StoredDiagnosis]:
    """Judge the run's output and logs and store what they show, the root cause first.

    What was told before is replaced, and left alone where nothing else is found: then, and where the
    output shows no failure, the list is empty.
    """
    rows = _rows(run, _judged(run))
    known = StoredDiagnosis.objects.filter(run=run)
    if [_content(row) for row in rows] == [_content(row) for row in known.order_by("position")]:
        return []
    known.delete()
    return StoredDiagnosis.objects.bulk_create(rows)


def _judged(run: Run) -> Result:
    stopped = run.steps.filter(part__in=(StepPart.STEPS, StepPart.BRANCH))
    failed = stopped.filter(state=StepState.FAILED)
    unclear = stopped.filter(state=StepState.UNKNOWN)
    begun = run.started_at or run.queued_at
    return diagnose(
        _logs(run, [*failed, *unclear]),
        failed=failed.exists() and not unclear.exists(),
        window=(begun - CLOCKS_APART, now() + CLOCKS_APART),
    )


def _logs(run: Run, stopped: list[Any]) -> Iterator[tuple[str, BinaryIO]]:
    """The output of the steps that did not succeed, then the logs; each named `command/stream`."""
    if not stopped:
        return
    commands = run.commands.filter(watch=False)
    files = commands.filter(file_name__in=LOGS, status=0) | commands.filter(step__key=ERROR_LOG)
    for command in [*commands.filter(step__in=stopped).order_by("number"), *files.order_by("number")]:
        for stream, length in (("stdout", command.stdout_bytes), ("stderr", command.stderr_bytes)):
            if length:
                pieces = iter(stored_output(command, stream))
                yield f"{command.number}/{stream}", BufferedReader(_Pieces(pieces))


class _Pieces(RawIOBase):
    """Stored pieces as one stream of bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what is there next; 0 at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def _rows(run: Run, result: Result) -> list[StoredDiagnosis]:
    rows = [_row(run, diagnosis) for diagnosis in result.diagnoses]
    if result.telling:
        rows.insert(0, StoredDiagnosis(run=run, lines=[_line(trace) for trace in result.telling]))
    for position, row in enumerate(rows, start=1):
        row.position = position
    return rows


def _row(run: Run, diagnosis: Diagnosis) -> StoredDiagnosis:
    values = dict(diagnosis.values)
    return StoredDiagnosis(
        run=run,
        signature=diagnosis.signature.id,
        lines=[_line(trace) for trace in diagnosis.traces[:LINES_KEPT]],
        values=values,
        process=_process(run, int(values["pid"])) if "pid" in values else "",
    )


def _process(run: Run, pid: int) -> str:
    """The process of this id as the failed plan found it on the LPAR; empty if it was not seen."""
    for command in run.commands.filter(step__key=PROCESS_LIST, status=0).order_by("-number")[:1]:
        text = b"".join(stored_output(command, "stdout")).decode("utf-8", "replace")
        try:
            processes = PROCESSES.parse(Output(text, "", 0))
        except Unparsable:
            return ""
        for process in processes:
            if process.pid == pid:
                return f"{process.arguments} (of {process.user})"[:PROCESS_SHOWN]
    return ""


def _line(trace: Trace) -> dict[str, Any]:
    command, stream = trace.file.split("/")
    return {"command": int(command), "stream": stream, "line": trace.number, "text": trace.text}


def _place(row: StoredDiagnosis) -> dict[str, Any]:
    """Where the first line stands, without its text: the ledger holds the output's digest."""
    first = row.lines[0]
    return {"command": first["command"], "stream": first["stream"], "line": first["line"]}


def _content(row: StoredDiagnosis) -> tuple[Any, ...]:
    return row.signature, row.lines, row.values, row.process
