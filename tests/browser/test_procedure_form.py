"""Choosing a procedure in the browser: its fields come at once, and what was typed stays."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.fleet import make_fleet

pytestmark = pytest.mark.browser


def test_the_form_follows_the_chosen_procedure(page_of: Callable[..., Page], portal: str) -> None:
    fleet = make_fleet()
    page = page_of(fleet.ana)
    page.goto(f"{portal}/requests/new/?lpar={fleet.lpars['pay01'].pk}")
    page.fill("#id_reason", "Before the service pack")
    page.select_option("#id_choose", label="Make a rollback clone of rootvg")
    expect(page.locator("#id_clone_disks")).to_be_visible(timeout=30_000)
    expect(page.locator("#id_media")).to_have_count(0)
    expect(page.locator("#id_reason")).to_have_value("Before the service pack")
    expect(page.locator("#id_choose")).to_have_value("rollback_clone")
    page.click("text=Look and plan")
    expect(page.locator("h1")).to_contain_text("pay01: Make a rollback clone of rootvg", timeout=30_000)


def test_another_procedure_is_chosen_while_required_fields_are_empty(
    page_of: Callable[..., Page], portal: str
) -> None:
    fleet = make_fleet()
    page = page_of(fleet.ana)
    page.goto(f"{portal}/requests/new/?lpar={fleet.lpars['pay01'].pk}")
    for field in ("#id_media", "#id_target_level", "#id_starts_at", "#id_ends_at"):
        page.fill(field, "")
    page.fill("#id_reason", "Nothing else is known yet")
    page.select_option("#id_choose", "separate_update")
    expect(page.locator("#id_stop_workload")).to_be_visible(timeout=30_000)
    page.fill("#id_stop_workload", "")
    page.select_option("#id_choose", "rollback_clone")
    expect(page.locator("#id_clone_disks")).to_be_visible(timeout=30_000)
    expect(page.locator("#id_stop_workload")).to_have_count(0)
    expect(page.locator("#id_reason")).to_have_value("Nothing else is known yet")
