"""Write down whom to tell what by mail, in the transaction of what it tells of; see `mailing.py`."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from liveupdate.control.notices import INFORMATION, Occasion, Summary, letter
from liveupdate.models import Campaign, MailChoice, Notice, Request, Run, StoredReport
from portal.access.models import User
from portal.lib.clock import now

AT_ONCE = timedelta()


def tell(
    occasion: Occasion,
    people: Iterable[User],
    about: Request | Campaign | StoredReport,
    *,
    reasons: Sequence[str] = (),
    matter: str = "",
    run: Run | None = None,
    only_while: str = "",
    after: timedelta = AT_ONCE,
) -> None:
    """Tell each of these people once, in the caller's transaction.

    `matter` tells two occasions of the same kind apart, besides a request's version. `after` is how long
    the mail waits for being overtaken: with `only_while` it is not sent when that state is over by then.
    People without an address, inactive ones, and those who do without this kind are left out.
    """
    version = about.version if isinstance(about, Request) else 0
    written = letter(occasion, summary_of(about, run), reasons, address_of_choices())
    name = ":".join((occasion.value, about.number, str(version), matter))
    Notice.objects.bulk_create(
        [
            Notice(
                key=f"{name}:{person.pk}",
                person=person,
                occasion=occasion,
                request=about if isinstance(about, Request) else None,
                campaign=about if isinstance(about, Campaign) else None,
                report=about if isinstance(about, StoredReport) else None,
                run=run,
                version=version,
                only_while=only_while,
                subject=written.subject,
                text=written.text,
                try_at=now() + after,
            )
            for person in _who_wants(occasion, people)
        ],
        ignore_conflicts=True,
    )


def choose_mail(person: User, *, actions_only: bool) -> None:
    """Whether a person does without mails on which nobody has to act."""
    MailChoice.objects.update_or_create(person=person, defaults={"actions_only": actions_only})


def _who_wants(occasion: Occasion, people: Iterable[User]) -> list[User]:
    reachable = [person for person in people if person.email and person.is_active]
    if occasion not in INFORMATION:
        return reachable
    without = MailChoice.objects.filter(person__in=reachable, actions_only=True)
    silent = set(without.values_list("person_id", flat=True))
    return [person for person in reachable if person.pk not in silent]


def address_of_choices() -> str:
    """Where people say what they want to hear of."""
    return _address(reverse("notices"))


def summary_of(about: Request | Campaign | StoredReport, run: Run | None = None) -> Summary:
    """What a mail says of what it is about."""
    if isinstance(about, Request):
        return _of_request(about, run)
    return _of_campaign(about) if isinstance(about, Campaign) else _of_report(about)


def _of_request(request: Request, run: Run | None) -> Summary:
    facts = {
        "What": request.what,
        "LPAR": f"{request.lpar.name}, team {request.team.name}",
        "Asked by": str(request.requester),
        "Window": _window(request),
        "Why": request.reason,
    }
    return Summary(request.number, request.lpar.name, facts, _address((run or request).get_absolute_url()))


def _of_campaign(campaign: Campaign) -> Summary:
    facts = {
        "What": campaign.what,
        "LPARs": str(campaign.targets.exclude(wave=None).count()),
        "Owned by": str(campaign.owner),
        "Window": _window(campaign),
        "Why": campaign.reason,
    }
    return Summary(campaign.number, campaign.name, facts, _address(campaign.get_absolute_url()))


def _of_report(report: StoredReport) -> Summary:
    facts = {
        "About": f"{report.begin:%Y-%m-%d %H:%M} to {report.end:%Y-%m-%d %H:%M} UTC",
        "Team": report.team.name if report.team else "all teams",
        "Ledger": f"{report.ledger_size} entries, root {report.ledger_root}",
        "Digest": report.digest,
    }
    return Summary(report.number, report.title, facts, _address(report.get_absolute_url()))


def _window(wished: Request | Campaign) -> str:
    return f"{wished.starts_at:%Y-%m-%d %H:%M} to {wished.ends_at:%Y-%m-%d %H:%M} UTC"


def _address(path: str) -> str:
    return f"{settings.PORTAL_URL.rstrip('/')}{path}"
