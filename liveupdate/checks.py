"""What a deployment may set wrong in this room, said before anything starts."""

from typing import Any

from django.conf import settings
from django.core.checks import Error

from liveupdate.records.drifts import site_rules
from liveupdate.records.previews import AT_START, AT_SUBMISSION


def check_drift_rules(**_kwargs: Any) -> list[Error]:
    """Every rule of PORTAL_DRIFT_RULES names a field and a rule that there are."""
    try:
        site_rules()
    except ValueError as wrong:
        hint = "Write e.g. PORTAL_DRIFT_RULES=filesets=void,lpar_id=warn"
        return [Error(f"PORTAL_DRIFT_RULES: {wrong}", hint=hint, id="liveupdate.E001")]
    return []


def check_preview_proof(**_kwargs: Any) -> list[Error]:
    """PORTAL_PREVIEW_PROOF names a moment, or none."""
    if settings.PORTAL_PREVIEW_PROOF in ("", AT_SUBMISSION, AT_START):
        return []
    hint = f"Set it to {AT_SUBMISSION}, to {AT_START}, or leave it empty."
    return [
        Error(f"PORTAL_PREVIEW_PROOF is {settings.PORTAL_PREVIEW_PROOF!r}.", hint=hint, id="liveupdate.E002")
    ]
