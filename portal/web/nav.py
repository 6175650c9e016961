"""The main menu: what it holds, and who sees what of it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: `name` of its address; `roles` that see it, empty for everyone who is signed in;
    `count` names the address of a number that the page fetches after it was shown.

    The menu only leaves out what a person has no use for; each page decides on rights by itself.
    """

    name: str
    label: str
    icon: str
    group: str = ""
    roles: frozenset[str] = frozenset()
    count: str = ""

    @property
    def count_url(self) -> str:
        """Where the number is; empty where there is none."""
        return _url(self.count) if self.count else ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is shown on one page."""

    item: Item
    url: str
    current: bool


_WATCHERS = frozenset({"operator", "auditor", "administrator"})
ITEMS = (
    Item("dashboard", "Dashboard", "layout-dashboard"),
    Item("requests", "Requests", "file-text"),
    Item("approvals", "Approvals", "stamp", roles=frozenset({"approver"}), count="approval-count"),
    Item("runs", "Runs", "play"),
    Item("calendar", "Calendar", "calendar-days"),
    Item("campaigns", "Campaigns", "waves-horizontal"),
    Item("leftovers", "Leftovers", "package-open"),
    Item("policy", "Policy", "scale", "Control"),
    Item("delegations", "Delegations", "users", "Control", frozenset({"approver", *_WATCHERS})),
    Item("standard-changes", "Standard changes", "stamp", "Control"),
    Item("emergencies", "Emergencies", "siren", "Control"),
    Item("deadlines", "Deadlines", "calendar-clock", "Control"),
    Item("lpars", "LPARs", "server", "Fleet"),
    Item("fleet", "Tree", "list-tree", "Fleet"),
    Item("systems", "Managed systems", "cpu", "Fleet"),
    Item("readiness", "Readiness", "grid-3x3", "Fleet"),
    Item("compliance", "Compliance", "gauge", "Fleet"),
    Item("advisories", "Advisories", "shield-alert", "Fleet"),
    Item("checks", "Checks", "list-checks", "Fleet"),
    Item("signatures", "Failures", "search-x", "Fleet"),
    Item("agents", "Agents", "circle-pause", "Fleet"),
    Item("hosts", "Hosts", "network", "Fleet", _WATCHERS),
    Item("schedules", "Refresh", "timer", "Fleet", _WATCHERS),
    Item("discoveries", "Discovery", "radar", "Fleet", _WATCHERS),
    Item("import-hosts", "Import", "upload", "Fleet", frozenset({"administrator"})),
    Item("outside-changes", "Outside changes", "unplug", "Evidence"),
    Item(
        "access-reviews", "Access reviews", "user-check", "Evidence", frozenset({"auditor", "administrator"})
    ),
    Item("reports", "Reports", "chart-column", "Evidence"),
    Item("audit", "Audit", "scroll-text", "Evidence", frozenset({"auditor", "administrator"})),
    Item("people", "People", "users", "Evidence", frozenset({"auditor", "administrator"})),
)


def links(path: str, roles: Collection[str]) -> list[Link]:
    """The menu for someone with `roles` on the page at `path`; pages that do not exist are left out."""
    shown = [(item, _url(item.name)) for item in ITEMS if not item.roles or item.roles & set(roles)]
    present = [(item, url) for item, url in shown if url]
    matching = [url for _, url in present if path == url or (url != "/" and path.startswith(url))]
    current = max(matching, key=len, default="")
    return [Link(item, url, url == current) for item, url in present]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
