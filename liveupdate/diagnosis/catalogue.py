"""Every signature there is."""

import importlib
import pkgutil

from liveupdate.diagnosis import signatures
from liveupdate.diagnosis.base import Signature


def _signatures() -> tuple[Signature, ...]:
    modules = (
        importlib.import_module(f"{signatures.__name__}.{module.name}")
        for module in pkgutil.iter_modules(signatures.__path__)
    )
    found = {signature.id: signature for module in modules for signature in module.SIGNATURES}
    return tuple(found[key] for key in sorted(found, key=lambda key: (key[0] != "P", key)))


SIGNATURES: tuple[Signature, ...] = _signatures()
SIGNATURE_OF = {signature.id: signature for signature in SIGNATURES}
