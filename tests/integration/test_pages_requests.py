"""The pages of requests and decisions: what each reader is shown and offered, and what a form does."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from liveupdate.actions.requests import plan_again
from liveupdate.models import Approval, Request
from liveupdate.pages.plan import display
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import WriteFile
from tests.fleet import CONSENTS, MEDIA, Fleet, make_fleet, plan_from_stored_facts
from tests.request_pages import forms_of, opened, sent, text_of, wish, words_of
from tests.run_story import Story

pytestmark = [pytest.mark.django_db, pytest.mark.deep]


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def test_the_whole_way_through_the_pages(fleet: Fleet) -> None:
    new = reverse("new-request") + f"?lpar={fleet.lpars['pay01'].pk}"
    answer = sent(fleet, "ana", new, **wish())
    request = Request.objects.get()
    assert answer["location"] == request.get_absolute_url()
    assert 'data-state="planning"' in opened(fleet, "ana", answer["location"])
    plan_from_stored_facts(request)
    assert request.plan is not None
    page = opened(fleet, "ana", request.get_absolute_url())
    assert f'data-plan-digest="{request.plan.digest}"' in page
    assert forms_of(page) == {"submit-request", "plan-again", "withdraw"}
    answer = sent(fleet, "ana", reverse("submit-request", args=[request.pk]), plan_digest=request.plan.digest)
    assert answer.status_code == 302
    page = opened(fleet, "ivy", request.get_absolute_url())
    assert forms_of(page) == {"approve", "reject", "ask-for-change"}
    assert page.count(f'name="plan_digest" value="{request.plan.digest}"') == 3
    address = reverse("approve", args=[request.pk])
    assert sent(fleet, "ivy", address, plan_digest=request.plan.digest, comment="Read.").status_code == 302
    page = opened(fleet, "ivy", request.get_absolute_url())
    assert 'data-state="approved"' in page
    assert forms_of(page) == {"withdraw-approval"}
    assert "Ivy Novak" in page


@pytest.mark.parametrize("person", ["ana", "bo"])
@pytest.mark.parametrize("state", ["planned", "submitted", "approved"])
def test_the_requester_is_never_offered_to_decide(fleet: Fleet, state: str, person: str) -> None:
    request = getattr(fleet, state)(person=person)
    page = opened(fleet, person, request.get_absolute_url())
    assert not forms_of(page) & {"approve", "reject", "withdraw-approval"}
    if state == "submitted":
        assert "You made this request; somebody else has to decide." in page


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_decision_on_ones_own_request_by_hand_is_refused_with_a_page(fleet: Fleet, verb: str) -> None:
    request = fleet.submitted(person="bo")
    assert request.plan is not None
    address = reverse(verb, args=[request.pk])
    answer = sent(fleet, "bo", address, plan_digest=request.plan.digest, reason="because")
    assert answer.status_code == 403
    assert "You made this request; somebody else has to decide." in text_of(answer)
    assert not Approval.objects.exists()
    request.refresh_from_db()
    assert request.state == "submitted"


def test_a_decision_on_an_older_plan_is_a_conflict(fleet: Fleet) -> None:
    request = fleet.submitted()
    assert request.plan is not None
    old = request.plan.digest
    plan_again(fleet.ana, request.pk)
    disks = fleet.lpars["pay01"].host.readings_about.get(fact="lspv")
    disks.stdout = disks.stdout.replace("00fa343b8f01b1e2", "00fa343b8f01ffff")
    disks.save()
    plan_from_stored_facts(request)
    assert request.plan.digest != old
    sent(fleet, "ana", reverse("submit-request", args=[request.pk]), plan_digest=request.plan.digest)
    answer = sent(fleet, "ivy", reverse("approve", args=[request.pk]), plan_digest=old)
    assert answer.status_code == 409
    assert "is not the one you were shown. Read the plan as it is now, then decide." in words_of(
        text_of(answer)
    )
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("digest", "status"), [("", 400), ("sha256:" + "0" * 64, 409), ("x" * 5000, 400), ("\x00", 400)]
)
def test_a_decision_without_the_plans_digest_is_refused(fleet: Fleet, digest: str, status: int) -> None:
    request = fleet.submitted()
    answer = sent(fleet, "ivy", reverse("approve", args=[request.pk]), plan_digest=digest)
    assert answer.status_code == status
    assert not Approval.objects.exists()


def test_a_rejection_needs_a_reason_and_shows_it(fleet: Fleet) -> None:
    request = fleet.submitted()
    assert request.plan is not None
    address, digest = reverse("reject", args=[request.pk]), request.plan.digest
    answer = sent(fleet, "ivy", address, plan_digest=digest, reason="  ")
    assert answer.status_code == 400
    assert "A rejection needs a reason" in text_of(answer)
    assert sent(fleet, "ivy", address, plan_digest=digest, reason="<b>Not</b> this week").status_code == 302
    page = opened(fleet, "ana", request.get_absolute_url())
    assert "Rejected" in page
    raw = Client()
    raw.force_login(fleet.ana)
    assert b"&lt;b&gt;Not&lt;/b&gt; this week" in raw.get(request.get_absolute_url()).content
    assert forms_of(page) == {"plan-again"}


def test_an_edit_of_an_older_reading_is_a_conflict(fleet: Fleet) -> None:
    request = fleet.planned()
    address = reverse("edit-request", args=[request.pk])
    assert sent(fleet, "bo", address, **wish(reason="Bo's", version="1")).status_code == 302
    answer = sent(fleet, "ana", address, **wish(reason="Ana's", version="1"))
    assert answer.status_code == 409
    assert "was edited by Bo Lang meanwhile" in text_of(answer)
    request.refresh_from_db()
    assert request.reason == "Bo's"


def test_an_edit_starts_from_what_was_asked(fleet: Fleet) -> None:
    request = fleet.planned("pay02", consents=CONSENTS)
    page = opened(fleet, "ana", reverse("edit-request", args=[request.pk]))
    assert f'value="{MEDIA}"' in page
    assert page.count(" checked") == len(CONSENTS)
    assert request.reason in page
    assert f'value="{request.version}"' in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"media": ""}, "This field is required."),
        ({"media": "nim01:/x; rm -rf /"}, "nim01:/x; rm -rf /"),
        ({"target_level": "latest"}, "latest"),
        ({"reason": "  "}, "This field is required."),
        ({"starts_at": "soon"}, "Enter a valid date/time."),
        ({"ends_at": "2020-01-01T00:00"}, "The change window ends before it starts."),
        ({"consents": "format_disks"}, "Select a valid choice."),
        ({"procedure": "reboot"}, "There is no such procedure."),
    ],
)
def test_what_is_wrong_with_a_wish_is_said_on_the_form(
    fleet: Fleet, changes: dict[str, str], said: str
) -> None:
    new = reverse("new-request") + f"?lpar={fleet.lpars['pay01'].pk}"
    answer = sent(fleet, "ana", new, **wish(**changes))
    page = text_of(answer)
    assert answer.status_code == 200
    assert forms_of(page) == {"choose", "request"}
    assert said in page
    assert "errorlist" in page or "note bad" in page
    assert not Request.objects.exists()


def test_the_plan_is_shown_whole(fleet: Fleet) -> None:
    request = fleet.submitted("pay02", consents=CONSENTS)
    assert request.plan is not None
    plan = read_plan(request.plan.document)
    page = opened(fleet, "ivy", request.get_absolute_url())
    assert request.plan.summary in page
    position = 0
    for step in (*plan.steps, *plan.restoration):
        position = page.index(display(step), position)
        assert step.title in page
        if isinstance(step.action, WriteFile):
            assert step.action.content in page
    for warning in plan.warnings:
        assert warning in page


def test_a_blocked_request_says_what_to_do(fleet: Fleet) -> None:
    request = fleet.planned("pay02")
    page = opened(fleet, "ana", request.get_absolute_url())
    assert 'data-state="blocked"' in page
    assert 'data-plan-digest=""' in page
    assert "Trusted Execution is on." in page
    assert forms_of(page) == {"plan-again", "withdraw"}
    assert reverse("edit-request", args=[request.pk]) in page


def test_submitting_another_plan_than_the_one_shown_is_a_conflict(fleet: Fleet) -> None:
    request = fleet.planned()
    address = reverse("submit-request", args=[request.pk])
    assert sent(fleet, "ana", address, plan_digest="sha256:" + "0" * 64).status_code == 409
    request.refresh_from_db()
    assert request.state == "planned"


def test_a_request_can_be_taken_back_with_a_reason(fleet: Fleet) -> None:
    request = fleet.submitted()
    sent(fleet, "ana", reverse("withdraw", args=[request.pk]), reason="Not needed any more")
    page = opened(fleet, "ana", request.get_absolute_url())
    assert 'data-state="withdrawn"' in page
    assert "Not needed any more" in page
    assert forms_of(page) == set()


def test_an_edit_between_reading_and_deciding_shows_what_changed(fleet: Fleet) -> None:
    request = fleet.submitted()
    assert request.plan is not None
    read = {"plan_digest": request.plan.digest, "version": request.version, "reason": "no"}
    edit = wish(version=str(request.version), reason="Another reason", media="nim01:/export/other")
    assert sent(fleet, "ana", reverse("edit-request", args=[request.pk]), **edit).status_code == 302
    answer = sent(fleet, "ivy", reverse("reject", args=[request.pk]), **read)
    page = words_of(text_of(answer))
    assert answer.status_code == 409
    assert "Nothing was decided on pay01" in page
    assert "Service pack with the security fixes of this quarter Another reason" in page
    assert "It has no plan now: the one that you read is void." in page
    request.refresh_from_db()
    plan_from_stored_facts(request)
    assert request.plan is not None
    sent(fleet, "ana", reverse("submit-request", args=[request.pk]), plan_digest=request.plan.digest)
    page = words_of(text_of(sent(fleet, "ivy", reverse("approve", args=[request.pk]), **read)))
    assert "Where the updates are nim01:/export/aix72/7200-05-04-2220_full nim01:/export/other" in page
    assert re.search(r"The plan: \d+ steps? changed, \d+ facts? different", page)
    assert not Approval.objects.exists()
    client = Client()
    client.force_login(fleet.ivy)
    address = reverse("approve", args=[request.pk])
    answer = client.post(address, read, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_plan")


def test_people_talk_about_a_request(fleet: Fleet) -> None:
    request = fleet.submitted()
    address = reverse("comment", args=[request.pk])
    assert sent(fleet, "ivy", address, text="Why <b>tonight</b>?").status_code == 302
    assert sent(fleet, "ana", address, text="  ").status_code == 400
    raw = Client()
    raw.force_login(fleet.ana)
    assert b"Why &lt;b&gt;tonight&lt;/b&gt;?" in raw.get(request.get_absolute_url()).content
    assert sent(fleet, "kim", address, text="hello").status_code == 403
    assert sent(fleet, "wes", address, text="hello").status_code == 404
    assert 'id="comment"' not in opened(fleet, "kim", request.get_absolute_url())


def test_a_plan_is_text_for_other_places(fleet: Fleet) -> None:
    request = fleet.submitted("pay02", consents=CONSENTS)
    assert request.plan is not None
    client = Client()
    client.force_login(fleet.ivy)
    answer = client.get(reverse("plan-text", args=[request.pk]))
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert f"Plan      {request.plan.digest}" in text
    plan, position = read_plan(request.plan.document), 0
    for step in plan.steps:
        position = text.index(display(step), position)
    for warning in plan.warnings:
        assert f"- {warning}" in text
    assert client.get(reverse("plan-text", args=[fleet.asked().pk])).status_code == 409


def test_a_plan_is_compared_with_the_last_that_succeeded_or_any_other(fleet: Fleet) -> None:
    run = fleet.queued()
    Story(run).begin().looks().finishes()
    other = fleet.submitted("pay02", consents=CONSENTS)
    request = fleet.submitted(media="nim01:/export/other")
    page = words_of(opened(fleet, "ivy", request.get_absolute_url()))
    assert f"To {run.request.number} of pay01" in page
    assert "nim01:/export/aix72/7200-05-04-2220_full nim01:/export/other" in page
    assert re.search(r"\d+ steps? changed, \d+ facts? different", page)
    assert "Changed" in page[page.index("Check first") :]
    page = words_of(opened(fleet, "ivy", f"{request.get_absolute_url()}?against={other.plan_id}"))
    assert f"To {other.number} of pay02" in page
    assert "what only names the LPARs themselves is left out" in page
    foreign = fleet.submitted("web01", "wes")
    for chosen in (str(foreign.plan_id), "9" * 40, "x", "٣"):
        page = words_of(opened(fleet, "bo", f"{request.get_absolute_url()}?against={chosen}"))
        assert "To " + foreign.number not in page


def test_the_dashboard_says_what_needs_whom(fleet: Fleet) -> None:
    submitted = fleet.submitted("pay01")
    planned = fleet.planned("pay02", consents=CONSENTS)
    ivy, ana, wes = (opened(fleet, person, "/") for person in ("ivy", "ana", "wes"))
    assert "1 decision waits for you" in words_of(ivy)
    assert submitted.number in ivy
    assert planned.number not in ivy
    assert planned.number in ana
    assert "No decision waits for you" in words_of(ana)
    assert submitted.number not in wes
