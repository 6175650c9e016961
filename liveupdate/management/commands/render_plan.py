"""`manage.py render_plan NAME PROCEDURE`: the canonical plan and its digest, from the facts read last."""

import json
from typing import Any

from django.core.management.base import CommandParser

from inventory.actions.facts import stored_facts
from liveupdate.actions.looks import named_lpar
from liveupdate.actions.planning import render_for
from liveupdate.lpar.consents import Consent
from liveupdate.procedures.catalogue import summary
from liveupdate.queries import usual_media
from liveupdate.records.subjects import subject_of_lpar
from portal.lib.canonical import canonical_json, digest
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 rendered, 2 the procedure cannot be planned for this LPAR (the message says why)."""

    help = "Render a procedure for one LPAR without asking anybody for anything."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which LPAR, which procedure, what for."""
        super().add_arguments(parser)
        parser.add_argument("name")
        parser.add_argument("procedure")
        parser.add_argument(
            "--media", default="", help="SERVER:/directory or a directory on the LPAR (else the usual)"
        )
        parser.add_argument(
            "--target-level", default="", help="the level that the media bring (else the usual)"
        )
        parser.add_argument(
            "--consent",
            action="append",
            default=[],
            choices=[consent.value for consent in Consent],
            help="a preparation that is allowed; may be repeated",
        )

    def perform(self, options: dict[str, Any]) -> int:
        """Render and show; the canonical text itself is what the digest is of."""
        lpar = named_lpar(options["name"])
        media, level = usual_media(lpar)
        subject = subject_of_lpar(
            lpar,
            stored_facts(lpar),
            procedure=options["procedure"],
            media=options["media"] or media,
            target_level=options["target_level"] or level,
        )
        plan = render_for(lpar, subject, frozenset(options["consent"]))
        canonical = canonical_json(plan.document())
        self.show(
            {
                "digest": digest(canonical),
                "summary": summary(plan),
                "canonical": canonical.decode(),
                "plan": plan.document(),
            }
        )
        if not self.json_wanted:
            self.say(summary(plan))
            self.say(json.dumps(plan.document(), indent=2, sort_keys=True, ensure_ascii=False))
            self.say(digest(canonical))
        return 0
