"""What `manage.py check --deploy` says of people whom the demo left behind."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

from portal.access.models import User
from portal.demo.people import PASSWORD, PEOPLE


@register(Tags.security, deploy=True)
def nobody_has_the_demos_password(**_options: Any) -> list[CheckMessage]:
    """Nobody may sign in with a password that stands in the source."""
    try:
        migrated = User._meta.db_table in connection.introspection.table_names()
    except DatabaseError:
        return []  # which another check says
    if not migrated:
        return []
    known = User.objects.filter(is_active=True, username__in=[person.username for person in PEOPLE])
    names = [person.username for person in known if person.check_password(PASSWORD)]
    if not names:
        return []
    return [
        Error(
            f"The demo's people can sign in with the password that everybody knows: {', '.join(names)}.",
            hint="Start with another PORTAL_VAR_DIR or database, or `manage.py deactivate` them.",
            id="portal.E008",
        )
    ]
