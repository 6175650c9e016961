"""Names of the people whom the ledger knows by pseudonym."""

import re
from collections.abc import Iterable

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from portal.access.models import User
from portal.audit.models import Intake

PSEUDONYM = re.compile(r"\bu_[0-9a-f]{8}\b")


def named(text: str) -> str:
    """A text of the portal with people's names in place of pseudonyms."""
    found = set(PSEUDONYM.findall(text))
    if not found:
        return text
    names = {each.public_id: str(each) for each in User.objects.filter(public_id__in=found)}
    return PSEUDONYM.sub(lambda match: names.get(match[0], match[0]), text)


def unnamed(text: str, people: Iterable[User]) -> str:
    """A text of the portal as the ledger holds it: these people by pseudonym."""
    for person in people:
        text = re.sub(rf"\b{re.escape(str(person))}\b", person.public_id, text)
    return text


def with_names(rows: QuerySet[Intake]) -> QuerySet[Intake]:
    """`rows` with `actor_name`: the person's name where the actor is a person that still exists."""
    full = NullIf(Trim(Concat("first_name", Value(" "), "last_name")), Value(""))
    people = User.objects.filter(public_id=OuterRef("actor_id")).annotate(shown=Coalesce(full, F("username")))
    return rows.annotate(actor_name=Subquery(people.values("shown")[:1]))


def people_named(words: str) -> QuerySet[User]:
    """People whose name or sign-in holds the words."""
    people = User.objects.annotate(shown=Concat("first_name", Value(" "), "last_name"))
    return people.filter(Q(shown__icontains=words) | Q(username__icontains=words))


def public_ids(words: str) -> list[str]:
    """Pseudonyms of at most 100 people whose name or sign-in holds the words."""
    return list(people_named(words).values_list("public_id", flat=True)[:100])
