"""Takes an erased person's names out of what this room keeps in words: mails, notes, files of reports.

What people typed themselves stays theirs; the ledger holds no names and is not touched.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import Model

from liveupdate.models import Campaign, MailChoice, Notice, Request, RunEvent, StoredReport
from portal.access.models import User

WORDED: tuple[tuple[type[Model], str], ...] = (
    (Notice, "text"),
    (Request, "state_reason"),
    (Campaign, "state_reason"),
)
"""Rows in which the portal writes who did something, and where."""


def erase_names(person: User) -> None:
    """Remove mails to the person, and put `User.erased_name` in place of their name."""
    Notice.objects.filter(person=person).delete()
    MailChoice.objects.filter(person=person).delete()
    name = re.compile(rf"(?<!\w){re.escape(str(person))}(?!\w)")
    for model, field in WORDED:
        for pk, text in _with(model, field, str(person)):
            model._default_manager.filter(pk=pk).update(**{field: name.sub(person.erased_name, text)})
    for pk, data in _with(RunEvent, "data", str(person), "data__text__icontains"):
        RunEvent.objects.filter(pk=pk).update(
            data=data | {"text": name.sub(person.erased_name, data["text"])}
        )
    _erase_in_reports(person)


def _erase_in_reports(person: User) -> None:
    """The document itself holds pseudonyms; its PDF is made anew when somebody asks for it."""
    for row in StoredReport.objects.filter(people__has_key=person.public_id).only("people"):
        row.people[person.public_id] = person.erased_name
        StoredReport.objects.filter(pk=row.pk).update(people=row.people, pdf=None)
    StoredReport.objects.filter(asked_by=person).update(pdf=None)


def _with(model: type[Model], field: str, name: str, lookup: str = "") -> Iterator[tuple[int, Any]]:
    rows = model._default_manager.filter(**{lookup or f"{field}__contains": name})
    return iter(list(rows.values_list("pk", field)))
