"""Pages of requests as a person opens them, and forms as a person sends them."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from portal.lib.clock import now
from tests.fleet import MEDIA, TARGET, Fleet


def opened(fleet: Fleet, person: str, address: str) -> str:
    """The page as this person reads it."""
    client = Client()
    client.force_login(fleet.people[person])
    return text_of(client.get(address))


def sent(fleet: Fleet, person: str, address: str, **fields: Any) -> Any:
    """The answer to this person's form."""
    client = Client()
    client.force_login(fleet.people[person])
    return client.post(address, fields)


def text_of(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def words_of(page: str) -> str:
    """What a reader reads: no tags, single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1]).split())


def forms_of(page: str) -> set[str]:
    """The forms that do something to a request; everybody concerned may compare and comment."""
    return set(re.findall(r'<form[^>]*\bid="([^"]+)"', page)) - {"sign-out", "compare", "comment"}


def wish(**changes: str) -> dict[str, str]:
    """What the form of a request is filled in with."""
    moment = now()
    values = {
        "procedure": "local_live_update",
        "media": MEDIA,
        "target_level": TARGET,
        "reason": "Security fixes",
        "impact": "",
        "fallback": "",
        "starts_at": f"{moment:%Y-%m-%dT%H:%M}",
        "ends_at": f"{moment + timedelta(hours=3):%Y-%m-%dT%H:%M}",
    }
    return values | changes
