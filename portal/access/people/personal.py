"""What administrators decide of a person's data: legal hold and erasure."""

from contextlib import nullcontext

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View

from portal.access.factors import Factor
from portal.access.models import User
from portal.access.personal.deciding import Administrator
from portal.access.personal.erasure import ask_erasure, confirm_erasure, withdraw_erasure
from portal.access.personal.holds import ask_end_of_hold, end_hold, set_hold
from portal.access.policies import require
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.access.second_factor.actions import second_factor_of
from portal.access.step_up import require_proof
from portal.access.unsent import kept_when_interrupted

ERASURE_FORM, HOLD_FORM = "ask-erasure", "set-hold"


class PersonalAct(View):
    """An act of an administrator, who proves that it is them by the strongest that they have.

    With `once` the proof is for this act on this person alone. `form` names a form with a reason, which is
    not lost while the proof is given.
    """

    http_method_names = ["post"]
    once = ""
    form = ""
    done = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it and go back to the person. Raises NotAllowed, StepUpNeeded, Invalid, Conflict."""
        user = person_of(request)
        require(user, {Role.ADMINISTRATOR}, None, "decide of a person's data")
        person = get_object_or_404(User, pk=pk)
        wanted = Factor.SECOND_FACTOR if second_factor_of(user) else Factor.PASSWORD
        typed = {"reason": self.reason()}
        with kept_when_interrupted(request, self.form, str(pk), typed) if self.form else nullcontext():
            require_proof(request, wanted, f"{self.once}-{pk}" if self.once else "")
        self.act(person, Administrator(user, wanted))
        messages.success(request, self.done)
        return redirect("person", pk=pk)

    def act(self, person: User, by: Administrator) -> None:
        """Do it."""
        raise NotImplementedError

    def reason(self) -> str:
        """What was typed."""
        return self.request.POST.get("reason", "")


class AskErasureView(PersonalAct):
    """Ask for the erasure."""

    form = ERASURE_FORM
    done = "Asked for. Another administrator has to confirm it."

    def act(self, person: User, by: Administrator) -> None:
        """Ask."""
        ask_erasure(person, self.reason(), by=by)


class WithdrawErasureView(PersonalAct):
    """Take the asking back."""

    done = "Taken back: the person stays as they are."

    def act(self, person: User, by: Administrator) -> None:
        """Take it back."""
        withdraw_erasure(person, by=by)


class ConfirmErasureView(PersonalAct):
    """Erase for good what another administrator asked for."""

    once = "confirm-erasure"
    done = "Erased. The ledger holds a pseudonym that nobody can tell any more."

    def act(self, person: User, by: Administrator) -> None:
        """Erase."""
        confirm_erasure(person, by=by)


class SetHoldView(PersonalAct):
    """Set a legal hold."""

    form = HOLD_FORM
    done = "Held: nobody can erase this person until two administrators end the hold."

    def act(self, person: User, by: Administrator) -> None:
        """Set it."""
        set_hold(person, self.reason(), by=by)


class AskEndOfHoldView(PersonalAct):
    """Ask for the end of a legal hold."""

    done = "Asked for. Another administrator has to confirm it."

    def act(self, person: User, by: Administrator) -> None:
        """Ask."""
        ask_end_of_hold(person, by=by)


class EndHoldView(PersonalAct):
    """End a legal hold, as another administrator asked."""

    once = "end-hold"
    done = "The legal hold is over."

    def act(self, person: User, by: Administrator) -> None:
        """End it."""
        end_hold(person, by=by)
