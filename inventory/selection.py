"""Which LPARs a command is about: named ones, those of teams or environments, or all in service."""

from argparse import ArgumentParser
from typing import Any

from inventory.models import Lpar
from portal.access.models import Team
from portal.lib.errors import Invalid


def add_selection(parser: ArgumentParser) -> None:
    """The arguments from which `selected` chooses."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="an LPAR")
    parser.add_argument("--all", action="store_true", help="every LPAR that is in service")
    parser.add_argument("--team", action="append", default=[], metavar="TEAM", help="those of a team (slug)")
    parser.add_argument(
        "--environment", action="append", default=[], metavar="NAME", help="those of an environment"
    )


def selected(options: dict[str, Any]) -> list[Lpar]:
    """The LPARs in order of their names; names and the rest exclude each other.

    Raises Invalid for names and teams that nothing has.
    """
    names, teams, environments = options["names"], options["team"], options["environment"]
    if names and (options["all"] or teams or environments):
        raise Invalid("LPARs were named, and a group too.", remedy="Name LPARs, or a group, or --all.")
    rows = Lpar.objects.select_related("host", "team").order_by("host__name")
    if names:
        found = {lpar.name: lpar for lpar in rows.filter(host__name__in=names)}
        _refuse_missing("LPAR", [name for name in names if name not in found])
        return [found[name] for name in dict.fromkeys(names)]
    rows = rows.in_service()
    if teams:
        known = Team.objects.filter(slug__in=teams)
        _refuse_missing("team", sorted(set(teams) - {team.slug for team in known}))
        rows = rows.filter(team__in=known)
    if environments:
        rows = rows.filter(environment__in=environments)
    return list(rows)


def _refuse_missing(what: str, missing: list[str]) -> None:
    if missing:
        raise Invalid(f"There is no {what} {', '.join(missing)}.")
