"""What the ledger's list can be narrowed by."""

from datetime import date, datetime, time, timedelta
from itertools import groupby

import django_filters
from django.db.models import Q, QuerySet
from django.forms import DateInput
from django.utils.timezone import get_current_timezone

from portal.access.auditing.people import public_ids
from portal.audit.channel import NAMES as CHANNELS
from portal.audit.events import Event
from portal.audit.models import Intake
from portal.audit.outcomes import OUTCOMES
from portal.audit.output_search import Found, find_in_output
from portal.audit.queries import holding


def _family(event: Event) -> str:
    return event.value.partition(".")[0]


EVENTS = [
    (family, [(f"{family}.", f"{family}: all"), *((event.value, event.value) for event in events)])
    for family, events in groupby(sorted(Event, key=_family), _family)
]
"""Every event in the group of its kind, after a choice that means the whole kind."""


class EntryFilter(django_filters.FilterSet):
    """Entries by event, actor, thing, channel, outcome, run, request, act and day; by words; by output."""

    event = django_filters.ChoiceFilter(choices=EVENTS, empty_label="Any", method="of_kind")
    actor = django_filters.CharFilter(method="by_actor", label="By")
    object = django_filters.CharFilter(lookup_expr="startswith", label="About (kind:name)")
    channel = django_filters.ChoiceFilter(choices=[(name, name) for name in CHANNELS], empty_label="Any")
    outcome = django_filters.ChoiceFilter(choices=[(name, name) for name in OUTCOMES], empty_label="Any")
    run = django_filters.NumberFilter()
    request = django_filters.CharFilter()
    action = django_filters.CharFilter(label="Act")
    since = django_filters.DateFilter(
        method="from_day", label="Since", widget=DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        method="to_day", label="Until", widget=DateInput(attrs={"type": "date"})
    )
    words = django_filters.CharFilter(method="with_words", label="Entry holds (newest 100,000)")
    output = django_filters.CharFilter(method="with_output", label="Output holds")

    class Meta:
        model = Intake
        fields: tuple[str, ...] = ()

    folded = ("object", "channel", "outcome", "run", "request", "action")
    """Fields that the page folds away: the facets set most of them."""
    found_in_output: Found | None = None
    """What the search of output came to, once it was made."""

    def of_kind(self, rows: QuerySet[Intake], _name: str, event: str) -> QuerySet[Intake]:
        """Entries of this event, or of every event of a kind (`approval.`)."""
        if not event.endswith("."):
            return rows.filter(event=event)
        return rows.filter(event__in=[each.value for each in Event if each.value.startswith(event)])

    def by_actor(self, rows: QuerySet[Intake], _name: str, words: str) -> QuerySet[Intake]:
        """Entries of people with this name, or of the worker, command or pseudonym that begins so."""
        return rows.filter(Q(actor_id__in=public_ids(words)) | Q(actor_id__startswith=words))

    def with_words(self, rows: QuerySet[Intake], _name: str, words: str) -> QuerySet[Intake]:
        """Entries that hold these words anywhere: an LPAR, a host, a step, part of a command."""
        return holding(rows, words)

    def with_output(self, rows: QuerySet[Intake], _name: str, words: str) -> QuerySet[Intake]:
        """Entries of output that hold these words, among the rows that the other filters leave."""
        self.found_in_output = find_in_output(rows, words)
        return rows.filter(pk__in=self.found_in_output.entries)

    def from_day(self, rows: QuerySet[Intake], _name: str, day: date) -> QuerySet[Intake]:
        """Entries from the beginning of this day on, in the site's zone."""
        return rows.filter(at__gte=_midnight(day))

    def to_day(self, rows: QuerySet[Intake], _name: str, day: date) -> QuerySet[Intake]:
        """Entries up to the end of this day."""
        return rows.filter(at__lt=_midnight(day + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), get_current_timezone())
