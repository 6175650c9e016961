"""What a deployment may set wrong in this room, said before anything starts."""

from typing import Any

from django.core.checks import Error

from liveupdate.records.drifts import site_rules


def check_drift_rules(**_kwargs: Any) -> list[Error]:
    """Every rule of PORTAL_DRIFT_RULES names a field and a rule that there are."""
    try:
        site_rules()
    except ValueError as wrong:
        hint = "Write e.g. PORTAL_DRIFT_RULES=filesets=void,lpar_id=warn"
        return [Error(f"PORTAL_DRIFT_RULES: {wrong}", hint=hint, id="liveupdate.E001")]
    return []
