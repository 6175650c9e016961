"""Campaigns: the list, the form with every LPAR's eligibility, the page, and what people do there."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views import View
from django.views.generic import FormView, TemplateView

from inventory.filters import LparFilter
from inventory.policies import visible_lpars
from liveupdate.actions import campaigns as acts
from liveupdate.models import Campaign
from liveupdate.pages.campaign import sight_of
from liveupdate.pages.campaign_form import CampaignForm, CanariesForm, Chosen, chosen_lpars
from liveupdate.pages.filters import CampaignFilter
from liveupdate.pages.forms import ReasonForm, ResumeForm, values_of
from liveupdate.pages.procedure_choice import chosen, procedures_by_purpose
from liveupdate.pages.request_form import kept
from liveupdate.pages.tables import CampaignTable
from liveupdate.policies import may_request, requesting_teams, teams_of, visible_campaigns, why_not_resume
from liveupdate.queries import with_sizes
from liveupdate.records.subjects import LOCAL_LIVE_UPDATE
from liveupdate.states import CAMPAIGN_OPEN, CampaignState, RequestState
from liveupdate.views.requests import WINDOW
from portal.access.models import User
from portal.access.policies import roles
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.lib.errors import Invalid, NotAllowed
from portal.web.lists import ListView

MOVING = {CampaignState.PLANNED, CampaignState.RUNNING, CampaignState.HALTED}


class CampaignListView(ListView):
    """The campaigns with an LPAR that the person may see."""

    template_name = "liveupdate/campaigns.html"
    table_class = CampaignTable
    filterset_class = CampaignFilter
    heading = "Campaigns"
    lead = "The same work on many LPARs, wave by wave"
    empty = "There is no campaign yet. Begin one with the LPARs that it is for."
    export_name = "campaigns"

    def get_queryset(self) -> QuerySet[Campaign]:
        """With how many LPARs and waves they have."""
        return with_sizes(visible_campaigns(self.request.user))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, and whether the person may begin one."""
        return super().get_context_data(may_ask=_asks(person_of(self.request)), **kwargs)


class NewCampaignView(FormView[CampaignForm]):
    """Begin a campaign: what to do, on which LPARs, and how."""

    template_name = "liveupdate/campaign_form.html"
    form_class = CampaignForm
    chosen: Chosen | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Requesters of some team only."""
        if not _asks(person_of(request)):
            raise NotAllowed(
                "You may not begin a campaign: you ask for updates of no team.",
                remedy="Ask an administrator for the role App owner in the team.",
                code="not_a_requester",
            )
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """A window that starts now, the LPARs of the filter in the address, and what was filled in before."""
        opens = timezone.localtime().replace(second=0, microsecond=0)
        usual = {"starts_at": opens, "ends_at": opens + WINDOW, "lpars": self._filtered()}
        names = ("name", "lpars", "clusters")
        told = {name: self.request.GET[name] for name in names if self.request.GET.get(name)}
        return usual | kept(self.request.GET) | told

    def get_form_kwargs(self) -> dict[str, Any]:
        """The procedure, and the LPARs as far as they are named."""
        asked = chosen(self.request, LOCAL_LIVE_UPDATE)
        if self.request.method == "POST":
            text = self.request.POST.get("lpars", "")
            self.chosen = chosen_lpars(person_of(self.request), text, asked.name)
        return {**super().get_form_kwargs(), "asked": asked, "chosen": self.chosen}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The procedures to choose from, and the LPARs with why they cannot be taken."""
        context = super().get_context_data(chosen=self.chosen, **kwargs)
        return context | {"purposes": procedures_by_purpose(), "procedure": context["form"].asked}

    def form_valid(self, form: CampaignForm) -> HttpResponse:
        """Show the LPARs first where that was asked for; else begin the campaign."""
        assert self.chosen is not None
        if "look" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        try:
            campaign = acts.create_campaign(
                person_of(self.request),
                [lpar.pk for lpar in self.chosen.eligible],
                form.wish(),
                form.terms(),
                counted=form.cleaned_data.get("counted"),
            )
        except Invalid as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        return redirect(campaign)

    def _filtered(self) -> str:
        """The names of the LPARs that the filter in the address leaves; none without a filter."""
        lpars = visible_lpars(self.request.user)
        filtered = LparFilter(self.request.GET, queryset=lpars, request=self.request)
        if not filtered.is_valid() or not any(self.request.GET.get(name) for name in filtered.filters):
            return ""
        return "\n".join(filtered.qs.values_list("host__name", flat=True)[: acts.MOST_LPARS])


