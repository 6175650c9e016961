"""Who calls the API too often waits, whatever they call and by whatever they sign in; others do not."""

import json
from typing import Any

import pytest

from portal.access.api.limit import CallsOfPerson
from portal.audit.models import Intake
from tests.api import browser, decision, program, send
from tests.fleet import Fleet, make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.threat("T28"), pytest.mark.asvs("2.4.1")]
MOST = 5


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    settings.PORTAL_API_PER_MINUTE = MOST


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def test_tokens_and_sessions_of_a_person_count_together(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = [program(fleet.ana), program(fleet.ana), browser(fleet.ana)]
    answers = [send(clients[each % 3], "GET", "api-lpars") for each in range(MOST + 3)]
    assert [each.status_code for each in answers] == [200] * MOST + [429] * 3
    refused = answers[-1]
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    said = refused.json()
    assert (said["code"], said["title"]) == ("too_many_calls", "Too often")
    assert said["detail"] and said["remedy"]
    assert send(program(fleet.ivy), "GET", "api-lpars").status_code == 200
    later = CallsOfPerson.timer() + 61
    monkeypatch.setattr(CallsOfPerson, "timer", lambda _self: later)
    assert send(clients[0], "GET", "api-lpars").status_code == 200


def test_refused_calls_count_and_are_entered_a_few_times(fleet: Fleet) -> None:
    request = fleet.submitted()
    client = program(fleet.ivy)
    got = [
        send(client, "POST", "api-decisions", request.pk, body=decision(request)).status_code
        for _ in range(40)
    ]
    assert got == [403] * MOST + [429] * (40 - MOST)
    assert Intake.objects.filter(event="approval.refused").count() == MOST
    [entered] = Intake.objects.filter(event="access.denied")
    assert json.loads(bytes(entered.content))["d"]["why"] == "too_many_calls"


def test_a_site_may_have_no_limit(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_API_PER_MINUTE = 0
    client = program(fleet.ana)
    assert {send(client, "GET", "api-me").status_code for _ in range(4 * MOST)} == {200}
