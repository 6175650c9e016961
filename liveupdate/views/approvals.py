"""The inbox of decisions, and the decisions themselves."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.approvals import approve, ask_for_change, reject, withdraw_approval
from liveupdate.actions.approvals_together import approve_alike
from liveupdate.models import Request
from liveupdate.pages.forms import AlikeForm, ApproveForm, ChangeForm, ReasonForm, RejectForm, values_of
from liveupdate.pages.inbox import NOTHING, SHELVES, Entry, inbox_of, own_of
from liveupdate.pages.proof_first import proofs_first
from liveupdate.pages.rereading import rereading_of
from liveupdate.pages.review import RELATED, review_of
from liveupdate.policies import visible_requests
from liveupdate.queries import waiting_for
from liveupdate.states import RequestState
from portal.access.models import User
from portal.access.requests import person_of
from portal.access.step_up import factor_of
from portal.access.unsent import confirm_first, kept_when_interrupted
from portal.lib.errors import Conflict
from portal.web.problems import wants_problem


class ApprovalsView(TemplateView):
    """What waits for this person, for others, what they decided and asked for; one of it open for reading."""

    template_name = "liveupdate/approvals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`shelves`, the `shelf` that is shown with its `entries`, and the review of the one that is open."""
        person = person_of(self.request)
        inbox = inbox_of(person)
        shelf = self.request.GET.get("show", "waiting")
        shelf = shelf if shelf in SHELVES else "waiting"
        wanted = self.request.GET.get("open", "")
        picked = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
        entries = inbox.shelves[shelf]
        entry = inbox.entry_of(picked) or (entries[0] if entries else None)
        shelves = [(name, title, inbox.count(name)) for name, title in SHELVES.items()]
        return super().get_context_data(
            shelves=shelves,
            shelf=shelf,
            entries=entries,
            entry=entry,
            chosen=bool(picked),
            nothing=NOTHING[shelf],
            **(self._review(person, entry, picked or entry.first.pk) if entry else {}),
            **kwargs,
        )

    def _review(self, person: User, entry: Entry, request_id: int) -> dict[str, Any]:
        rows = visible_requests(person).select_related(*RELATED)
        asked = get_object_or_404(rows, pk=request_id)
        own = own_of(entry, asked) if entry.others else {}
        alike = [(each, own.get(each.pk, {})) for each in entry.requests]
        shown = review_of(person, asked, self.request.GET.get("against", ""))
        return {"alike": alike, **shown, **proofs_first(self.request, shown)}


class ApprovalCountView(View):
    """How many decisions wait for this person, for the menu."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The number, or nothing."""
        waiting = len(waiting_for(person_of(request)))
        return render(request, "liveupdate/approval_count.html", {"waiting": waiting})


class DecisionView(View):
    """Approve, reject, ask for a change, or take an approval back; the digest of the page is part of it."""

    http_method_names = ["post"]
    verb = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide, and go on with what waits next, or back to the request."""
        get_object_or_404(visible_requests(request.user), pk=pk)
        person = person_of(request)
        if self.verb == "withdraw":
            withdraw_approval(person, pk, values_of(ReasonForm(request.POST))["reason"])
            messages.success(request, "Your approval is taken back.")
            return redirect("request", pk=pk)
        try:
            messages.success(request, self._decide(person, pk))
        except Conflict as conflict:
            return self._reread(pk, conflict)
        if request.POST.get("then") == "inbox":
            following = inbox_of(person).after(pk)
            return redirect(reverse("approvals") + (f"?open={following.pk}" if following else ""))
        still_seen = visible_requests(request.user).filter(pk=pk).exists()
        return redirect("request", pk=pk) if still_seen else redirect("approvals")

    def _decide(self, person: User, pk: int) -> str:
        """Decide; what to say of it."""
        factor = factor_of(self.request)
        match self.verb:
            case "approve":
                confirm_first(self.request, "approve", self.request.POST.get("plan_digest", ""), ["comment"])
                wanted = values_of(ApproveForm(self.request.POST))
                shown = {"version": wanted["version"], "factor": factor}
                digest, comment = wanted["plan_digest"], wanted["comment"]
                with kept_when_interrupted(self.request, "approve", digest, {"comment": comment}):
                    approve(person, pk, digest, comment, **shown)
                return _approved(Request.objects.get(pk=pk))
            case "change":
                wanted = values_of(ChangeForm(self.request.POST))
                shown = {"version": wanted["version"], "factor": factor}
                ask_for_change(person, pk, wanted["plan_digest"], wanted["reason"], **shown)
                return f"{Request(pk=pk).number}: back with the requester, who sees what has to change."
        wanted = values_of(RejectForm(self.request.POST))
        shown = {"version": wanted["version"], "factor": factor}
        reject(person, pk, wanted["plan_digest"], wanted["reason"], **shown)
        return f"{Request(pk=pk).number}: rejected. The requester sees your reason."

    def _reread(self, pk: int, conflict: Conflict) -> HttpResponse:
        """What changed since the page was read that this decision was made on, where that is why."""
        shown = ApproveForm(self.request.POST)
        shown.is_valid()
        asked = visible_requests(self.request.user).select_related(*RELATED).get(pk=pk)
        digest, version = shown.cleaned_data.get("plan_digest", ""), shown.cleaned_data.get("version")
        rereading = rereading_of(asked, digest, version)
        if rereading is None or wants_problem(self.request):
            raise conflict
        context = {"asked": asked, "conflict": conflict, "rereading": rereading}
        return render(self.request, "liveupdate/decision_conflict.html", context, status=409)


class ApproveAlikeView(View):
    """Approve several plans that are equal but for their target, of which one was read."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Decide on each, and list what came of it."""
        person = person_of(request)
        *_, read = request.POST.get("read", "").split(":", 2)
        confirm_first(request, "approve-alike", read, ["comment"])
        wanted = values_of(AlikeForm(request.POST))
        said = (wanted["read"][0], wanted["picked"], wanted["comment"])
        digest, typed = wanted["read"][0].plan_digest, {"comment": wanted["comment"]}
        with kept_when_interrupted(request, "approve-alike", digest, typed):
            outcomes = approve_alike(person, *said, factor=factor_of(request))
        rows = visible_requests(person).filter(pk__in=[each.picked.request_id for each in outcomes])
        requests = {row.pk: row for row in rows.select_related("lpar__host").defer("findings")}
        listed = [(requests.get(each.picked.request_id), each) for each in outcomes]
        context = {"outcomes": listed, "approved": sum(not each.refused for each in outcomes)}
        return render(request, "liveupdate/decided_together.html", context)


def _approved(request: Request) -> str:
    """What to say of an approval, which may not be the last that is needed."""
    if request.state == RequestState.APPROVED:
        return f"{request.number}: approved. It starts when its change window is open."
    return f"{request.number}: your approval counts. It starts when the others are there too."