class CampaignView(TemplateView):
    """One campaign: waves, what each LPAR waits for, halts, coverage, and the picture in time."""

    template_name = "liveupdate/campaign.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`sight`, and what this person may do."""
        person = person_of(self.request)
        own = visible_campaigns(person).select_related("owner")
        campaign = get_object_or_404(own, pk=self.kwargs["pk"])
        return super().get_context_data(
            campaign=campaign,
            sight=sight_of(campaign, person),
            teams=teams_of(campaign),
            moving=campaign.state in MOVING,
            **_offers(person, campaign),
            **kwargs,
        )


class CampaignActionView(View):
    """A step of a person: canaries, plan, submit, start, halt, resume, withdraw."""

    http_method_names = ["post"]
    verb = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it and go back to the campaign."""
        campaign = get_object_or_404(visible_campaigns(request.user), pk=pk)
        person = person_of(request)
        match self.verb:
            case "canaries":
                form = CanariesForm(request.POST)
                values_of(form)
                acts.choose_canaries(person, pk, form.names())
            case "plan":
                acts.plan_campaign(person, pk)
            case "submit":
                count = acts.submit_planned(person, pk, _digests(request))
                messages.success(request, f"{count} submitted. The approvers see them in their inbox.")
            case "start":
                acts.start_campaign(person, pk)
            case "halt":
                acts.halt_campaign(person, pk, values_of(ReasonForm(request.POST))["reason"])
            case "resume":
                acts.require_resumer(person, campaign)
                acts.resume_campaign(person, pk, **values_of(ResumeForm(request.POST)))
            case "withdraw":
                acts.withdraw_campaign(person, pk, values_of(ReasonForm(request.POST))["reason"])
        return redirect("campaign", pk=pk)


def _digests(request: HttpRequest) -> dict[int, str]:
    """The plans that were shown: `plan` holds REQUEST=DIGEST, once for each."""
    pairs = [text.partition("=") for text in request.POST.getlist("plan")]
    return {int(key): value for key, _, value in pairs if key.isascii() and key.isdigit() and len(key) < 19}


def _asks(person: User) -> bool:
    teams = requesting_teams(person)
    return teams is None or bool(teams)


def _offers(person: User, campaign: Campaign) -> dict[str, Any]:
    """What this person may do with the campaign now, and why not where somebody might expect it."""
    state, teams = CampaignState(campaign.state), teams_of(campaign)
    mine = all(may_request(person, team) for team in teams)
    halters = {Role.REQUESTER, Role.APPROVER, Role.OPERATOR}
    may_halt = any(roles(person, team) & halters for team in teams)
    starters = {Role.REQUESTER, Role.OPERATOR}
    may_start = all(roles(person, team) & starters for team in teams)
    why_not = why_not_resume(person, campaign) if state is CampaignState.HALTED else ""
    canaries = campaign.targets.filter(canary=True).values_list("lpar__host__name", flat=True)
    draft = mine and state is CampaignState.DRAFT
    return {
        "canaries_form": CanariesForm(initial={"canaries": ", ".join(canaries)}) if draft else None,
        "may_plan": draft,
        "to_submit": _to_submit(campaign) if mine and state in CAMPAIGN_OPEN else [],
        "may_start": may_start and state is CampaignState.PLANNED,
        "halt_form": ReasonForm() if may_halt and state is CampaignState.RUNNING else None,
        "resume_form": ResumeForm(initial={"sign": campaign.newest_sign})
        if state is CampaignState.HALTED and not why_not
        else None,
        "why_not_resume": why_not,
        "withdraw_form": ReasonForm() if mine and state in CAMPAIGN_OPEN else None,
    }


def _to_submit(campaign: Campaign) -> list[tuple[int, str]]:
    """Requests whose plans are ready, with the plans' digests."""
    ready = campaign.targets.filter(request__state=RequestState.PLANNED, request__plan__isnull=False)
    return list(ready.values_list("request", "request__plan__digest"))
