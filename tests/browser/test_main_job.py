"""The main job as people do it in a browser: ask, read the plan, approve as another, watch, abort."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from liveupdate.actions.runs import start_run
from liveupdate.models import Request, Run
from liveupdate.pages.plan import display
from liveupdate.procedures.document import read_plan
from portal.lib.clock import now
from tests.fleet import MEDIA, TARGET, Fleet, make_fleet, plan_from_stored_facts
from tests.run_story import Story

pytestmark = pytest.mark.browser
AT_END = "(([l]) => l.scrollHeight - l.scrollTop - l.clientHeight < 24)(document.querySelectorAll('.log'))"


@pytest.fixture
def fleet(transactional_db: None) -> Fleet:
    fleet = make_fleet()
    for person in fleet.people.values():
        person.set_password("pages")
        person.save()
    return fleet


def test_ask_read_approve_and_watch(page_of: Callable[..., Page], portal: str, fleet: Fleet) -> None:
    page = page_of(fleet.ana)
    page.context.clear_cookies()
    page.goto(portal + "/lpars/")
    page.fill("[name=username]", "ana")
    page.fill("[name=password]", "pages")
    page.click("form#sign-in button")
    page.click("text=pay01")
    page.click("text=Ask for work")
    page.fill("[name=media]", MEDIA)
    page.fill("[name=target_level]", "not a level")
    page.fill("[name=reason]", "Security fixes")
    page.click("form#request button")
    expect(page.locator(".field.wrong")).to_have_count(1)
    page.fill("[name=target_level]", TARGET)
    page.click("form#request button")
    expect(page.locator("#request")).to_have_attribute("data-state", "planning")
    request = plan_from_stored_facts(Request.objects.get())
    assert request.plan is not None
    expect(page.locator("#request")).to_have_attribute("data-state", "planned")
    for step in read_plan(request.plan.document).steps:
        expect(page.locator(".step code").get_by_text(display(step), exact=True).first).to_be_visible()
    page.click("form#submit-request button")
    expect(page.locator("#request")).to_have_attribute("data-state", "submitted")
    assert page.locator("form#approve").count() == 0

    second = page_of(fleet.ivy)
    second.goto(portal + "/approvals/")
    second.click("nav >> text=Requests")
    second.click(f"text={request.number}")
    second.click("text=Approve…")
    expect(second.locator("form#approve textarea")).to_be_focused()
    second.fill("form#approve textarea", "Read every command.")
    second.click("form#approve button")
    expect(second.locator("#request")).to_have_attribute("data-state", "approved")
    run = start_run(request.pk)
    Story(run).begin().finishes()
    expect(second.locator("#request")).to_have_attribute("data-state", "finished")
    second.click("text=Open the run")
    expect(second.locator("#run")).to_have_attribute("data-state", "succeeded")
    expect(second.locator(".log")).to_contain_text("Blackout Time end.")
    expect(second.locator("text=this is the whole record")).to_be_visible()


def test_what_is_typed_survives_while_the_page_waits(
    page_of: Callable[..., Page], portal: str, fleet: Fleet
) -> None:
    request = fleet.approved(starts_at=now() + timedelta(hours=1))
    page = page_of(fleet.ivy)
    page.goto(portal + request.get_absolute_url())
    page.click("text=Take my approval back")
    page.fill("form#withdraw-approval textarea", "wrong ni")
    with page.expect_response(lambda answer: "shown=" in answer.url) as asked:
        pass
    assert asked.value.status == 204
    assert page.input_value("form#withdraw-approval textarea") == "wrong ni"


def test_the_log_follows_and_pauses_and_folds_stay_open(
    page_of: Callable[..., Page], portal: str, fleet: Fleet
) -> None:
    story = Story(fleet.queued()).begin().up_to_update()
    command = story.live_update(until=b"Moving workload")
    story.prints(command, b"".join(b"line %d\n" % number for number in range(80)))
    page = page_of(fleet.ana)
    page.goto(portal + story.run.get_absolute_url())
    expect(page.locator(".log")).to_contain_text("line 79")
    page.wait_for_function(AT_END)
    page.click("#steps summary")
    page.evaluate("document.querySelector('.log').scrollTop = 0")
    expect(page.locator("text=Jump to live")).to_be_visible()
    story.prints(command, b"Blackout Time started.\n")
    expect(page.locator(".log")).to_contain_text("Blackout: the workload stands still.")
    expect(page.locator("#run-side")).to_contain_text("The workload has stood still since")
    assert page.evaluate("document.querySelector('.log').scrollTop") == 0
    assert page.evaluate("document.querySelector('#steps details').open") is True
    page.click("text=Jump to live")
    page.wait_for_function(AT_END)


def test_an_abort_is_asked_for_once(page_of: Callable[..., Page], portal: str, fleet: Fleet) -> None:
    story = Story(fleet.queued()).begin().up_to_update()
    page = page_of(fleet.ana)
    page.goto(portal + story.run.get_absolute_url())
    page.click("form#abort button")
    expect(page.locator("#run")).to_contain_text("The abort is on its way.")
    expect(page.locator("form#abort")).to_have_count(0)
    assert Run.objects.get().abort_asked_by == fleet.ana


def test_a_theme_holds_on_every_page(page_of: Callable[..., Page], portal: str, fleet: Fleet) -> None:
    page = page_of(fleet.ana)
    page.goto(portal + "/")
    page.click(".person summary")
    page.click("text=Dark")
    page.goto(portal + "/lpars/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 18, 22)"
