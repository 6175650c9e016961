"""The live log in Chromium: history, live lines, following, safety, reconnecting without loss."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.access.models import User
from portal.web import streams
from tests.integration import sample_pages as sample

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.integration.sample_pages")]


@pytest.fixture
def ana(transactional_db: None) -> User:
    sample.EVENTS.clear()
    sample.ALLOWED[0] = True
    return User.objects.create_user("ana", password=None)


def print_lines(first: int, last: int, text: str = "line {}\n", stream: str = "stdout") -> None:
    for number in range(first, last):
        data = {"command": 1, "stream": stream, "at": "02:11:31", "text": text.format(number)}
        sample.say("output", json.dumps(data))


def shown(page: Page) -> list[str]:
    return page.locator(".log .line > span").all_text_contents()


def wait_for_lines(page: Page, count: int) -> None:
    expect(page.locator(".log .line")).to_have_count(count, timeout=8000)


def at_end(page: Page) -> bool:
    return bool(
        page.evaluate(
            "(([l]) => l.scrollHeight - l.scrollTop - l.clientHeight < 24)(document.querySelectorAll('.log'))"
        )
    )


def test_history_first_then_live_then_the_record(
    page_of: Callable[..., Page], portal: str, ana: User
) -> None:
    start = {"number": 1, "line": "geninstall -k", "host": "pay01", "account": "root", "state": "started"}
    sample.say("command", json.dumps(start))
    print_lines(0, 120)
    page = page_of(ana)
    page.goto(portal + "/sample/log/")
    wait_for_lines(page, 121)
    assert shown(page)[0] == "root@pay01 $ geninstall -k"
    print_lines(120, 130)
    wait_for_lines(page, 131)
    sample.say("command", json.dumps({"number": 1, "state": "ended", "status": 0}))
    sample.say("end", "{}")
    page.wait_for_selector("text=this is the whole record")
    wait_for_lines(page, 132)
    assert shown(page)[1:-1] == [f"line {n}" for n in range(130)]
    assert shown(page)[-1] == "command 1: exit status 0"


def test_following_pauses_on_scrolling_up_and_comes_back(
    page_of: Callable[..., Page], portal: str, ana: User
) -> None:
    print_lines(0, 100)
    page = page_of(ana)
    page.goto(portal + "/sample/log/")
    wait_for_lines(page, 100)
    assert at_end(page)
    assert not page.is_visible("text=Jump to live")
    page.evaluate("document.querySelector('.log').scrollTop = 0")
    page.wait_for_selector("text=Jump to live")
    print_lines(100, 142)
    page.wait_for_selector("text=Jump to live (42 new)")
    assert page.evaluate("document.querySelector('.log').scrollTop") == 0
    page.click("text=Jump to live")
    assert at_end(page)
    print_lines(142, 150)
    wait_for_lines(page, 150)
    assert at_end(page)


@pytest.mark.threat("T10")
@pytest.mark.asvs("3.2.2")
def test_nothing_that_a_host_prints_is_obeyed(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    hostile = (
        '<img src=x onerror="document.title=1">\x1b]8;;https://x"/onmouseover="alert(1)\x07\u202e\x9b31m'
    )
    print_lines(0, 1, hostile + "\r\n")
    page = page_of(ana)
    page.goto(portal + "/sample/log/")
    wait_for_lines(page, 1)
    assert shown(page) == [
        '<img src=x onerror="document.title=1">⟨1b⟩]8;;https://x"/onmouseover="alert(1)⟨07⟩⟨202e⟩⟨9b⟩31m'
    ]
    assert page.locator(".log img, .log [onmouseover]").count() == 0


def test_pieces_of_a_line_are_joined_for_each_stream(
    page_of: Callable[..., Page], portal: str, ana: User
) -> None:
    print_lines(0, 1, "out start ")
    print_lines(0, 1, "err start ", "stderr")
    print_lines(0, 1, "out end\nnext")
    print_lines(0, 1, "err end\n", "stderr")
    page = page_of(ana)
    page.goto(portal + "/sample/log/")
    wait_for_lines(page, 3)
    page.wait_for_selector("text=err end")
    assert shown(page) == ["out start out end", "err start err end", "next"]


def test_a_dropped_connection_loses_and_repeats_nothing(
    page_of: Callable[..., Page], portal: str, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHECK_S", 0.1)
    print_lines(0, 30)
    page = page_of(ana)
    page.goto(portal + "/sample/log/")
    wait_for_lines(page, 30)
    sample.ALLOWED[0] = False  # the server closes the stream
    page.wait_for_selector("text=reconnecting…")
    print_lines(30, 35)
    sample.ALLOWED[0] = True
    wait_for_lines(page, 35)
    page.wait_for_selector(".live")
    assert shown(page) == [f"line {n}" for n in range(35)]


def test_only_the_last_lines_stay_in_the_page(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    for start in range(0, 5200, 100):
        print_lines(start, start + 1, "".join(f"row {start + n}\n" for n in range(100)))
    page = page_of(ana)
    page.goto(portal + "/sample/log/")
    page.wait_for_selector("text=the first 200 only in the download")
    wait_for_lines(page, 5000)
    assert page.locator(".log .line").first.get_attribute("id") == "L201"


def test_a_line_can_be_linked_to(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    print_lines(0, 400)
    page = page_of(ana)
    page.goto(portal + "/sample/log/#L120")
    wait_for_lines(page, 400)
    expect(page.locator("#L120")).to_be_in_viewport()
    box, log = page.locator("#L120").bounding_box(), page.locator(".log").bounding_box()
    assert box and log and log["y"] < box["y"] < log["y"] + log["height"]


def test_a_page_without_rights_says_so(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    page = page_of(ana)
    page.goto(portal + "/sample/log/")
    page.wait_for_selector("text=live")
    page.route("**/sample/stream/**", lambda route: route.fulfill(status=404, body="gone"))
    page.reload()
    page.wait_for_selector("text=reload the page to sign in again")
