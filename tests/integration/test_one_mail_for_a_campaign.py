"""Who has to decide on many requests of one campaign gets one mail, with a link to each."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from liveupdate.actions.approvals import approve
from liveupdate.actions.campaigns import submit_planned
from liveupdate.actions.mailing import remind, send_waiting
from liveupdate.actions.notices import tell
from liveupdate.control.notices import Occasion
from liveupdate.models import Campaign, Notice, Request
from portal.lib.clock import now
from tests.campaign_world import World, make_world, requests_of

pytestmark = [pytest.mark.django_db, pytest.mark.deep]


@pytest.fixture
def world() -> World:
    return make_world(5)


@pytest.fixture
def campaign(world: World) -> Campaign:
    campaign = world.planned(world.campaign())
    digests = {one.pk: one.plan.digest for one in requests_of(campaign) if one.plan}
    submit_planned(world.fleet.ana, campaign.pk, digests)
    return campaign


def link(request: Request) -> str:
    return f"{request.number} {request.lpar}: http://localhost:8000{request.get_absolute_url()}\n"


def subjects() -> list[tuple[str, str]]:
    return sorted((message.to[0], str(message.subject)) for message in mail.outbox)


def test_each_decider_gets_one_mail_with_every_link(world: World, campaign: Campaign) -> None:
    alone = world.fleet.submitted()
    assert Notice.objects.filter(occasion=Occasion.TO_DECIDE).count() == 12
    send_waiting()
    said = f"{campaign.number} Spring service pack: each of 5 requests waits for your decision"
    alone_said = f"{alone.number} pay01: waits for your decision"
    assert subjects() == sorted(
        (f"{name}@example.test", subject) for name in ("bo", "ivy") for subject in (said, alone_said)
    )
    [first, _] = [message.body for message in mail.outbox if message.subject == said]
    assert all(link(request) in first for request in requests_of(campaign))
    assert f"All of the campaign: http://localhost:8000{campaign.get_absolute_url()}" in first
    assert not Notice.objects.filter(sent_at=None).exists()
    assert send_waiting() == 0 and len(mail.outbox) == 4


def test_what_was_decided_meanwhile_is_left_out(world: World, campaign: Campaign) -> None:
    decided, *others = requests_of(campaign)
    assert decided.plan
    approve(world.fleet.ivy, decided.pk, decided.plan.digest)
    send_waiting()
    asked = [each for each in mail.outbox if "each of 4 requests waits for your decision" in each.subject]
    assert len(asked) == 2
    for message in asked:
        assert link(decided) not in message.body and all(link(other) in message.body for other in others)


def test_reminders_come_together_with_what_each_is_reminded_of(campaign: Campaign) -> None:
    send_waiting()
    mail.outbox.clear()
    Notice.objects.update(created_at=now() - timedelta(days=60))
    remind()
    send_waiting()
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "each of 5 requests still waits for a decision" in message.subject
        assert message.body.count(" of the time to its change window is over.") == 5


def test_reasons_stay_with_their_request(world: World, campaign: Campaign) -> None:
    Notice.objects.all().delete()
    one, other, *_ = requests_of(campaign)
    tell(Occasion.HELD, [world.fleet.ana], one, reasons=["The disk is busy.\nR-1: http://evil.test"])
    tell(Occasion.HELD, [world.fleet.ana], other, reasons=["The system is full."])
    send_waiting()
    [message] = mail.outbox
    assert f"{link(one)}  The disk is busy. R-1: http://evil.test\n{link(other)}  The system is full.\n" in (
        message.body
    )


def test_a_mail_that_fails_is_sent_again_as_the_same(campaign: Campaign, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_waiting()
    failed = Notice.objects.exclude(problem="")
    assert failed.count() == 5 and {each.attempts for each in failed} == {1}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    ids = []
    for _ in range(2):
        Notice.objects.update(sent_at=None, try_at=now() - timedelta(seconds=1))
        send_waiting()
        ids.append(sorted(message.extra_headers["Message-ID"] for message in mail.outbox))
        mail.outbox.clear()
    assert ids[0] == ids[1] and len(set(ids[0])) == 2
