"""Plans and policies by the names that they have in a bundle, as far as rulings are asked again with them."""

import json
from datetime import datetime

from liveupdate.bundle.contents import named_policies
from liveupdate.control.policy import ChangeClass
from liveupdate.models import Plan
from portal.lib.canonical import canonical_json


def texts_of(begin: datetime, end: datetime) -> dict[str, bytes]:
    """Every policy whole; of plans of standard changes that may have run in the period what names their
    procedure, which is all that a ruling asks."""
    texts = {f"policies/{name.partition(':')[2]}.json": text for name, text in named_policies().items()}
    plans = Plan.objects.filter(
        request__change=ChangeClass.STANDARD,
        request__run__queued_at__gte=begin,
        request__run__queued_at__lt=end,
    ).order_by("pk")
    for name, document in plans.values_list("digest", "document").iterator(chunk_size=200):
        procedure = {"procedure": json.loads(document)["procedure"]}
        texts[f"plans/{name.partition(':')[2]}.json"] = canonical_json(procedure)
    return texts
