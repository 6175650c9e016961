"""The form of a request follows the chosen procedure, and keeps what was filled in."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.fleet import make_fleet
from tests.nim_rows import make_nim


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_the_form_asks_what_the_chosen_procedure_needs(portal: str, page_of: Callable[..., Page]) -> None:
    fleet = make_fleet()
    make_nim(fleet)
    page = page_of(fleet.people["ana"])
    page.set_default_timeout(60_000)
    page.goto(f"{portal}{reverse('new-request')}?lpar={fleet.lpars['pay01'].pk}")
    page.fill("#id_reason", "security fixes")
    page.select_option("#id_choose", "ifix_live_update")
    page.wait_for_selector("#id_ifixes")
    assert page.input_value("#id_reason") == "security fixes"
    assert page.query_selector("#id_target_level") is None
    assert "IJ36810s3a.epkg.Z" in page.inner_text("#next")
