"""Chromium, the portal behind uvicorn on the test's database, and people who are signed in."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
def portal(transactional_db: None) -> Iterator[str]:
    """The address of the whole portal, served as in production: uvicorn and event streams."""
    from portal.asgi import application

    config = uvicorn.Config(application, port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    ready = threading.Event()
    while not server.started and thread.is_alive():
        ready.wait(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile at desk size."""
    made = browser.new_context(viewport={"width": 1400, "height": 1000})
    made.set_default_timeout(8000)
    yield made
    made.close()


@pytest.fixture
def page_of(portal: str, context: BrowserContext) -> Callable[..., Page]:
    """A page on which a `User` is signed in: `page_of(ana)`. Fails on anything the policy blocks."""

    def signed_in(user: object) -> Page:
        client = Client()
        client.force_login(user)  # type: ignore[arg-type]
        context.add_cookies([{"name": "lu", "value": client.cookies["lu"].value, "url": portal}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.on("console", lambda message: _refuse_violation(message.text))
        return page

    return signed_in


def _refuse_violation(text: str) -> None:
    assert "Content Security Policy" not in text, text
