"""A proof given before the decision: what was typed into the form is there when one comes back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from liveupdate.models import Approval
from tests.fleet import make_fleet
from tests.second_factor import PASSWORD

TYPED = "Read every command; the window suits us."


@pytest.mark.deep
def test_what_was_typed_is_there_after_the_proof(
    page_of: Callable[..., Page], portal: str, settings: Any
) -> None:
    settings.PORTAL_STEP_UP = "password"
    fleet = make_fleet()
    fleet.ivy.set_password(PASSWORD)
    fleet.ivy.save()
    request = fleet.submitted()
    page = page_of(fleet.ivy)
    page.goto(portal + request.get_absolute_url())
    page.get_by_role("button", name="Approve…").click()
    page.locator("#approve [name=comment]").fill(TYPED)
    page.get_by_role("button", name="Confirm first").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main form button").first.click()

    expect(page).to_have_url(portal + request.get_absolute_url())
    assert not Approval.objects.exists()
    page.get_by_role("button", name="Approve…").click()
    expect(page.locator("#approve [name=comment]")).to_have_value(TYPED)
    expect(page.get_by_role("button", name="Confirm first")).to_have_count(0)
    page.get_by_role("button", name="Approve this plan").click()
    page.wait_for_load_state()
    assert Approval.objects.get().reason == TYPED
