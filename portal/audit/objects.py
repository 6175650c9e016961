"""The one thing that an entry is about, for asking what happened to it before and after."""

from collections.abc import Mapping

MOST = 200
KINDS = (
    *("campaign", "period", "policy", "template", "delegation", "token", "filter", "agent"),
    *("host", "lpar", "user", "file", "team"),
)
"""Members of a subject that name a thing of their own, the one that tells most first."""


def object_of(subject: Mapping[str, str | int]) -> str:
    """`kind:name` of what a subject is about first of all, as in `lpar:pay01`; empty where it names none."""
    for kind in KINDS:
        if subject.get(kind):
            return f"{kind}:{subject[kind]}"[:MOST]
    return ""
