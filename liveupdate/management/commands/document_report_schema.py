"""`manage.py document_report_schema`: the schema of a report's JSON, as docs/report.schema.json holds it."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from liveupdate.reports.formats.schema import report_schema


class Command(BaseCommand):
    """Print it."""

    help = "Print the JSON Schema of reports; docs/report.schema.json holds it."

    def handle(self, **_options: Any) -> None:
        """Print it."""
        self.stdout.write(json.dumps(report_schema(), ensure_ascii=False, indent=1))
