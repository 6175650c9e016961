"""P9, P10: entering into the ledger and verifying it, against bare inserts and a bare cursor."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from django.db import connection, connections, transaction

from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Intake
from portal.audit.record import record
from portal.audit.rows import PLACED
from portal.audit.verification.whole import verify_ledger
from portal.lib.clock import now
from tests.bench.fleet import fill_ledger
from tests.bench.rows import Row, seconds

ENTRIES = 1_000
VERIFIED = 50_000
THREADS = 8
GOAL_SERVER = 2_000
BARE_TABLE = "bench_bare"
ACTOR = Actor.worker("bench")


def measure() -> Iterator[Row]:
    """Each entry in a transaction of its own, then a verification of all of them."""
    on_server = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        kind = "bigserial" if on_server else "integer"
        binary = "bytea" if on_server else "blob"
        cursor.execute(f"CREATE TABLE {BARE_TABLE} (id {kind} PRIMARY KEY, content {binary}, at text)")
    for threads in (1, THREADS, *((32,) if on_server else ())):
        ours, bare = _rate(_enter, threads), _rate(_insert, threads)
        goal = f"≥ {GOAL_SERVER:,}/s" if threads == 32 else ""
        met = ours >= GOAL_SERVER if goal else None
        yield Row("P9", f"append, {threads} thread{'s'[: threads > 1]}", "entries/s", ours, bare, goal, met)
    fill_ledger(VERIFIED, ACTOR)
    yield from _verification()


def _verification() -> Iterator[Row]:
    rows = Intake.objects.count()
    reports = []
    ours = rows / seconds(lambda: reports.append(verify_ledger()))
    assert reports[0].ok, reports[0].first_bad
    bare = rows / seconds(_read_bare)
    note = f"1,000,000 in {1_000_000 / ours:.0f} s"
    yield Row("P10", f"verify {rows:,} entries", "rows/s", ours, bare, "≥ 0.2", ours >= 0.2 * bare, note)


def _rate(work: Callable[[int], None], threads: int) -> float:
    def several(number: int) -> None:
        try:
            for each in range(ENTRIES // threads):
                work(number * ENTRIES + each)
        finally:
            if threads > 1:
                connections.close_all()

    started = perf_counter()
    if threads == 1:
        several(0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(several, range(threads)))
    return ENTRIES // threads * threads / (perf_counter() - started)


def _enter(number: int) -> None:
    with transaction.atomic():
        record(Event.FACTS_READ, ACTOR, {"lpar": f"aix{number}"}, {"digest": f"sha256:{number:064d}"})


def _insert(number: int) -> None:
    content = b'{"lpar":"aix%d","digest":"sha256:%064d"}' % (number, number)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {BARE_TABLE} (content, at) VALUES (%s, %s)", [content, now().isoformat()]
        )


def _read_bare() -> None:
    """Every member of every entry, as verification reads them, and nothing done with them."""
    with connection.cursor() as cursor:
        cursor.execute(PLACED, [0, 10 * VERIFIED])
        while cursor.fetchmany(2_000):
            pass
