"""What the ledger's list can be narrowed by."""

from datetime import date, datetime, time, timedelta

import django_filters
from django.db.models import Q, QuerySet
from django.forms import DateInput
from django.utils.timezone import get_current_timezone

from portal.access.auditing.people import public_ids
from portal.audit.events import Event
from portal.audit.models import Intake
from portal.audit.queries import holding

EVENTS = [(event.value, event.value) for event in Event]


class EntryFilter(django_filters.FilterSet):
    """Entries by event, actor, words, run, request and day."""

    event = django_filters.ChoiceFilter(choices=EVENTS, empty_label="Any")
    actor = django_filters.CharFilter(method="by_actor", label="By")
    words = django_filters.CharFilter(method="with_words", label="Holds (newest 100,000)")
    run = django_filters.NumberFilter()
    request = django_filters.CharFilter()
    since = django_filters.DateFilter(
        method="from_day", label="Since", widget=DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        method="to_day", label="Until", widget=DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = Intake
        fields: tuple[str, ...] = ()

    def by_actor(self, rows: QuerySet[Intake], _name: str, words: str) -> QuerySet[Intake]:
        """Entries of people with this name, or of the worker, command or pseudonym that begins so."""
        return rows.filter(Q(actor_id__in=public_ids(words)) | Q(actor_id__startswith=words))

    def with_words(self, rows: QuerySet[Intake], _name: str, words: str) -> QuerySet[Intake]:
        """Entries that hold these words anywhere: an LPAR, a host, a step, part of a command."""
        return holding(rows, words)

    def from_day(self, rows: QuerySet[Intake], _name: str, day: date) -> QuerySet[Intake]:
        """Entries from the beginning of this day on, in the site's zone."""
        return rows.filter(at__gte=_midnight(day))

    def to_day(self, rows: QuerySet[Intake], _name: str, day: date) -> QuerySet[Intake]:
        """Entries up to the end of this day."""
        return rows.filter(at__lt=_midnight(day + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), get_current_timezone())
