"""Output made to take over a terminal or a page, in Chromium: it is shown, and nothing of it is obeyed."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from liveupdate.actions.conversation import say
from liveupdate.models import RunCommand
from tests.fleet import Fleet, make_fleet
from tests.run_story import Story

pytestmark = pytest.mark.browser

CORPUS = {
    "CSI clears and colours": ("\x1b[2J\x1b[31mred\x1b[0m", "⟨1b⟩[2J⟨1b⟩[31mred⟨1b⟩[0m"),
    "OSC 8 makes a link": (
        "\x1b]8;;https://evil.example\x07here\x1b]8;;\x07",
        "⟨1b⟩]8;;https://evil.example⟨07⟩here⟨1b⟩]8;;⟨07⟩",
    ),
    "OSC 52 writes the clipboard": ("\x1b]52;c;ZXZpbA==\x07", "⟨1b⟩]52;c;ZXZpbA==⟨07⟩"),
    "OSC 0 names the window": ("\x1b]0;owned\x1b\\", "⟨1b⟩]0;owned⟨1b⟩\\"),
    "DCS asks for an answer": ("\x1bP$qm\x1b\\", "⟨1b⟩P$qm⟨1b⟩\\"),
    "CR writes over the line": ("rm -rf /\rls -l   ", "rm -rf /⟨0d⟩ls -l   "),
    "BS takes characters back": ("bad\b\b\bgood", "bad⟨08⟩⟨08⟩⟨08⟩good"),
    "direction is turned": ("\u202etxt.exe\u202c \u2066a\u2069", "⟨202e⟩txt.exe⟨202c⟩ ⟨2066⟩a⟨2069⟩"),
    "C1 begins a sequence": ("\x9b31m\x9d52;c;eA==\x9c", "⟨9b⟩31m⟨9d⟩52;c;eA==⟨9c⟩"),
    "CVE-2021-3377 of ansi_up": (
        '\x1b]8;;https://x"/onmouseover="alert(1)\x07over\x1b]8;;\x07',
        '⟨1b⟩]8;;https://x"/onmouseover="alert(1)⟨07⟩over⟨1b⟩]8;;⟨07⟩',
    ),
    "markup": (
        "<script>alert(1)</script><img src=x onerror=alert(1)><a href=https://evil.example>a</a>",
        "<script>alert(1)</script><img src=x onerror=alert(1)><a href=https://evil.example>a</a>",
    ),
}
"""What a host prints, and what people see of it."""
PRINTED = "".join(f"{text}\n" for text, _ in CORPUS.values())
WATCH = """
window.tried = [];
for (const [place, name] of [[navigator.clipboard, "writeText"], [navigator.clipboard, "write"],
    [document, "execCommand"], [window, "alert"], [window, "open"]])
  if (place) place[name] = (...words) => { window.tried.push([name, ...words]); };
"""
"""Notes what a page tries that output could make it do."""


HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
OBEYED = "[onmouseover], [onerror], main a[href*=evil], main a[href*='https://x']"


@pytest.fixture
def fleet(transactional_db: None) -> Fleet:
    return make_fleet()


@pytest.fixture
def command(fleet: Fleet) -> RunCommand:
    story = Story(fleet.queued("pay01")).begin()
    command = story.start(story.run.steps.earliest("position"))
    story.prints(command, PRINTED.encode() + b"raw \x9b31m\n", size=7)
    story.looks(*(text for text, _ in CORPUS.values()))
    story.ends(command, 0)
    for text, _ in CORPUS.values():
        say(fleet.ivy, story.run.request_id, text)
    return command


def touch_everything(page: Page, where: str) -> None:
    """Move the pointer over every line, as a reader does, and see that nothing came of it."""
    for line in page.locator(where).all():
        line.hover()
    assert page.evaluate("window.tried") == []
    assert page.locator(OBEYED).count() == 0
    assert "owned" not in page.title()


@pytest.mark.threat("T10")
@pytest.mark.asvs("3.2.2", "1.3.7")
def test_escapes_are_shown_and_not_obeyed(
    page_of: Callable[..., Page], portal: str, fleet: Fleet, command: RunCommand
) -> None:
    page = page_of(fleet.ivy)
    page.add_init_script(WATCH)
    opened: list[str] = []
    page.context.on("page", lambda made: opened.append(made.url))
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.dismiss() or dialog.message))
    glyphs = [shown for _, shown in CORPUS.values()]

    page.goto(portal + reverse("run", args=[command.run_id]))
    expect(page.locator(".log .line", has_text="raw ")).to_have_count(1)
    lines = page.locator(".log .line > span").all_text_contents()
    assert [text for text in glyphs if text not in lines] == []
    touch_everything(page, ".log .line")

    arguments = [command.run_id, command.number, "stdout"]
    for line in range(1, len(CORPUS) + 1, 3):
        page.goto(f"{portal}{reverse('run-lines', args=arguments)}?line={line}")
        assert HIDDEN.search(page.locator("pre.numbered").text_content() or "") is None
        touch_everything(page, "pre.numbered > span")

    page.goto(portal + reverse("request", args=[command.run.request_id]))
    text = page.locator("main").text_content() or ""
    assert [shown for shown in glyphs if shown.rstrip() not in text] == []
    touch_everything(page, "main .thread li")

    for name in ("run-output", "run-transcript"):
        told = arguments if name == "run-output" else arguments[:1]
        with page.expect_download() as caught:
            page.evaluate("address => { location.href = address }", reverse(name, args=told))
        downloaded = caught.value.path().read_bytes()
        if name == "run-output":
            assert downloaded == PRINTED.encode() + b"raw \x9b31m\n"
        answer = page.request.get(portal + reverse(name, args=told))
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("attachment")
    assert (opened, dialogs) == ([], [])
