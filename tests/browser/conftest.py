"""Chromium, the portal behind uvicorn on the test's database, and people who are signed in."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.serving import serve

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic",
    "--no-first-run", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    # Playwright keeps an event loop in this thread, where Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def portal(browser: Browser, transactional_db: None) -> Iterator[str]:
    """The address of the whole portal, served as in production: uvicorn and event streams."""
    with serve() as (address, _server):
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile at desk size."""
    made = browser.new_context(viewport={"width": 1400, "height": 1000})
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture
def page_of(portal: str, context: BrowserContext) -> Iterator[Callable[..., Page]]:
    """A page on which a `User` is signed in: `page_of(ana)`. Fails on script errors and broken policy."""

    troubles: list[str] = []

    def signed_in(user: object) -> Page:
        client = Client()
        client.force_login(user)  # type: ignore[arg-type]
        context.add_cookies([{"name": "lu", "value": client.cookies["lu"].value, "url": portal}])
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text) if is_trouble(message) else None)
        return page

    yield signed_in
    assert troubles == []


def is_trouble(message: ConsoleMessage) -> bool:
    """Whether the page tried what its Content-Security-Policy forbids."""
    return "Content Security Policy" in message.text
