"""`manage.py readiness [NAME…]`: the findings for LPARs with their evidence, and the verdict."""

from typing import Any

from django.core.management.base import CommandParser

from inventory.actions.facts import stored_facts
from inventory.models import Lpar
from inventory.selection import add_selection, selected
from liveupdate.actions.looks import lpar_with_hosts
from liveupdate.queries import usual_media
from liveupdate.readiness.base import Finding, FindingState
from liveupdate.readiness.catalogue import assess
from liveupdate.records.finding_document import finding_document
from liveupdate.records.subjects import LOCAL_LIVE_UPDATE, subject_of_lpar
from liveupdate.states import Verdict
from portal.web.commands import PortalCommand

QUIET = (FindingState.OK, FindingState.NOT_APPLICABLE)


class Command(PortalCommand):
    """Exit status: 0 all ready or ready with actions, 1 some not possible or unknown."""

    help = (
        "Say whether a Live Update of LPARs is possible, from the facts read last. Exit status 0: all are "
        "ready, or ready with actions; 1: some are not possible or unknown (also: their facts are older "
        "than their refresh schedule lets them be); 2: there is nothing like what was named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which LPARs, for which update."""
        super().add_arguments(parser)
        add_selection(parser)
        parser.add_argument("--procedure", default=LOCAL_LIVE_UPDATE)
        parser.add_argument(
            "--media", default="", help="SERVER:/directory or a directory on the LPAR (else the usual)"
        )
        parser.add_argument(
            "--target-level", default="", help="the level that the media bring (else the usual)"
        )

    def perform(self, options: dict[str, Any]) -> int:
        """Judge the facts; one named LPAR shows every finding, several those that want attention."""
        wanted = selected(options)
        single = len(options["names"]) == 1
        answers = [self._judged(lpar_with_hosts(lpar.pk), options, every=single) for lpar in wanted]
        self.show(answers[0] if single else answers)
        good = (Verdict.READY, Verdict.READY_WITH_ACTIONS)
        return 0 if all(answer["verdict"] in good for answer in answers) else 1

    def _judged(self, lpar: Lpar, options: dict[str, Any], *, every: bool) -> dict[str, Any]:
        media, level = usual_media(lpar)
        subject = subject_of_lpar(
            lpar,
            stored_facts(lpar),
            procedure=options["procedure"],
            media=options["media"] or media,
            target_level=options["target_level"] or level,
        )
        assessment = assess(subject)
        verdict = Verdict.UNKNOWN if lpar.is_stale else assessment.verdict
        self._tell(lpar, verdict, [f for f in assessment.findings if every or f.state not in QUIET])
        return {
            "name": lpar.name,
            "procedure": subject.procedure,
            "verdict": verdict.value,
            "facts_read_at": lpar.facts_read_at,
            "facts_state": lpar.facts_state,
            "stale": lpar.is_stale,
            "findings": [finding_document(finding) for finding in assessment.findings],
        }

    def _tell(self, lpar: Lpar, verdict: Verdict, findings: list[Finding]) -> None:
        if not self.json_wanted:
            for finding in findings:
                self.say(f"{finding.check.id} {finding.state.value:<14} {finding.outcome.message}")
        too_old = " (its facts are too old)" if lpar.is_stale else ""
        self.say(f"{lpar.name}: {verdict.value}{too_old}")
