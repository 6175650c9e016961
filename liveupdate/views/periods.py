"""Change windows and freezes: the list, one of them, and the editor that shows first what comes of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.periods import may_write, preview, remove_period, visible_periods, write_period
from liveupdate.control.calendar import Kind
from liveupdate.models import StoredPeriod
from liveupdate.pages.forms import ReasonForm
from liveupdate.pages.period_form import PeriodForm, filled_from
from liveupdate.pages.periods import Effects, row_of
from liveupdate.policies import visible_requests
from portal.access.models import User
from portal.access.policies import visible_teams
from portal.access.requests import person_of
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed


def writes_somewhere(person: User) -> bool:
    """Whether a person may change any part of the calendar."""
    return may_write(person, None) or any(may_write(person, team) for team in visible_teams(person))


def require_writer(person: User) -> None:
    """Raise NotAllowed for who may change no part of the calendar."""
    if not writes_somewhere(person):
        raise NotAllowed(
            "You may not change the calendar: this needs the role approver or administrator.",
            remedy="Ask an approver of your team, or an administrator.",
            code="may_not_change_calendar",
        )


class PeriodsView(TemplateView):
    """Every window and freeze that a person may see, with when it takes place next."""

    template_name = "liveupdate/periods.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`freezes`, `windows`, and whether the person may enter one."""
        person, at = person_of(self.request), now()
        rows = [row_of(row, at) for row in visible_periods(person)]
        return super().get_context_data(
            freezes=[row for row in rows if row.stored.kind == Kind.FREEZE],
            windows=[row for row in rows if row.stored.kind == Kind.WINDOW],
            may_write=writes_somewhere(person),
            **kwargs,
        )


class _Editor(TemplateView):
    """A form that is looked at twice: `do=preview` shows what would come of it, `do=save` does it."""

    template_name = "liveupdate/period.html"

    def stored(self, person: User) -> StoredPeriod | None:
        """The period that is changed, None for a new one."""
        return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`stored`, `form`, and `effects` once there is something to tell."""
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, **_address: Any) -> HttpResponse:
        """Show the effects, or save. Raises NotAllowed."""
        person = person_of(request)
        stored, form = self.stored(person), PeriodForm(request.POST, person=person)
        effects = None
        if form.is_valid():
            wish = form.wish()
            try:
                if request.POST.get("do") == "save":
                    version = form.cleaned_data["version"] or 0
                    row = write_period(
                        person, wish, form.cleaned_data["reason"], stored.uid if stored else "", version
                    )
                    messages.success(request, f"The {row} is in the calendar. No request was moved.")
                    return redirect("period", uid=row.uid)
                period, replaced = wish.period(), {stored.uid} if stored else set()
                effects = Effects(period, preview(visible_requests(person), replaced, [period]), now())
            except (Invalid, Conflict) as refused:
                form.add_error(None, f"{refused.message} {refused.remedy}".strip())
        context = self.get_context_data(stored=stored, form=form, effects=effects)
        return self.render_to_response(context, status=200 if effects else 400)


class NewPeriodView(_Editor):
    """Enter a window or a freeze."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """For those who may change some part of the calendar. Raises NotAllowed."""
        require_writer(person_of(request))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """An empty form, of the kind that the address names."""
        kind = Kind.FREEZE if self.request.GET.get("kind") == Kind.FREEZE else Kind.WINDOW
        form = kwargs.pop("form", None) or PeriodForm(
            person=person_of(self.request), initial={"kind": kind.value}
        )
        return super().get_context_data(form=form, **kwargs)


class PeriodView(_Editor):
    """One window or freeze: when it takes place, its versions, and the form for who may change it."""

    def stored(self, person: User) -> StoredPeriod:
        """The one of the address."""
        return get_object_or_404(visible_periods(person), uid=self.kwargs["uid"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The period with its next times and its versions."""
        person, at = person_of(self.request), now()
        stored = self.stored(person)
        form = kwargs.pop("form", None) or PeriodForm(person=person, initial=filled_from(stored))
        writes = may_write(person, stored.team)
        return super().get_context_data(
            **(kwargs | {"stored": stored}),
            row=row_of(stored, at),
            versions=StoredPeriod.objects.filter(uid=stored.uid)
            .select_related("written_by")
            .order_by("-version"),
            form=form if writes else None,
            remove_form=ReasonForm(prefix="remove") if writes else None,
            removal=preview(visible_requests(person), {stored.uid}, []) if writes else [],
        )


class RemovePeriodView(View):
    """Take a window or a freeze out of the calendar."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, uid: str) -> HttpResponse:
        """Do it. Raises NotAllowed, Conflict, Invalid."""
        person = person_of(request)
        get_object_or_404(visible_periods(person), uid=uid)
        version = request.POST.get("version", "")
        reason = request.POST.get("remove-reason", "") or request.POST.get("reason", "")
        row = remove_period(person, uid, int(version) if version.isdigit() else 0, reason)
        messages.success(request, f"The {row} is out of the calendar. No request was moved.")
        return redirect("periods")
