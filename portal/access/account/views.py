"""The page of one's own account."""

from typing import Any

from django.views.generic import TemplateView

from portal.access.requests import person_of
from portal.access.second_factor.actions import second_factor_of
from portal.access.step_up import must_enrol


class AccountView(TemplateView):
    """How one signs in."""

    template_name = "access/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`factor`, `must_enrol`, `codes_left`."""
        factor = second_factor_of(person_of(self.request))
        return super().get_context_data(
            factor=factor,
            must_enrol=must_enrol(self.request),
            codes_left=factor.recovery_codes.filter(used_at=None).count() if factor else 0,
            **kwargs,
        )
