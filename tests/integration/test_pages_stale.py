"""The page of processes on replaced libraries, acceptances by name, and the sign-off of a run."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from liveupdate.actions.acceptances import accept_stale
from liveupdate.models import Run, SignOff, StaleAcceptance
from liveupdate.records.clone_records import clone_record_of
from liveupdate.states import RunState
from portal.audit.models import Intake
from portal.lib.clock import now
from portal.lib.errors import Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def signed_in(fleet: Fleet, name: str) -> Client:
    client = Client()
    client.force_login(getattr(fleet, name))
    return client


def test_an_acceptance_counts_for_its_lpar_and_stands_in_the_ledger(fleet: Fleet) -> None:
    client = signed_in(fleet, "ana")
    lpar = fleet.lpars["pay01"]
    page = reverse("lpar-stale", args=[lpar.pk])
    assert client.get(page).status_code == 200
    until = localdate() + timedelta(days=30)
    answer = client.post(page, {"name": "paysrv", "reason": "restarts on Sunday", "good_until": until})
    assert answer.status_code == 302
    (given,) = StaleAcceptance.objects.all()
    assert (given.name, given.lpar, given.by, given.good_until) == ("paysrv", lpar, fleet.ana, until)
    assert Intake.objects.filter(event="stale.accept").count() == 1


def test_what_may_not_be_accepted(fleet: Fleet) -> None:
    lpar, until = fleet.lpars["pay01"], localdate() + timedelta(days=1)
    with pytest.raises(NotAllowed):
        accept_stale(fleet.kim, lpar.pk, "paysrv", reason="no", good_until=until)
    with pytest.raises(Invalid):
        accept_stale(fleet.ana, lpar.pk, "pay srv; rm", reason="no", good_until=until)
    with pytest.raises(Invalid):
        accept_stale(fleet.ana, lpar.pk, "paysrv", reason="no", good_until=localdate() - timedelta(days=1))
    with pytest.raises(Invalid):
        accept_stale(fleet.ana, fleet.lpars["web01"].pk, "httpd", reason="no", good_until=until)
    assert not StaleAcceptance.objects.exists()


def test_the_way_back_stays_until_a_person_signs_the_run_off(fleet: Fleet) -> None:
    run = fleet.queued()
    client = signed_in(fleet, "ana")
    page = reverse("run", args=[run.pk])
    assert "Sign the run off" not in client.get(page).content.decode()
    assert "is not over" in clone_record_of(run.lpar).needed_for
    Run.objects.filter(pk=run.pk).update(state=RunState.SUCCEEDED, started_at=now(), ended_at=now())
    assert "Sign the run off" in client.get(page).content.decode()
    assert "Nobody has signed off" in clone_record_of(run.lpar).needed_for
    assert "Sign the run off" not in signed_in(fleet, "kim").get(page).content.decode()
    wanted = {"reason": "payroll ran", "keep_days": "14"}
    assert client.post(reverse("sign-off-run", args=[run.pk]), wanted).status_code == 302
    (signed,) = SignOff.objects.all()
    assert signed.by == fleet.ana and signed.keep_until == localdate() + timedelta(days=14)
    assert f"until {signed.keep_until}" in clone_record_of(run.lpar).needed_for
    assert Intake.objects.filter(event="run.sign_off").count() == 1
    assert client.post(reverse("sign-off-run", args=[run.pk]), wanted).status_code == 409
    SignOff.objects.update(keep_until=localdate())
    assert clone_record_of(run.lpar).needed_for == ""
