"""`manage.py bill_of_materials`: what the portal is made of, for those who look after supply chains."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.env import BASE_DIR
from portal.runner.materials import cyclone_dx, materials


class Command(BaseCommand):
    """Print every installed package that the portal needs."""

    help = "Print the packages that the portal needs, as they are installed: CycloneDX 1.6 (JSON)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which form."""
        parser.add_argument("--licences", action="store_true", help="name, version and licence, one a line")

    def handle(self, *, licences: bool, **_options: Any) -> None:
        """Print it."""
        found = materials(BASE_DIR / "requirements.txt")
        if licences:
            self.stdout.write("\n".join(f"{each.name} {each.version}\t{each.licence}" for each in found))
        else:
            self.stdout.write(json.dumps(cyclone_dx(found), indent=1))
