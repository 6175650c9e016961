"""What the list of people can be narrowed by."""

import django_filters
from django.db.models import QuerySet

from portal.access.auditing.people import people_named
from portal.access.models import Membership, Team, User
from portal.access.roles import Role


class PersonFilter(django_filters.FilterSet):
    """People by name, role and team."""

    q = django_filters.CharFilter(method="search", label="Name")
    role = django_filters.ChoiceFilter(
        method="with_role", choices=Role.choices, label="Role", empty_label="Any"
    )
    team = django_filters.ModelChoiceFilter(
        method="of_team", queryset=Team.objects.all(), label="Team", empty_label="Any"
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[User], _name: str, words: str) -> QuerySet[User]:
        """People whose name or sign-in holds the words."""
        return rows.filter(pk__in=people_named(words).values("pk"))

    def with_role(self, rows: QuerySet[User], _name: str, role: str) -> QuerySet[User]:
        """People who have the role somewhere."""
        return rows.filter(pk__in=Membership.objects.filter(role=role).values("user"))

    def of_team(self, rows: QuerySet[User], _name: str, team: Team) -> QuerySet[User]:
        """People who have a role in the team."""
        return rows.filter(pk__in=Membership.objects.filter(team=team).values("user"))
