"""Celery's side of the doorbell: a message names a row, everything else stands in the database."""

from functools import partial
from typing import Any

from celery import shared_task
from celery.signals import celeryd_after_setup, worker_shutdown, worker_shutting_down

from inventory.actions.exposures import compare_all, lists_to_compare
from liveupdate.actions.discoveries import do_discovery, waiting_discoveries
from liveupdate.actions.judging import do_judge, waiting_judgements
from liveupdate.actions.looks import do_look, waiting_looks
from liveupdate.actions.planning import do_plan, waiting_plans
from liveupdate.actions.reports import do_report, waiting_reports
from liveupdate.actions.starting import do_start, waiting_starts
from liveupdate.doorbell import names_a_row
from liveupdate.engine.stopping import stopping
from liveupdate.engine.worker import NAME, worker
from portal.audit.spool.reconcile import Rounds

look_at = partial(do_look, worker=NAME)
render_plan = partial(do_plan, worker=NAME)
start_request = partial(do_start, worker=NAME)
discover = partial(do_discovery, worker=NAME)
rounds = Rounds()
make_report = partial(do_report, worker=NAME)


@shared_task(ignore_result=True)
def ring(run_id: int) -> None:
    """A run waits. It is executed in a thread of its own, so that waiting blocks no other bell."""
    if names_a_row(run_id):
        worker.begin_run(run_id)


@shared_task(ignore_result=True)
def look(lpar_id: int) -> None:
    """An LPAR waits to be looked at."""
    if names_a_row(lpar_id):
        worker.begin("look", lpar_id, look_at)


@shared_task(ignore_result=True)
def plan(request_id: int) -> None:
    """A request waits for its plan."""
    if names_a_row(request_id):
        worker.begin("plan", request_id, render_plan)


@shared_task(ignore_result=True)
def start(request_id: int) -> None:
    """An approved request is due."""
    if names_a_row(request_id):
        worker.begin("start", request_id, start_request)


@shared_task(ignore_result=True)
def discovery(discovery_id: int) -> None:
    """A host waits to be discovered."""
    if names_a_row(discovery_id):
        worker.begin("discovery", discovery_id, discover)


@shared_task(ignore_result=True)
def report(report_id: int) -> None:
    """A report waits to be made."""
    if names_a_row(report_id):
        worker.begin("report", report_id, make_report)


@celeryd_after_setup.connect
def start_scanning(**_signal: Any) -> None:
    """Begin to look for waiting work by ourselves, also while no broker answers."""
    worker.inherit()
    worker.start_scanning(
        [
            ("look", waiting_looks, look_at),
            ("judge", waiting_judgements, do_judge),
            ("plan", waiting_plans, render_plan),
            ("start", waiting_starts, start_request),
            ("compare", lists_to_compare, compare_all),
            ("discovery", waiting_discoveries, discover),
            ("spool", rounds.due, rounds.compare),
            ("report", waiting_reports, make_report),
        ]
    )


@worker_shutting_down.connect
def let_go(**_signal: Any) -> None:
    """Told to stop: executions hand their runs back at the next look."""
    stopping.set()


@worker_shutdown.connect
def wait_for_hand_over(**_signal: Any) -> None:
    """Do not end before every run was handed back."""
    worker.stop()
