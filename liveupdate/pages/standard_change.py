"""What a standard change allows, in words; the text that requests have to match stays beside it."""

import json

from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.models import StandardChange
from liveupdate.procedures.catalogue import PROCEDURES, title_of


def allowed_by(template: StandardChange) -> list[tuple[str, str]]:
    """What is allowed, as labels and values; what is not said of the procedure is left out."""
    said = json.loads(template.document)
    given = {"media": said["media"], "target_level": said["target_level"], **said["choices"]}
    asks = PROCEDURES[said["procedure"]].asks if said["procedure"] in PROCEDURES else ()
    labels = {ask.name: ask.label for ask in asks}
    titles = [CONSENT_TITLES[Consent(name)] for name in said["consents"]]
    return [
        ("What", f"{title_of(said['procedure'])}, version {said['procedure_version']}"),
        *((labels.get(name, name), str(value)) for name, value in given.items() if value),
        *([("Allowed", "; ".join(titles))] if titles else []),
    ]
