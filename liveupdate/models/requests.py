"""Requests, the plans rendered for them, and people's decisions on plans."""

from django.db import models
from django.urls import reverse

from inventory.models import Lpar
from liveupdate.control.policy import ChangeClass
from liveupdate.control.reasons import Reason, reason_in
from liveupdate.control.ruling import FACTORS, RISKS
from liveupdate.models.policies import PolicyVersion
from liveupdate.models.standard_changes import StandardChange
from liveupdate.procedures.catalogue import title_of
from liveupdate.states import RequestState, Verdict
from portal.access.models import Team, User


class Wished(models.Model):
    """What is asked for: a procedure with what it has to be told, the reasons, and a change window.

    `consents` names the privileged preparations that the requester allows (remove_ifixes, …).
    `choices` holds what else the procedure asks for, by the name of the Ask (lines for many values).
    """

    procedure = models.CharField(max_length=40)
    media = models.CharField(max_length=300, blank=True)
    target_level = models.CharField(max_length=20, blank=True)
    choices = models.JSONField(default=dict, blank=True)
    consents = models.JSONField(default=list, blank=True)
    reason = models.TextField()
    impact = models.TextField(blank=True)
    fallback = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def what(self) -> str:
        """What is asked for, in words: the procedure and the level afterwards."""
        title = title_of(self.procedure)
        return f"{title}, to {self.target_level}" if self.target_level else title


class Request(Wished):
    """A team asks for an update of one of its LPARs inside a window.

    `version` rises with every edit, so a decision on an older reading is refused. A worker that
    plans holds `planning_until`; when that lies behind, another one may take over. `findings` and
    `verdict` are what the newest look said, also when no plan came of it. `held_by` holds the reasons that
    keep an approved request from its start in its window, since `held_since`. `change`, `risk`,
    `environment`, `policy` (empty: the shipped one) and `template` are as they were when it was last
    handed in: by these terms it is decided.
    """

    lpar = models.ForeignKey(Lpar, on_delete=models.PROTECT, related_name="requests")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="requests")
    requester = models.ForeignKey(User, on_delete=models.PROTECT, related_name="requests")
    last_editor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    editors = models.ManyToManyField(User, blank=True, related_name="+")
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in RequestState], default=RequestState.DRAFT
    )
    state_reason = models.TextField(blank=True)
    held_by = models.JSONField(default=list, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    planning_until = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(default=list, blank=True)
    verdict = models.CharField(
        max_length=20, choices=[(v.value, v.value) for v in Verdict], default=Verdict.UNKNOWN
    )
    change = models.CharField(
        max_length=10, choices=[(c.value, c.value) for c in ChangeClass], default=ChangeClass.NORMAL
    )
    risk = models.CharField(max_length=10, choices=[(risk, risk) for risk in RISKS], default=RISKS[-1])
    risk_reasons = models.JSONField(default=list, blank=True)
    environment = models.CharField(max_length=20, blank=True)
    policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    template = models.ForeignKey(
        StandardChange, on_delete=models.PROTECT, null=True, blank=True, related_name="requests"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    plan = models.ForeignKey(
        "liveupdate.Plan", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"], name="request_state")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The request's page."""
        return reverse("request", args=[self.pk])

    @property
    def number(self) -> str:
        """The number that people quote, e.g. `R-000104`."""
        return f"R-{self.pk:06d}"

    @property
    def holds(self) -> list[Reason]:
        """Why it is approved and yet held; empty where it is not."""
        return [reason_in(said) for said in self.held_by] if self.state == RequestState.APPROVED else []

    @property
    def waits(self) -> bool:
        """Whether something may stand in its way that others hold: it is blocked, or approved and held."""
        return self.state == RequestState.BLOCKED or bool(self.holds)

    @property
    def shown_state(self) -> str:
        """The state as lists show it: `held` where an approved request is kept from its start."""
        return "held" if self.holds else self.state


class Plan(models.Model):
    """A procedure rendered for one LPAR: frozen canonical JSON with its digest, and what it rests on.

    `basis` is what the LPAR was like in the fields that drift rules speak of (`control/drift.py`).
    `likeness` is shared by plans that are equal but for their target; lists group by it, decisions on a
    group work it out anew.
    """

    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, related_name="plans", null=True, blank=True
    )
    lpar = models.ForeignKey(Lpar, on_delete=models.PROTECT, related_name="plans")
    procedure = models.CharField(max_length=40)
    document = models.TextField()
    digest = models.CharField(max_length=71, db_index=True)
    likeness = models.CharField(max_length=71, blank=True)
    summary = models.TextField()
    findings = models.JSONField(default=list)
    verdict = models.CharField(max_length=20, choices=[(v.value, v.value) for v in Verdict])
    facts_read_at = models.DateTimeField()
    basis = models.JSONField(default=dict, blank=True)
    rendered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.procedure} for {self.lpar} {self.digest[:19]}"


class Approval(models.Model):
    """One person's decision on one plan digest; withdrawing it is a further row.

    `CHANGE` hands the request back to its requester as a draft, whose next plan needs decisions anew.
    `stage` counts from 0 in the rule of the request; `factor` is what proved who they are.
    """

    class Decision(models.TextChoices):
        """What was decided."""

        APPROVE = "approve", "approved"
        REJECT = "reject", "rejected"
        CHANGE = "change", "change asked for"
        WITHDRAW = "withdraw", "withdrawn"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="approvals")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    on_behalf_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stage = models.PositiveSmallIntegerField(default=0)
    digest = models.CharField(max_length=71)
    factor = models.CharField(
        max_length=14, choices=[(factor, factor) for factor in FACTORS], default=FACTORS[0]
    )
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.person} {self.decision} {self.digest[:19]}"
