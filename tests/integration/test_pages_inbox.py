"""The inbox: what waits for whom, what comes next, and plans that are decided together."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from liveupdate.actions.approvals import approve
from liveupdate.models import Approval
from portal.lib.clock import now
from tests.alike import submitted_for
from tests.fleet import CONSENTS, Fleet, make_fleet
from tests.request_pages import opened, sent, text_of, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.deep]


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def test_the_inbox_holds_what_waits_for_whom(fleet: Fleet) -> None:
    own = fleet.submitted("pay01", "bo")
    other = fleet.submitted("pay02", "ana", consents=CONSENTS)
    waiting = opened(fleet, "bo", reverse("approvals"))
    entries = waiting.split('<div class="pane wide"')[0]
    assert other.number in entries
    assert own.number not in entries
    assert "Waiting for me 1 For others 1 Expiring 2 Decided by me 0 My requests 1" in words_of(waiting)
    for shelf in ("others", "expiring"):
        page = opened(fleet, "bo", reverse("approvals") + f"?show={shelf}")
        assert own.number in page
        assert "You asked for this; somebody else decides." in page
    assert own.number in opened(fleet, "bo", reverse("approvals") + "?show=mine")
    assert other.plan is not None
    approve(fleet.bo, other.pk, other.plan.digest)
    assert "Nothing waits for your decision." in opened(fleet, "bo", reverse("approvals") + "?show=nonsense")
    assert other.number in opened(fleet, "bo", reverse("approvals") + "?show=decided")
    assert own.number not in opened(fleet, "wes", reverse("approvals"))


def test_a_decision_in_the_inbox_leads_to_what_waits_next(fleet: Fleet) -> None:
    later = fleet.submitted("pay02", ends_at=now() + timedelta(hours=9), consents=CONSENTS)
    first = fleet.submitted("pay01", ends_at=now() + timedelta(hours=2))
    page = opened(fleet, "ivy", reverse("approvals"))
    assert page.index(first.number) < page.index(later.number)
    assert f'data-plan-digest="{first.plan.digest}"' not in page
    assert f'name="plan_digest" value="{first.plan.digest}"' in page
    said = {"plan_digest": first.plan.digest, "version": first.version, "then": "inbox"}
    answer = sent(fleet, "ivy", reverse("approve", args=[first.pk]), **said)
    assert answer["location"] == reverse("approvals") + f"?open={later.pk}"
    said = {"plan_digest": later.plan.digest, "then": "inbox", "reason": "after Monday"}
    answer = sent(fleet, "ivy", reverse("ask-for-change", args=[later.pk]), **said)
    assert answer["location"] == reverse("approvals")
    page = opened(fleet, "ana", later.get_absolute_url())
    assert "A change was asked for:</b> after Monday" in page
    assert "Change asked for" in words_of(page)
    assert "after Monday" in opened(fleet, "ana", "/")


def test_the_menu_counts_what_waits(fleet: Fleet) -> None:
    address = reverse("approval-count")
    assert f'hx-get="{address}"' in opened(fleet, "ivy", "/")
    assert f'hx-get="{address}"' not in opened(fleet, "ana", "/")
    assert opened(fleet, "ivy", address).strip() == ""
    fleet.submitted()
    assert re.sub("<[^>]+>", "", opened(fleet, "ivy", address)).strip() == "1 waits for you"
    assert opened(fleet, "wes", address).strip() == ""


def test_equal_plans_stand_together_and_are_decided_one_by_one(fleet: Fleet) -> None:
    requests = submitted_for(fleet.ana, fleet.lpars["pay01"], ["app01", "app02", "app03"], unlike="app03")
    page = opened(fleet, "ivy", reverse("approvals"))
    assert "2 plans, equal but for their target" in page
    picked = re.findall(r'name="picked" id="[^"]+" value="([^"]+)"', page)
    [read] = re.findall(r'name="read" value="([^"]+)"', page)
    assert [int(each.split(":")[0]) for each in picked] == [requests[0].pk, requests[1].pk]
    plan = requests[2].plan
    assert plan is not None
    odd = f"{requests[2].pk}:{requests[2].version}:{plan.digest}"
    answer = sent(fleet, "ivy", reverse("approve-alike"), read=read, picked=[*picked, odd], comment="Read.")
    page = words_of(text_of(answer))
    assert "2 of 3 approved" in page
    assert f"The plan of {requests[2].number} is not like the one that you read." in page
    digests = {each.plan.digest for each in requests[:2] if each.plan}
    assert {row.digest for row in Approval.objects.all()} == digests
    for wrong in ({"read": read}, {"picked": picked}, {"read": "1:1:x", "picked": picked}):
        assert sent(fleet, "ivy", reverse("approve-alike"), **wrong).status_code == 400
