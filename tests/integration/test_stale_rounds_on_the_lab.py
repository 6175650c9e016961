"""Restarts round by round in the lab until nothing is left but what people accepted by name."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.acceptances import accept_stale
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Leftover, Run
from liveupdate.pages.stale import next_round, stale_after
from liveupdate.states import RunState
from portal.audit.actor import Actor
from tests.lab_estate import Estate, import_lab

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.deep, pytest.mark.timeout(400)]


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=2000) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Estate:
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.1, 1
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    monkeypatch.setattr("liveupdate.procedures.stale_restarts.STOP_PATIENCE_S", 2)
    return import_lab(lab)


def ran(estate: Estate, procedure: str, **wish: Any) -> Run:
    run = start_run(estate.approved("pay01", procedure=procedure, **wish).pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def left(run: Run) -> set[str]:
    return {row.stale.name for row in stale_after(run) if row.accepted is None}


def test_two_rounds_then_acceptance(estate: Estate) -> None:
    nothing = {"media": "", "target_level": ""}
    assert ran(estate, "local_live_update").state in (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE)

    estate.lab.fault("pay01", "keeps_running")
    first = ran(estate, "restart_stale", **nothing)
    estate.lab.clear("pay01")
    assert first.state == RunState.SUCCEEDED_WITH_RESIDUE
    offer = next_round(first.lpar, stale_after(first))
    assert offer.may_help and "1 of at most 3 rounds" in offer.text
    assert "portmap" in left(first)

    second = ran(estate, "restart_stale", **nothing)
    assert left(second) - {"sshd"} == {"paysrv", "paybatch"}
    page = Client()
    page.force_login(estate.owner)
    shown = page.get(reverse("run", args=[second.pk])).content.decode()
    assert "No plan starts these again: paybatch, paysrv" in shown and "Accept by name" in shown

    until = localdate() + timedelta(days=5)
    for name in left(second):
        accept_stale(estate.owner, second.lpar_id, name, reason="restarts on Sunday", good_until=until)
    offer = next_round(second.lpar, stale_after(second))
    assert not offer.may_help and "accepted by name" in offer.text

    third = ran(estate, "restart_stale", **nothing)
    assert third.state == RunState.SUCCEEDED, third.outcome
    lpar = Lpar.objects.get(host__name="pay01")
    look_at(lpar_with_hosts(lpar.pk), Actor.worker("w1"))
    assert "paysrv" in Leftover.objects.get(kind="stale_libraries", closed_at=None).text
