"""Where what a report speaks of has its page."""

from urllib.parse import quote

from django.urls import reverse

from liveupdate.records.reports import SEE_ALL
from liveupdate.reports.formats.view import Links
from portal.access.models import User
from portal.access.policies import roles


def links_for(person: User) -> Links:
    """Links to the pages that this person may open; the ledger's are for auditors and administrators."""
    sees_ledger = bool(roles(person, None) & SEE_ALL)

    def link(kind: str, name: str) -> str:
        if kind == "entries":
            return _entry(name) if sees_ledger else ""
        return _page(kind, name)

    return link


def _entry(places: str) -> str:
    return reverse("audit-entry", args=[int(places.partition("-")[0])])


def _page(kind: str, name: str) -> str:
    number = name.upper().removeprefix("R-")
    if kind in ("run", "request") and number.isascii() and number.isdigit():
        return reverse(kind, args=[int(number)])
    if kind == "lpar" and name:
        return reverse("lpar", args=[int(name)]) if name.isdigit() else f"{reverse('lpars')}?q={quote(name)}"
    return ""
