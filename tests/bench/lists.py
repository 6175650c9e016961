"""P11: the server's time for list pages, against bare iteration over the rows of one page."""

from collections.abc import Iterator
from time import process_time

from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from portal.access.models import User
from tests.bench.fleet import fill
from tests.bench.rows import Row, middle, percentile, seconds

PAGES = ("/lpars/", "/hosts/", "/requests/", "/runs/", "/audit/", "/people/")
ROUNDS = 30
GOAL_MS, GOAL_QUERIES = 60.0, 6


def measure(*, full: bool) -> Iterator[Row]:
    """Each list as somebody who sees everything."""
    sizes = (10_000, 100_000, 1_000_000) if full else (1_000, 1_000, 5_000)
    person = fill(*sizes)
    said = "{:,} LPARs, {:,} runs, {:,} entries".format(*sizes)
    yield Row("P11", f"with {said}:", "", None, None)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    for page in PAGES:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(page)
            count = len(queries)
        assert response.status_code == 200, f"{page}: {response.status_code}"
        times = [1000 * seconds(lambda page=page: client.get(page)) for _ in range(ROUNDS)]
        bare = [1000 * seconds(lambda page=page: _bare(page, person)) for _ in range(ROUNDS)]
        cpu = process_time()
        for _ in range(ROUNDS):
            client.get(page)
        cpu = 1000 * (process_time() - cpu) / ROUNDS
        p95 = percentile(times, 0.95)
        yield Row("P11", f"{page} p50", "ms", middle(times), middle(bare), note=f"{cpu:.0f} ms of CPU")
        yield Row(
            "P11", f"{page} p95", "ms", p95, percentile(bare, 0.95), f"≤ {GOAL_MS:.0f} ms", p95 <= GOAL_MS
        )
        yield Row(
            "P11",
            f"{page} queries",
            "",
            count,
            None,
            f"≤ {GOAL_QUERIES} beside sign-in",
            count <= GOAL_QUERIES + 2,
        )


def _bare(page: str, person: User) -> list[object]:
    """The same 50 rows, without a page around them."""
    request = RequestFactory().get(page)
    request.user = person
    view = resolve(page).func.view_class()
    view.setup(request)
    return list(view.get_queryset()[:50])
