"""Section 11: who may do what, who has not been here for long, and when somebody last went through that."""

from collections import Counter
from datetime import timedelta

from liveupdate.models import AccessReview
from liveupdate.reports.document import Column, ColumnType, Figure, Row, Section, Table
from liveupdate.reports.source import Source
from portal.audit.signs import last_sign_ins
from portal.lib.clock import rfc3339

STALE_AFTER = timedelta(days=90)
REVIEW_WITHIN = timedelta(days=365)
PEOPLE = (
    Column("person", "Person", ColumnType.PERSON),
    Column("roles", "Roles", ColumnType.TEXTS),
    Column("last_at", "Last signed in", ColumnType.TIME),
    Column("stale", "Longer ago than 90 days", ColumnType.YES_NO),
)
ROLES = (Column("role", "Role"), Column("people", "People", ColumnType.NUMBER))
REVIEWS = (
    Column("at", "When", ColumnType.TIME),
    Column("by", "By", ColumnType.PERSON),
    Column("people", "People gone through", ColumnType.NUMBER),
    Column("roles_digest", "Roles as they were", ColumnType.DIGEST),
    Column("conclusion", "Concluded"),
)
BREAK_GLASS = "emergency"


def section(source: Source) -> Section:
    """Active people by role, their last sign-in, failed sign-ins, and the reviews of access."""
    events = source.by_type
    signed = last_sign_ins(source.standing.size)
    rows, by_role, stale, emergency = [], Counter[str](), 0, 0
    for public_id, person in sorted(source.population.history.people.items()):
        if not person["active"] or not person["roles"]:
            continue
        held = sorted({(each["role"], each["team"]) for each in person["roles"]})
        by_role.update({role for role, _ in held})
        emergency += any(role == BREAK_GLASS for role, _ in held)
        last = signed.get(public_id)
        is_stale = last is None or source.cut - last > STALE_AFTER
        stale += is_stale
        words = tuple(f"{role} of {team or 'all teams'}" for role, team in held)
        rows.append(Row((public_id, words, rfc3339(last) if last else "", is_stale)))
    reviews = list(
        AccessReview.objects.filter(reviewed_at__lte=source.until).select_related("by").order_by("-pk")[:20]
    )
    last_review = reviews[0].reviewed_at if reviews else None
    overdue = last_review is None or source.cut - last_review > REVIEW_WITHIN
    return Section(
        11,
        "access",
        "Access",
        "Roles as they stood at the checkpoint, by the ledger; of the whole site, whatever the filter.",
        figures=(
            Figure("access.people", "Active people with a role", len(rows)),
            Figure(
                "access.stale", "Not signed in for 90 days", stale, denominator="active people with a role"
            ),
            Figure("access.emergency", "May open emergencies", emergency),
            Figure("access.failed", "Failed sign-ins", events.get("auth.fail", 0)),
            Figure("access.locked_out", "Lock-outs", events.get("auth.lockout", 0)),
            Figure("access.sessions", "Sign-ins", events.get("auth.ok", 0)),
            Figure(
                "access.reviewed_at",
                "Last review of access",
                rfc3339(last_review) if last_review else "",
                ColumnType.TIME,
            ),
            Figure("access.review_overdue", "No review within a year", int(overdue), must_be=0),
        ),
        tables=(
            Table(
                "access.roles",
                "People by role",
                ROLES,
                tuple(map(Row, sorted(by_role.items()))),
                "active people",
            ),
            Table("access.people", "People", PEOPLE, tuple(rows), "active people with a role"),
            Table(
                "access.reviews",
                "Reviews",
                REVIEWS,
                tuple(
                    Row(
                        (
                            rfc3339(each.reviewed_at),
                            each.by.public_id,
                            each.people,
                            each.roles_digest,
                            each.conclusion,
                        )
                    )
                    for each in reviews
                ),
                "the newest 20 up to the checkpoint",
            ),
        ),
    )
