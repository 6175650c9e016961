"""One's own account in Chromium, the whole way: second factor, sessions, tokens, and the API's page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.access.models import User
from tests.browser.test_pages import broken_rules, too_wide
from tests.fleet import make_fleet
from tests.second_factor import PASSWORD, App

pytestmark = pytest.mark.browser


@pytest.fixture
def ana(transactional_db: None) -> User:
    person = make_fleet().ana
    person.set_password(PASSWORD)
    person.save()
    return person


def good(page: Page, name: str) -> None:
    """Nothing sticks out, and axe finds nothing; then wide again."""
    page.set_viewport_size({"width": 1400, "height": 1000})
    assert (name, broken_rules(page), too_wide(page)) == (name, [], [])
    page.set_viewport_size({"width": 1400, "height": 1000})
    page.emulate_media(color_scheme="light")


@pytest.mark.timeout(300)
def test_from_a_password_to_a_token(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    page = page_of(ana)
    page.goto(f"{portal}/account/")
    good(page, "account")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    good(page, "confirm")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    good(page, "enrol")
    app = App(page.locator("span.mono").inner_text().replace(" ", ""), [])
    page.get_by_label("Code").fill(app.code(-1))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#codes li")).to_have_count(10)
    good(page, "recovery codes")
    page.goto(f"{portal}/account/tokens/")
    good(page, "make a token")
    page.get_by_label("Name").fill("nightly report")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#token")).to_contain_text("lu_")
    good(page, "token")
    page.goto(f"{portal}/account/")
    good(page, "account with everything")
    page.get_by_role("group").filter(has_text="Ana Costa").first.click()
    page.get_by_role("button", name="Sign out").last.click()
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    good(page, "code")
    page.get_by_label("Code").fill(app.code())
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{portal}/")


def test_the_page_of_the_api_shows_and_tries_it_out(
    page_of: Callable[..., Page], portal: str, ana: User
) -> None:
    page = page_of(ana)
    asked_for: list[str] = []
    page.on("request", lambda asked: asked_for.append(asked.url))
    page.goto(f"{portal}/api/")
    page.get_by_text("/api/v1/me/").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.get_by_text('"username": "ana"').first).to_be_visible()
    assert too_wide(page) == []
    assert [url for url in asked_for if not url.startswith((portal, "data:", "blob:"))] == []
