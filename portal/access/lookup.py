"""People and teams as a command line names them, and passwords that never stand on one."""

import sys
from getpass import getpass
from pathlib import Path

from django.db.models import Q

from portal.access.models import Team, User
from portal.lib.errors import Invalid


def person_named(username: str) -> User:
    """The person who signs in as `username`. Raises Invalid."""
    person = User.objects.filter(username=username).first()
    if person is None:
        raise Invalid(
            f"There is no person {username}.",
            remedy="Add them with `manage.py add_person`.",
            code="unknown_name",
        )
    return person


def team_named(name: str) -> Team | None:
    """The team of this name or slug; None, which stands for all teams, for an empty name. Raises Invalid."""
    if not name:
        return None
    team = Team.objects.filter(Q(name=name) | Q(slug=name)).first()
    if team is None:
        raise Invalid(
            f"There is no team {name}.", remedy="Add it with `manage.py add_team`.", code="unknown_name"
        )
    return team


def asked_password(file: Path | None) -> str:
    """A password from the first line of a file, else typed twice at a prompt. Raises Invalid."""
    if file is not None:
        try:
            return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(
                f"{file} cannot be read as a password file: {error}.", code="file_not_readable"
            ) from error
    if not sys.stdin.isatty():
        raise Invalid(
            "There is no terminal to ask for the password.",
            remedy="Name a --password-file.",
            code="unknown_name",
        )
    password = getpass("Password: ")
    if getpass("Password again: ") != password:
        raise Invalid("The two passwords differ.", code="passwords_differ")
    return password
