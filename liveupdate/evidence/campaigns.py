"""Compares campaigns, their waves and what spoke against them with what was entered of each."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.actions.campaign_steps import place_of
from liveupdate.actions.campaigns import terms_of
from liveupdate.actions.requests import asked_in
from liveupdate.models import Campaign, CampaignSign, CampaignTarget
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values


class CampaignWishes(RowComparison[str]):
    """What a campaign asks for, how it goes about it, and whose it is, against `campaign.create`."""

    events = frozenset({Event.CAMPAIGN_CREATE})

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the campaign's number."""
        data = {name: value for name, value in document["d"].items() if name not in ("state", "lpars")}
        return document["sub"]["campaign"], tuple(data[name] for name in sorted(data))

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Every campaign."""
        for row in Campaign.objects.select_related("owner").order_by("pk").iterator():
            data = {**asked_in(row), **terms_of(row), "owner": row.owner.public_id}
            yield row.number, tuple(data[name] for name in sorted(data))

    def name(self, key: str) -> str:
        """Campaign C-000012."""
        return f"Campaign {key}"


class CampaignStates(RowComparison[str]):
    """Where a campaign stands, against the newest entry that moved it."""

    events = frozenset(
        {
            Event.CAMPAIGN_CREATE,
            Event.CAMPAIGN_PLAN,
            Event.CAMPAIGN_START,
            Event.CAMPAIGN_HALT,
            Event.CAMPAIGN_RESUME,
            Event.CAMPAIGN_FINISH,
            Event.CAMPAIGN_WITHDRAW,
        }
    )

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the campaign's number."""
        return document["sub"]["campaign"], (document["d"]["state"],)

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Every campaign."""
        for row in Campaign.objects.order_by("pk").iterator():
            yield row.number, (str(row.state),)

    def name(self, key: str) -> str:
        """The state of campaign C-000012."""
        return f"The state of campaign {key}"


class CampaignPlaces(RowComparison[str]):
    """A request's campaign, wave and release, against `campaign.join`, `.release` or `.hold`."""

    events = frozenset({Event.CAMPAIGN_JOIN, Event.CAMPAIGN_RELEASE, Event.CAMPAIGN_HOLD})

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the request's number."""
        subject, data = document["sub"], document["d"]
        members = (data["wave"], data["canary"], data["apart"], data["released"])
        return subject["request"], (subject["campaign"], subject["lpar"], *members)

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Every LPAR of a campaign that was asked for."""
        rows = CampaignTarget.objects.exclude(request=None).select_related(
            "campaign", "lpar__host", "request"
        )
        for row in rows.defer("request__findings").order_by("pk").iterator():
            assert row.request is not None
            yield row.request.number, (row.campaign.number, row.lpar.name, *place_of(row).values())

    def name(self, key: str) -> str:
        """The place of request R-000104 in its campaign."""
        return f"The place of request {key} in its campaign"


class CampaignSigns(RowComparison[int]):
    """What spoke against going on, against `campaign.sign`."""

    events = frozenset({Event.CAMPAIGN_SIGN})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the sign's id."""
        data = document["d"]
        return data["sign"], (document["sub"]["campaign"], data["signal"], data["message"], data.get("run"))

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every sign."""
        for row in CampaignSign.objects.select_related("campaign").order_by("pk").iterator():
            yield row.pk, (row.campaign.number, str(row.signal), row.message, row.run_id)

    def name(self, key: int) -> str:
        """Sign 7 of a campaign."""
        return f"Sign {key} of a campaign"
