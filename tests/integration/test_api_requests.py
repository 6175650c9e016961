"""Asking through the API: the whole way, versions, repetition, decisions in a session, output by range."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import Lpar
from liveupdate.models import Approval, Request
from liveupdate.states import RequestState
from portal.audit.models import Intake
from portal.lib.canonical import digest
from tests.api import browser, decision, program, send, wished
from tests.bench.fleet import fill
from tests.fleet import Fleet, make_fleet, plan_from_stored_facts
from tests.run_story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def ask(client: Client, fleet: Fleet, **headers: str) -> Any:
    return send(client, "POST", "api-requests", body=wished(lpar=fleet.lpars["pay01"].pk), **headers)


def test_from_wish_to_approval(fleet: Fleet) -> None:
    ana = program(fleet.ana)
    made = ask(ana, fleet)
    assert (made.status_code, made.json()["state"], made["ETag"]) == (201, "planning", '"1"')
    assert made["Location"] == reverse("api-request", args=[made.json()["id"]])
    request = plan_from_stored_facts(Request.objects.get())
    read = ana.get(made["Location"]).json()
    assert digest(read["plan"]["document"].encode()) == read["plan"]["digest"]
    assert json.loads(read["plan"]["document"]) == read["plan"]["content"]
    assert read["can_decide"] == ["Bo Lang", "Ivy Novak"]
    assert read["why_not_decide"]["message"] == "You made this request; somebody else has to decide."
    assert read["why_not_start"][0]["code"] == "not_approved"
    wrong = send(ana, "POST", "api-submit", request.pk, body={"plan_digest": "sha256:0"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "other_plan")
    submitted = send(ana, "POST", "api-submit", request.pk, body={"plan_digest": read["plan"]["digest"]})
    assert (submitted.status_code, submitted.json()["state"]) == (200, "submitted")
    ivy = browser(fleet.ivy)
    assert [row["id"] for row in ivy.get(reverse("api-approvals")).json()] == [request.pk]
    request.refresh_from_db()
    taken = send(ivy, "POST", "api-decisions", request.pk, body=decision(request))
    assert (taken.status_code, taken.json()["decision"]) == (201, "approve")
    entry = json.loads(bytes(Intake.objects.filter(event="approval.grant").get().content))
    assert (entry["actor"]["id"], entry["d"]["factor"]) == (fleet.ivy.public_id, "none")
    assert ana.get(made["Location"]).json()["decisions"][0]["person"] == "Ivy Novak"


def test_the_requester_does_not_decide_here_either(fleet: Fleet) -> None:
    request = fleet.submitted()
    refused = send(browser(fleet.ana), "POST", "api-decisions", request.pk, body=decision(request))
    assert refused.status_code == 403
    assert "somebody else has to decide" in refused.json()["detail"]
    assert not Approval.objects.exists()


@pytest.mark.threat("T21")
@pytest.mark.parametrize(
    ("changes", "status"), [({"plan_digest": "sha256:" + "0" * 64}, 409), ({"version": 7}, 412)]
)
def test_a_decision_on_something_else_is_refused(fleet: Fleet, changes: dict[str, Any], status: int) -> None:
    request = fleet.submitted()
    sent = decision(request, **changes)
    assert send(browser(fleet.ivy), "POST", "api-decisions", request.pk, body=sent).status_code == status
    assert not Approval.objects.exists()


def test_a_decision_asks_for_the_proof(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_STEP_UP = "password"
    request = fleet.submitted()
    refused = send(browser(fleet.ivy), "POST", "api-decisions", request.pk, body=decision(request))
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")


def test_an_edit_says_which_version_it_is_about(fleet: Fleet) -> None:
    request = fleet.planned()
    ana, bo = program(fleet.ana), program(fleet.bo)
    assert ana.get(reverse("api-request", args=[request.pk]))["ETag"] == '"1"'
    missing = send(ana, "PUT", "api-request", request.pk, body=wished())
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    first = send(bo, "PUT", "api-request", request.pk, body=wished(reason="Bo's"), If_Match='"1"')
    assert (first.status_code, first["ETag"]) == (200, '"2"')
    late = send(ana, "PUT", "api-request", request.pk, body=wished(reason="Ana's"), If_Match='"1"')
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert "Bo Lang" in late.json()["detail"]
    request.refresh_from_db()
    assert (request.reason, request.version, request.state) == ("Bo's", 2, RequestState.PLANNING)


def test_what_is_sent_once_more_is_done_once(fleet: Fleet) -> None:
    ana = program(fleet.ana)
    body = wished(lpar=fleet.lpars["pay01"].pk)
    first, again = (send(ana, "POST", "api-requests", body=body, Idempotency_Key="k1") for _ in range(2))
    assert (again.status_code, again.json(), again["ETag"]) == (201, first.json(), first["ETag"])
    assert (first.headers.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert Request.objects.count() == 1
    other = send(ana, "POST", "api-requests", body={**body, "reason": "another"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    send(ana, "POST", "api-requests", body=body, Idempotency_Key="k2")
    send(program(fleet.bo), "POST", "api-requests", body=body, Idempotency_Key="k1")
    assert Request.objects.count() == 3


def test_a_refusal_is_not_kept(fleet: Fleet) -> None:
    ana = program(fleet.ana)
    body = wished(lpar=fleet.lpars["web01"].pk)
    assert send(ana, "POST", "api-requests", body=body, Idempotency_Key="k").status_code == 400
    body = wished(lpar=fleet.lpars["pay01"].pk)
    assert send(ana, "POST", "api-requests", body=body, Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"media": "nim01:/x; rm -rf /"}, "media"),
        ({"procedure": "format_disks"}, "procedure"),
        ({"consents": ["everything"]}, "consents"),
        ({"choices": {"nothing": "asks for this"}}, "does not ask for nothing"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"reason": ""}, "reason"),
        ({"lpar": 999_999}, "no such LPAR"),
        ({"state": "approved"}, "no such field"),
    ],
)
def test_a_wish_that_cannot_be_says_which_field(fleet: Fleet, changes: dict[str, Any], words: str) -> None:
    body = wished(**{"lpar": fleet.lpars["pay01"].pk, **changes})
    refused = send(program(fleet.ana), "POST", "api-requests", body=body)
    assert refused.status_code == 400
    assert words in refused.json()["detail"]
    assert not Request.objects.exists()


@pytest.mark.threat("T24")
@pytest.mark.asvs("1.5.2")
@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"null"])
def test_what_is_no_json_object_is_refused(fleet: Fleet, body: bytes) -> None:
    ana = program(fleet.ana)
    answer = ana.post(reverse("api-requests"), body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert ana.post(reverse("api-requests"), {"lpar": 1}).status_code == 415


def test_withdrawing_and_planning_again(fleet: Fleet) -> None:
    request = fleet.planned()
    ana = program(fleet.ana)
    again = send(ana, "POST", "api-plan-again", request.pk)
    assert (again.json()["state"], again["ETag"]) == ("planning", '"2"')
    gone = send(ana, "POST", "api-withdraw", request.pk, body={"reason": "no window"})
    assert (gone.json()["state"], gone.json()["state_reason"]) == ("withdrawn", "no window")
    assert send(ana, "POST", "api-withdraw", request.pk, body={"reason": "r"}).status_code == 409


@pytest.fixture
def story(fleet: Fleet) -> Story:
    return Story(fleet.queued("pay01")).begin().up_to_update()


def test_output_by_range(fleet: Fleet, story: Story) -> None:
    ana = program(fleet.ana)
    listed = ana.get(reverse("api-commands", args=[story.run.pk])).json()["results"]
    assert [row["number"] for row in listed] == sorted(row["number"] for row in listed)
    command = max(story.run.commands.all(), key=lambda row: row.stdout_bytes)
    address = reverse("api-output", args=[story.run.pk, command.number, "stdout"])
    whole = b"".join(ana.get(address))
    assert len(whole) == command.stdout_bytes > 30
    parts = {
        "bytes=0-9": whole[:10], "bytes=7-23": whole[7:24], "bytes=-5": whole[-5:], "bytes=3-": whole[3:],
        f"bytes=0-{10**9}": whole,
    }  # fmt: skip
    for asked, wanted in parts.items():
        part = ana.get(address, headers={"Range": asked})
        assert (part.status_code, b"".join(part)) == (206, wanted), asked
        assert part["Content-Range"].endswith(f"/{len(whole)}")
    for ignored in ("bytes=", "bytes=9-3", "lines=0-3", "bytes=0-3,5-9", "bytes=x-"):
        assert b"".join(ana.get(address, headers={"Range": ignored})) == whole, ignored
    beyond = ana.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_a_run_with_its_steps(fleet: Fleet, story: Story) -> None:
    run = program(fleet.ana).get(reverse("api-run", args=[story.run.pk])).json()
    assert (run["state"], run["lpar_name"], run["request"]) == ("running", "pay01", story.run.request_id)
    assert [step["position"] for step in run["steps"]] == sorted(step["position"] for step in run["steps"])


def test_findings_carry_their_evidence(fleet: Fleet) -> None:
    found = program(fleet.ana).get(reverse("api-findings", args=[fleet.lpars["pay02"].pk])).json()
    assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    assert any(row["evidence"] for row in found if row["state"] == "blocker")


def test_filters_are_those_of_the_page(fleet: Fleet) -> None:
    ana = program(fleet.ana)
    lpars = reverse("api-lpars")
    assert [row["name"] for row in ana.get(lpars, {"q": "pay02"}).json()["results"]] == ["pay02"]
    assert ana.get(lpars, {"verdict": "wonderful"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "most"), [("api-lpars", 6), ("api-requests", 6), ("api-runs", 6), ("api-me", 6)]
)
def test_a_list_costs_few_queries_whatever_it_holds(
    name: str, most: int, django_assert_max_num_queries: Any
) -> None:
    olga = fill(60, 60, 60)
    for client in (browser(olga), program(olga)):
        client.get(reverse(name))
        with django_assert_max_num_queries(most):
            answer = client.get(reverse(name))
        assert answer.status_code == 200


def test_pages_follow_each_other_without_gap(django_assert_max_num_queries: Any) -> None:
    client = program(fill(60, 0, 0))
    seen, address = [], reverse("api-lpars") + "?page_size=25"
    while address:
        page = client.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert sorted(seen) == sorted(Lpar.objects.values_list("pk", flat=True))
