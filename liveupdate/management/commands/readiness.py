"""`manage.py readiness NAME`: the findings for one LPAR with their evidence, and the verdict."""

from typing import Any

from django.core.management.base import CommandParser

from inventory.actions.facts import stored_facts
from liveupdate.actions.looks import named_lpar
from liveupdate.finding_document import finding_document
from liveupdate.queries import usual_media
from liveupdate.readiness.catalogue import assess
from liveupdate.states import Verdict
from liveupdate.subjects import LOCAL_LIVE_UPDATE, subject_of_lpar
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 ready or ready with actions, 1 not possible or unknown."""

    help = "Say whether a Live Update of an LPAR is possible, from the facts read last."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which LPAR, for which update."""
        super().add_arguments(parser)
        parser.add_argument("name")
        parser.add_argument("--procedure", default=LOCAL_LIVE_UPDATE)
        parser.add_argument(
            "--media", default="", help="SERVER:/directory or a directory on the LPAR (else the usual)"
        )
        parser.add_argument(
            "--target-level", default="", help="the level that the media bring (else the usual)"
        )

    def perform(self, options: dict[str, Any]) -> int:
        """Judge the facts and show every finding."""
        lpar = named_lpar(options["name"])
        media, level = usual_media(lpar)
        subject = subject_of_lpar(
            lpar,
            stored_facts(lpar),
            procedure=options["procedure"],
            media=options["media"] or media,
            target_level=options["target_level"] or level,
        )
        assessment = assess(subject)
        self.show(
            {
                "name": lpar.name,
                "procedure": subject.procedure,
                "verdict": assessment.verdict.value,
                "facts_read_at": lpar.facts_read_at,
                "findings": [finding_document(finding) for finding in assessment.findings],
            }
        )
        if not self.json_wanted:
            for finding in assessment.findings:
                self.say(f"{finding.check.id} {finding.state.value:<14} {finding.outcome.message}")
        self.say(f"{lpar.name}: {assessment.verdict.value}")
        return 0 if assessment.verdict in (Verdict.READY, Verdict.READY_WITH_ACTIONS) else 1
