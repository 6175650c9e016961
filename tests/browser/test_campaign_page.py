"""The page of a campaign follows it by itself, and leaves alone what somebody is writing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from liveupdate.actions.campaigns import halt_campaign, resume_campaign
from tests.campaign_world import make_world

pytestmark = pytest.mark.browser


def test_a_reason_that_is_being_written_outlasts_that_the_page_follows(
    page_of: Callable[..., Page], portal: str
) -> None:
    world = make_world(2)
    campaign = world.started(world.campaign(canaries_most=1))
    halt_campaign(world.fleet.ivy, campaign.pk, "The database team saw errors.")
    campaign.refresh_from_db()
    page = page_of(world.fleet.kim)
    page.goto(portal + campaign.get_absolute_url())
    page.fill("#resume-campaign textarea", "They were of yesterday")
    page.locator("h1").click()

    def followed(answer: Response) -> bool:
        return answer.request.headers.get("hx-request") == "true" and answer.url.endswith(
            campaign.get_absolute_url()
        )

    for _ in range(2):
        with page.expect_response(followed):
            pass
    expect(page.locator("#resume-campaign textarea")).to_have_value("They were of yesterday")

    resume_campaign(world.fleet.kim, campaign.pk, "They were of yesterday.", campaign.newest_sign)
    with page.expect_response(followed):
        pass
    expect(page.locator("h1 .badge")).to_have_text("Halted")
    page.fill("#resume-campaign textarea", "")
    page.locator("h1").click()
    expect(page.locator("h1 .badge")).to_have_text("Running", timeout=30_000)
    expect(page.locator("#campaign")).to_have_attribute("data-state", "running")
