"""Campaigns as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from liveupdate.api.reasons import ReasonSerializer
from liveupdate.control.reasons import Reason
from liveupdate.models import Campaign, CampaignSign
from liveupdate.pages.campaign import CampaignSight
from liveupdate.policies import possible_resumers, teams_of, why_not_resume
from liveupdate.states import CampaignState, Signal, WaveState
from portal.access.api.texts import NamedText
from portal.access.models import User
from portal.web.api.fields import one_of

Name = serializers.StringRelatedField[Any]


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """A campaign as lists show it. `waves_least`: no plan could have done with fewer waves."""

    number = serializers.CharField(help_text="What people quote, e.g. C-000012.")
    owner = Name()
    state = one_of(CampaignState)
    lpars = serializers.IntegerField(help_text="How many LPARs have a place in a wave.")
    waves = serializers.IntegerField(allow_null=True, help_text="How many waves there are.")
    page = serializers.CharField(source="get_absolute_url", help_text="The address of its page.")

    class Meta:
        model = Campaign
        fields = [
            *("id", "number", "name", "owner", "state", "state_reason", "procedure", "media"),
            *("target_level", "starts_at", "ends_at", "lpars", "waves", "waves_least", "created_at", "page"),
        ]
        read_only_fields = fields


class MemberSerializer(serializers.Serializer[Any]):
    """One LPAR of a campaign: `hold` is what it waits for, `no_slot` why it will find no time and when it
    would. `state` is the run's, else the request's, else `draft`.
    """

    lpar = serializers.IntegerField(source="target.lpar_id")
    lpar_name = serializers.CharField(source="target.lpar.name")
    team = serializers.CharField(source="target.lpar.team.slug")
    managed_system = serializers.CharField(source="target.lpar.managed_system.name")
    canary = serializers.BooleanField(source="target.canary")
    state = serializers.CharField()
    request = serializers.IntegerField(source="target.request_id", allow_null=True)
    run = serializers.IntegerField(source="run.pk", allow_null=True, default=None)
    released_at = serializers.DateTimeField(source="target.released_at", allow_null=True)
    need_memory_mb = serializers.IntegerField(source="target.need_memory_mb", allow_null=True)
    need_cores = serializers.DecimalField(
        source="target.need_cores", max_digits=8, decimal_places=3, allow_null=True
    )
    why = serializers.CharField(source="target.why", help_text="Why it is in this wave.")
    hold = ReasonSerializer(allow_null=True)
    no_slot = ReasonSerializer(allow_null=True)


class WaveSerializer(serializers.Serializer[Any]):
    """Those that go at once. From `begins` to `ends` they were under way, or are expected to be."""

    number = serializers.IntegerField()
    canary = serializers.BooleanField()
    state = one_of(WaveState)
    begins = serializers.DateTimeField(allow_null=True)
    ends = serializers.DateTimeField(allow_null=True)
    lpars = MemberSerializer(source="rows", many=True)


class LeftOutSerializer(serializers.Serializer[Any]):
    """LPARs without a place, and why."""

    why = serializers.CharField()
    lpars = serializers.ListField(child=serializers.CharField())


class CoverageSerializer(serializers.Serializer[Any]):
    """Whom the canaries stand for; `missing` has what of the others none of them has, and who has it."""

    covered = serializers.ListField(child=serializers.CharField())
    total = serializers.IntegerField()
    missing = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    sentence = serializers.CharField()


class SignSerializer(serializers.ModelSerializer[CampaignSign]):
    """What speaks against going on, and the decision that answered it."""

    signal = one_of(Signal)
    message = NamedText(read_only=True)
    lpar_name = serializers.CharField(source="target.lpar.name", allow_null=True, default=None)
    run = serializers.IntegerField(source="run_id", allow_null=True)
    answered_by = Name(allow_null=True)

    class Meta:
        model = CampaignSign
        fields = [
            *("id", "signal", "message", "lpar_name", "run", "found_at"),
            *("answered_by", "answered_at", "answer"),
        ]
        read_only_fields = fields


class CampaignDetailSerializer(CampaignSerializer):
    """A campaign with its waves. `hidden` counts the LPARs of teams that one does not see."""

    teams = serializers.SerializerMethodField()
    waves = serializers.SerializerMethodField()  # type: ignore[assignment]  # a list here, there a number
    left_out = serializers.SerializerMethodField()
    hidden = serializers.SerializerMethodField()
    coverage = serializers.SerializerMethodField()
    signs = serializers.SerializerMethodField()
    can_resume = serializers.SerializerMethodField(help_text="Who could decide that it goes on.")
    why_not_resume = serializers.SerializerMethodField(help_text="Why one may not; null if one may.")

    class Meta(CampaignSerializer.Meta):
        fields = [
            *(name for name in CampaignSerializer.Meta.fields if name != "waves"),
            *("reason", "canaries_most", "soak_minutes", "failures_most", "blackout_s", "contact_minutes"),
            *("clusters", "applications_apart", "teams", "waves", "left_out", "hidden", "coverage", "signs"),
            *("can_resume", "why_not_resume"),
        ]
        read_only_fields = fields

    @property
    def sight(self) -> CampaignSight:
        """The same as on the page."""
        sight = self.context["sight"]
        assert isinstance(sight, CampaignSight)
        return sight

    def get_teams(self, campaign: Campaign) -> list[str]:
        """Their slugs."""
        return [team.slug for team in teams_of(campaign)]

    @extend_schema_field(WaveSerializer(many=True))
    def get_waves(self, campaign: Campaign) -> Any:
        """In their order."""
        return WaveSerializer(self.sight.waves, many=True).data

    @extend_schema_field(LeftOutSerializer(many=True))
    def get_left_out(self, campaign: Campaign) -> Any:
        """By the reason."""
        return [
            {"why": why, "lpars": [target.lpar.name for target in targets]}
            for why, targets in self.sight.left_out.items()
        ]

    def get_hidden(self, campaign: Campaign) -> int:
        """How many."""
        return self.sight.hidden

    @extend_schema_field(CoverageSerializer)
    def get_coverage(self, campaign: Campaign) -> Any:
        """By the fingerprints that the LPARs had when the waves were planned."""
        return CoverageSerializer(self.sight.coverage).data

    @extend_schema_field(SignSerializer(many=True))
    def get_signs(self, campaign: Campaign) -> Any:
        """Those that nobody has answered first."""
        return SignSerializer([*self.sight.open_signs, *self.sight.answered_signs], many=True).data

    def get_can_resume(self, campaign: Campaign) -> list[str]:
        """Their names; nobody while it is not halted."""
        halted = campaign.state == CampaignState.HALTED
        return [str(person) for person in possible_resumers(campaign)] if halted else []

    @extend_schema_field(ReasonSerializer(allow_null=True))
    def get_why_not_resume(self, campaign: Campaign) -> Any:
        """By the rule that the decision itself asks."""
        person = self.context["request"].user
        assert isinstance(person, User)
        refused = why_not_resume(person, campaign)
        return ReasonSerializer(Reason("may_not_resume", refused)).data if refused else None
