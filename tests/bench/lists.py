"""P11: the server's time for list pages, against bare iteration over the rows of one page."""

from collections.abc import Callable, Iterator
from time import process_time

from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from inventory.models import Hmc, Lpar, ManagedSystem
from portal.access.models import User
from tests.bench.fleet import fill
from tests.bench.rows import Row, middle, percentile, seconds

PAGES = (
    *("/lpars/", "/lpars/?verdict=ready&facts=ok&level=7200", "/systems/", "/hosts/"),
    *("/requests/", "/runs/", "/audit/", "/people/"),
)
OTHERS = ("/fleet/", "/fleet/hmc/{hmc}/", "/fleet/system/{system}/", "/lpars/{lpar}/", "/lpars/{lpar}/facts/")
"""Pages that are no lists: the tree with its branches, and an LPAR."""
ROUNDS = 30
GOAL_MS, GOAL_QUERIES, GOAL_QUERIES_OTHERS = 60.0, 6, 12


def measure(*, full: bool) -> Iterator[Row]:
    """Each list as somebody who sees everything."""
    sizes = (10_000, 100_000, 1_000_000) if full else (1_000, 1_000, 5_000)
    person = fill(*sizes)
    said = "{:,} LPARs, {:,} runs, {:,} entries".format(*sizes)
    yield Row("P11", f"with {said}:", "", None, None)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    for page in PAGES:
        yield from _measured(client, page, lambda page=page: _bare(page, person))
    places = {
        "hmc": Hmc.objects.values_list("pk", flat=True)[0],
        "system": ManagedSystem.objects.values_list("pk", flat=True)[0],
        "lpar": Lpar.objects.values_list("pk", flat=True)[0],
    }
    for page in OTHERS:
        yield from _measured(client, page.format(**places), None)


def _measured(client: Client, page: str, reference: Callable[[], object] | None) -> Iterator[Row]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(page)
        count = len(queries)
    assert response.status_code == 200, f"{page}: {response.status_code}"
    times = [1000 * seconds(lambda: client.get(page)) for _ in range(ROUNDS)]
    bare = [1000 * seconds(reference) for _ in range(ROUNDS)] if reference else []
    cpu = process_time()
    for _ in range(ROUNDS):
        client.get(page)
    cpu = 1000 * (process_time() - cpu) / ROUNDS
    p95 = percentile(times, 0.95)
    goal = GOAL_QUERIES if reference else GOAL_QUERIES_OTHERS
    yield Row(
        "P11", f"{page} p50", "ms", middle(times), middle(bare) if bare else None, note=f"{cpu:.0f} ms of CPU"
    )
    bare_p95 = percentile(bare, 0.95) if bare else None
    yield Row("P11", f"{page} p95", "ms", p95, bare_p95, f"≤ {GOAL_MS:.0f} ms", p95 <= GOAL_MS)
    yield Row("P11", f"{page} queries", "", count, None, f"≤ {goal} beside sign-in", count <= goal + 2)


def _bare(page: str, person: User) -> list[object]:
    """The same 50 rows, without a page around them."""
    request = RequestFactory().get(page)
    path = page.partition("?")[0]
    request.user = person
    view = resolve(path).func.view_class()
    view.setup(request)
    return list(view.get_queryset()[:50])
