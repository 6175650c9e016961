"""Campaigns: many requests that are rolled out together, wave by wave."""

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from inventory.models import Lpar
from liveupdate.models.requests import Request, Wished
from liveupdate.models.runs import Run
from liveupdate.states import CampaignState, Signal
from portal.access.models import User


class Campaign(Wished):
    """The same work on many LPARs, in waves; it approves nothing: each request has its own plan and approval.

    A wave is released when the one before is over and `soak_minutes` have passed. It halts when
    `failures_most` runs have failed, or one canary; when a blackout was longer than `blackout_s` seconds
    (0: whatever it was); when contact is lost for `contact_minutes`. `clusters` are lines `NAME: LPAR, LPAR`
    of LPARs that are never updated at once, `applications_apart` says the same of one application's.
    `rooms` is what each managed system had for surrogates (MB) when the waves were planned, and `waves_least`
    a number of waves that no plan could have done with fewer than.
    """

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="campaigns")
    canaries_most = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    soak_minutes = models.PositiveIntegerField(default=60, validators=[MaxValueValidator(7 * 24 * 60)])
    failures_most = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    blackout_s = models.PositiveIntegerField(default=60)
    contact_minutes = models.PositiveIntegerField(default=15, validators=[MinValueValidator(1)])
    clusters = models.TextField(blank=True)
    applications_apart = models.BooleanField(default=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in CampaignState], default=CampaignState.DRAFT
    )
    state_reason = models.TextField(blank=True)
    rooms = models.JSONField(default=dict, blank=True)
    waves_least = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"], name="campaign_state")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The campaign's page."""
        return reverse("campaign", args=[self.pk])

    @property
    def number(self) -> str:
        """The number that people quote, e.g. `C-000012`."""
        return f"C-{self.pk:06d}"

    @property
    def newest_sign(self) -> int:
        """The newest thing that speaks against going on: who decides says that they know it. 0 without."""
        return self.signs.order_by("-pk").values_list("pk", flat=True).first() or 0

    @property
    def soak(self) -> timedelta:
        """How long a wave is watched after its last run has ended."""
        return timedelta(minutes=self.soak_minutes)


class CampaignTarget(models.Model):
    """One LPAR of a campaign, and its request once it was asked for.

    `wave` counts from 1; empty while the LPAR has no place, and `why` says why it has none, or this one.
    `apart` are the keys it is kept apart by, `traits` and `unknown` its fingerprint when waves were planned.
    `released_at` is when its request was let go; a halt takes that back while its run has not begun.
    `hold` is the reason for which it still waits, empty where it waits for nothing.
    `judged_at` is when its ended run was examined for what speaks against going on; `compared_at` is when
    the facts were read that were last compared with what was approved.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="targets")
    lpar = models.ForeignKey(Lpar, on_delete=models.PROTECT, related_name="campaign_targets")
    request = models.OneToOneField(
        Request, on_delete=models.PROTECT, null=True, blank=True, related_name="campaign_target"
    )
    wave = models.PositiveSmallIntegerField(null=True, blank=True)
    canary = models.BooleanField(default=False)
    why = models.TextField(blank=True)
    apart = models.JSONField(default=list, blank=True)
    traits = models.JSONField(default=list, blank=True)
    unknown = models.JSONField(default=list, blank=True)
    need_memory_mb = models.PositiveBigIntegerField(null=True, blank=True)
    need_cores = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    hold = models.JSONField(default=dict, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["campaign", "wave", "lpar__host__name"]
        constraints = [models.UniqueConstraint(fields=["campaign", "lpar"], name="campaign_target_once")]

    def __str__(self) -> str:
        return f"{self.lpar} in {self.campaign}"


class CampaignSign(models.Model):
    """Something that speaks against going on, found on a run or said by a person; answered by a resumption.

    A failure weighs only with others, unless it is a canary's; everything else halts by itself.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="signs")
    signal = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Signal])
    target = models.ForeignKey(
        CampaignTarget, on_delete=models.PROTECT, null=True, blank=True, related_name="signs"
    )
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, null=True, blank=True, related_name="campaign_signs"
    )
    message = models.TextField()
    found_at = models.DateTimeField(auto_now_add=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "signal", "run"], name="campaign_sign_once")
        ]

    def __str__(self) -> str:
        return f"{self.signal}: {self.message}"
