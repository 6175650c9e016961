"""The page of one's own account."""

from typing import Any

from django.views.generic import TemplateView

from portal.access.models.sessions import row_key
from portal.access.requests import person_of
from portal.access.second_factor.actions import second_factor_of
from portal.access.sessions import sessions_of
from portal.access.step_up import must_enrol
from portal.access.tokens import tokens_of


class AccountView(TemplateView):
    """How one signs in, where one is signed in, and the tokens of one's programs."""

    template_name = "access/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`factor`, `must_enrol`, `codes_left`, `tokens`, `sessions`, and the key of this one."""
        person = person_of(self.request)
        factor = second_factor_of(person)
        return super().get_context_data(
            factor=factor,
            must_enrol=must_enrol(self.request),
            codes_left=factor.recovery_codes.filter(used_at=None).count() if factor else 0,
            sessions=sessions_of(person),
            tokens=tokens_of(person),
            here=row_key(self.request.session.session_key),
            **kwargs,
        )
