"""The list of people."""

import django_tables2 as tables

from portal.access.models import User
from portal.web.tables import MONO, NameColumn, PortalTable, StateColumn, WhenColumn


class PersonTable(PortalTable):
    """People with their roles; the queryset brings `memberships` with their teams, and `state`."""

    caption = "People"
    person = NameColumn(
        accessor="pk", linkify=("person", [tables.A("pk")]), order_by=("first_name", "last_name", "username")
    )
    username = tables.Column(verbose_name="Signs in as", attrs=MONO)
    roles = tables.Column(empty_values=(), orderable=False)
    state = StateColumn()
    last_login = WhenColumn(short=True, verbose_name="Last sign-in")
    public_id = tables.Column(verbose_name="In the ledger", attrs=MONO)

    def render_person(self, record: User) -> str:
        """The name."""
        return str(record)

    def render_roles(self, record: User) -> str:
        """Every role with where it is held, those for all teams first."""
        held = sorted(record.memberships.all(), key=lambda each: str(each.team or ""))
        return (
            ", ".join(f"{each.get_role_display()} of {each.team or 'all teams'}" for each in held) or "none"
        )
