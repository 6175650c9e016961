"""The checks' pages, the matrix, and people's answers to what no command can tell."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from liveupdate.actions.answers import give_answer
from liveupdate.actions.looks import lpar_with_hosts
from liveupdate.actions.verdicts import judge_again
from liveupdate.models import GivenAnswer, StoredFinding
from liveupdate.readiness.catalogue import CHECKS
from portal.audit.models import Intake
from portal.lib.errors import Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
BLACKOUT = "RQ-171"


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def page(fleet: Fleet, person: str, address: str) -> str:
    client = Client()
    client.force_login(fleet.people[person])
    return client.get(address).content.decode()


def answer(fleet: Fleet, person: str = "ana", **changes: Any) -> GivenAnswer:
    wanted: dict[str, Any] = {
        "holds": True,
        "reason": "tested in June",
        "good_until": localdate() + timedelta(days=30),
    } | changes
    lpar = fleet.lpars["pay01"]
    return give_answer(fleet.people[person], lpar.pk, wanted.pop("check", BLACKOUT), **wanted)


def finding(fleet: Fleet) -> StoredFinding:
    return StoredFinding.objects.get(lpar=fleet.lpars["pay01"], check_id=BLACKOUT)


def test_every_check_stands_in_the_list_and_has_its_page(fleet: Fleet) -> None:
    listed = page(fleet, "kim", "/checks/")
    for check in CHECKS:
        assert f"/checks/{check.id}/" in listed
    shown = page(fleet, "kim", "/checks/RQ-140/")
    assert "trustchk -p shows TE=OFF" in shown
    assert "pay02" in shown
    assert page(fleet, "kim", "/checks/RQ-140/?state=blocker").count("Trusted Execution is on.") == 1


def test_counts_and_findings_are_of_the_persons_teams(fleet: Fleet) -> None:
    assert "pay02" not in page(fleet, "wes", "/checks/RQ-140/")
    assert "pay02" not in page(fleet, "wes", "/readiness/")
    assert "/checks/RQ-140/?state=blocker" not in page(fleet, "wes", "/checks/")


def test_a_check_that_does_not_exist_is_not_found(fleet: Fleet) -> None:
    client = Client()
    client.force_login(fleet.kim)
    assert client.get("/checks/RQ-999/").status_code == 404
    assert client.get(f"/lpars/{fleet.lpars['pay01'].pk}/answers/RQ-140/").status_code == 404


def test_the_matrix_shows_what_some_lpar_does_not_meet(fleet: Fleet) -> None:
    shown = page(fleet, "kim", "/readiness/?q=pay")
    assert 'title="Trusted Execution is on."' in shown
    assert "/checks/RQ-001/" not in shown


def test_an_answer_counts_at_once_and_stands_in_the_ledger(fleet: Fleet) -> None:
    assert finding(fleet).state == "unknown"
    given = answer(fleet)
    assert finding(fleet).state == "ok"
    assert f"good until {given.good_until.isoformat()}: tested in June" in finding(fleet).message
    entry = Intake.objects.filter(event="readiness.answer").get()
    assert b"tested in June" in bytes(entry.content)


def test_the_newest_answer_counts(fleet: Fleet) -> None:
    answer(fleet)
    answer(fleet, "bo", holds=False, reason="the lease is 5 s")
    assert finding(fleet).state == "warning"
    assert "the lease is 5 s" in finding(fleet).message


def test_an_answer_ends_with_its_last_day(fleet: Fleet) -> None:
    answer(fleet, good_until=localdate())
    assert finding(fleet).state == "ok"
    GivenAnswer.objects.update(good_until=localdate() - timedelta(days=1))
    judge_again(lpar_with_hosts(fleet.lpars["pay01"].pk))
    assert finding(fleet).state == "unknown"


@pytest.mark.parametrize("days", [-1, 367])
def test_an_answer_is_for_a_year_at_most(fleet: Fleet, days: int) -> None:
    with pytest.raises(Invalid, match="cannot be good until"):
        answer(fleet, good_until=localdate() + timedelta(days=days))


def test_only_questions_are_answered_and_only_by_the_team(fleet: Fleet) -> None:
    with pytest.raises(Invalid, match="asks people nothing"):
        answer(fleet, check="RQ-140")
    with pytest.raises(Invalid, match="no such LPAR"):
        answer(fleet, "wes")
    with pytest.raises(NotAllowed):
        answer(fleet, "aud")
    assert not GivenAnswer.objects.exists()


def test_the_form_keeps_an_answer_and_shows_it(fleet: Fleet) -> None:
    client = Client()
    client.force_login(fleet.ana)
    address = f"/lpars/{fleet.lpars['pay01'].pk}/answers/{BLACKOUT}/"
    refused = client.post(address, {"holds": "yes", "reason": "", "good_until": "2020-13-01"})
    assert refused.status_code == 400
    wanted = {
        "holds": "yes",
        "reason": "a <b>test</b>",
        "good_until": (localdate() + timedelta(9)).isoformat(),
    }
    assert client.post(address, wanted).status_code == 302
    assert "a &lt;b&gt;test&lt;/b&gt;" in client.get(address).content.decode()
    assert address in client.get(f"/lpars/{fleet.lpars['pay01'].pk}/").content.decode()
