"""Every page of the portal in Chromium: accessible, nothing sticks out, nothing from elsewhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from portal.access.models import User
from tests.browser.seed import seed

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
READERS = {
    "notices": "ivy",
    "approvals": "ivy", "approvals-open": "ivy", "approvals-decided": "ivy",
    "request-submitted": "ivy", "request-approved": "ivy", "request-with-ways-out": "wes",
    "run-failed": "wes", "run-needs-person": "kim", "hosts": "adm", "host": "adm", "host-changed-key": "adm",
    "import": "adm", "compliance": "adm", "baselines": "adm", "exception": "adm", "advisories": "adm",
    "advisory": "adm", "import-apar-list": "adm", "audit": "aud", "audit-entry": "aud", "evidence": "aud",
    "audit-health": "aud",
    "lpars": "kim", "requests": "kim", "runs": "kim", "run-lines": "wes",
    "nim-master": "kim", "nim-setup": "kim", "nim-objects": "kim", "lpp-source": "kim",
    "discoveries": "kim", "discovery": "adm", "discovery-gone": "adm", "discovered": "adm",
    "lpars-filtered": "kim", "fleet": "kim", "hmc": "kim", "schedules": "adm", "refresh": "kim",
    "agents": "adm", "calendar": "kim", "calendar-month": "kim", "periods": "adm", "period": "adm",
    "new-period": "adm", "policy": "adm", "new-policy": "adm", "policy-version": "adm", "bench": "adm",
    "delegations": "ivy", "standard-changes": "ivy", "emergencies": "ivy",
    "import-calendar": "adm", "calendar-feeds": "adm", "agent": "adm", "leftovers": "kim",
    "outside-changes": "kim", "outside-change": "kim", "deadlines": "adm", "access-reviews": "aud",
    "reports": "aud", "report-schedules": "aud", "report": "aud", "report-register": "aud",
}  # fmt: skip
"""Who opens which page; the others are opened by Ana."""
WIDTHS = (1400, 390, 320)
PARTS = 6
"""The pages are looked at in so many tests, each on a fleet of its own."""


@pytest.fixture
def pages(transactional_db: None) -> dict[str, str]:
    return seed()


@pytest.fixture
def opened(
    page_of: Callable[..., Page], portal: str, pages: dict[str, str]
) -> Iterator[Callable[[str], Page]]:
    """Opens a page by its name; fails when anything was asked of another origin."""
    elsewhere: list[str] = []
    by_person: dict[str, Page] = {}

    def open_page(name: str) -> Page:
        person = READERS.get(name, "ana")
        page = page_of(User.objects.get(username=person))
        page.on("request", lambda request: elsewhere.append(request.url) if foreign(request.url) else None)
        by_person[person] = page
        answer = page.goto(portal + pages[name])
        assert answer is not None
        assert answer.status == 200, name
        return page

    def foreign(url: str) -> bool:
        return not url.startswith((portal, "data:", "blob:"))

    yield open_page
    assert elsewhere == []


def broken_rules(page: Page) -> list[str]:
    """What axe-core finds in light, and what of contrast is too low in dark."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += page.evaluate("axe.run({runOnly: ['color-contrast']})")["violations"]
    return [f"{broken['id']}: {node['html'][:160]}" for broken in found for node in broken["nodes"]]


def too_wide(page: Page) -> list[str]:
    """The widths at which something sticks out."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        reached = page.evaluate("document.documentElement.scrollWidth")
        if reached > width:
            found.append(f"{reached} px at {width} px")
    return found


@pytest.mark.threat("T11")
@pytest.mark.asvs("3.4.3")
@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible_and_fits(
    opened: Callable[[str], Page], pages: dict[str, str], part: int
) -> None:
    wrong = {}
    for name in sorted(pages)[part::PARTS]:
        page = opened(name)
        page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
        if found := broken_rules(page) + too_wide(page):
            wrong[name] = found
        page.close()
    assert wrong == {}


def test_a_decision_is_reached_and_seen_by_keyboard(opened: Callable[[str], Page]) -> None:
    page = opened("request-submitted")
    wanted = {"approve", "ask-for-change", "reject"}
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        outlined = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outlined != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        if page.evaluate("document.activeElement.hasAttribute('popovertarget')"):
            page.keyboard.press("Enter")
            form = page.evaluate("document.activeElement.form?.id || ''")
            assert page.evaluate("document.activeElement.tagName") == ("TEXTAREA" if form else "BUTTON")
            reached.add(form)
            page.keyboard.press("Escape")
        if wanted <= reached:
            break
    assert wanted <= reached
