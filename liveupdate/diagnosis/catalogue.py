"""Every signature there is, and the diagnosis of a failed run's output by them."""

import importlib
import pkgutil

from liveupdate.diagnosis import signatures
from liveupdate.diagnosis.base import Diagnosis, Rank, Signature, find


def _signatures() -> tuple[Signature, ...]:
    modules = (
        importlib.import_module(f"{signatures.__name__}.{module.name}")
        for module in pkgutil.iter_modules(signatures.__path__)
    )
    found = {signature.id: signature for module in modules for signature in module.SIGNATURES}
    return tuple(found[key] for key in sorted(found))


SIGNATURES: tuple[Signature, ...] = _signatures()


def diagnose(text: str) -> list[Diagnosis]:
    """What a failed (or silent) run's output shows, the most telling and earliest first.

    `text` is the terminal's output, then `lvupdlog` and the other logs where they were read. An
    empty list means that no signature is known for it. Meant for outputs of runs that did not
    succeed: it does not judge whether one did.
    """
    found = [diagnosis for signature in SIGNATURES if (diagnosis := find(signature, text))]
    covered = {other for diagnosis in found for other in diagnosis.signature.covers}
    telling = [diagnosis for diagnosis in found if diagnosis.signature.id not in covered]
    claimed = {line for d in telling if d.signature.rank is Rank.CAUSE for line in d.lines}
    shown = [d for d in telling if d.signature.rank is not Rank.CATCH_ALL or not claimed.issuperset(d.lines)]
    return sorted(shown, key=lambda d: (d.signature.rank, d.lines[0][0]))
