"""The frame of every page in Chromium: nothing blocked, nothing overflows, usable by keyboard, legible."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from tests.integration import sample_pages as sample

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.integration.sample_pages")]
PAGES = ("/sample/", "/sample/memberships/", "/sample/log/", "/nowhere/")

CONTRAST = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (text, under) => {
    canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const css = (color) => `rgb(${color.join(",")})`;
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    const own = getComputedStyle(node).backgroundColor;
    const under = ground(node.parentElement);
    return own === "rgba(0, 0, 0, 0)" ? under : rgb(own, css(under));
  };
  const light = (color) => color.map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!says || !node.checkVisibility() || node.closest("[disabled], .sr, option")) continue;
    const under = ground(node);
    const pair = [light(rgb(getComputedStyle(node).color, css(under))), light(under)].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push(`${node.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return poor;
}
"""
UNNAMED = """
() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a, summary")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.labels?.length || node.textContent.trim() || node.getAttribute("aria-label")))
  .map((node) => node.outerHTML.slice(0, 120))
"""


@pytest.fixture
def ana(transactional_db: None) -> User:
    user = User.objects.create_user("ana", password=None, first_name="Ana", last_name="Costa")
    for number in range(60):
        team = Team.objects.create(name=f"Team {number:03}", slug=f"team-{number}")
        Membership.objects.create(user=user, team=team, role=Role.REQUESTER)
    return user


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible_in_both_themes(
    page_of: Callable[..., Page], portal: str, ana: User, theme: str
) -> None:
    page = page_of(ana)
    page.emulate_media(color_scheme=theme)
    for address in PAGES[:3]:
        page.goto(portal + address)
        assert page.evaluate(CONTRAST) == [], address


@pytest.mark.parametrize("width", [1400, 390, 320])
def test_nothing_sticks_out_and_everything_has_a_name(
    page_of: Callable[..., Page], portal: str, ana: User, width: int
) -> None:
    page = page_of(ana)
    page.set_viewport_size({"width": width, "height": 800})
    for address in PAGES[:3]:
        page.goto(portal + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate(UNNAMED) == [], address


def test_the_theme_is_remembered(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    page = page_of(ana)
    page.goto(portal + "/sample/")
    assert page.evaluate("document.documentElement.dataset.theme") is None
    page.click(".person summary")
    page.click("text=Dark")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 18, 22)"
    page.click(".person summary")
    assert page.get_attribute("[data-theme-choice=dark]", "aria-pressed") == "true"
    page.click(".person >> text=System")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_the_menu_opens_on_a_phone_by_keyboard(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    page = page_of(ana)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(portal + "/sample/memberships/")
    assert not page.is_visible(".nav")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("text=Menu")
    page.keyboard.press("Enter")
    assert page.is_visible(".nav >> text=Dashboard")
    page.keyboard.press("Escape")
    assert not page.is_visible(".nav")


def test_the_menu_says_where_one_is(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    page = page_of(ana)
    page.goto(portal + "/")
    page.goto(portal + "/sample/")
    assert page.is_visible(".nav >> text=Dashboard")
    assert page.locator(".nav [aria-current]").count() == 0


def test_filters_apply_themselves_and_the_address_keeps_them(
    page_of: Callable[..., Page], portal: str, ana: User
) -> None:
    page = page_of(ana)
    page.goto(portal + "/sample/memberships/")
    page.fill("[name=team]", "Team 00")
    page.wait_for_selector("text=10 rows match")
    assert "team=Team" in page.url
    page.click("text=clear filters")
    page.wait_for_selector("text=60 rows")


def test_a_fragment_keeps_what_is_open_and_waits_for_who_is_typing(
    page_of: Callable[..., Page], portal: str, ana: User
) -> None:
    sample.SHOWN.clear()
    page = page_of(ana)
    page.goto(portal + "/sample/fragment/")
    page.click("text=More")
    page.evaluate("document.body.dispatchEvent(new Event('run-changed'))")
    page.wait_for_selector("text=shown 2")
    assert page.get_attribute("#more", "open") is not None
    page.fill("[name=reason]", "The HMC shows it running")
    with page.expect_response("**/sample/fragment/"):
        page.evaluate("document.body.dispatchEvent(new Event('run-changed'))")
    page.wait_for_timeout(300)
    assert page.input_value("[name=reason]") == "The HMC shows it running"
    page.fill("[name=reason]", "")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.body.dispatchEvent(new Event('run-changed'))")
    page.wait_for_selector("text=shown 4")


@pytest.mark.asvs("7.4.4")
def test_signing_out_leads_to_signing_in(page_of: Callable[..., Page], portal: str, ana: User) -> None:
    page = page_of(ana)
    page.goto(portal + "/sample/")
    page.click(".person summary")
    page.click("#sign-out button")
    page.wait_for_selector("form#sign-in")
