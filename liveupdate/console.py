"""Which HMC is meant: names and addresses of one console compared.

`lvupdate.data` may hold the HMC's name where `hmcauth -l` shows its address; the inventory knows
both, so no resolver is asked.
"""

import re
from ipaddress import ip_address

from inventory.facts.aix.hmcauth import HMCAUTH, HmcSession
from liveupdate.subject import Subject


def is_console(subject: Subject, text: str) -> bool:
    """Whether a text names the LPAR's HMC: by address, by name, or by its fully qualified name."""
    said, name = text.lower().rstrip("."), subject.hmc.lower()
    return said in (name, subject.hmc_address.lower()) or ("." not in name and said.startswith(f"{name}."))


def listed_as(subject: Subject) -> str:
    """A pattern for what `hmcauth -l` may call the LPAR's HMC.

    It lists addresses: an HMC that the inventory knows by name alone may be listed as any.
    """
    try:
        ip_address(subject.hmc_address)
    except ValueError:
        return r"\S+"
    names = "|".join(sorted({re.escape(subject.hmc), re.escape(subject.hmc_address)}))
    return rf"(?:{names})(?:\.\S+)?"


def wanted_session(subject: Subject) -> HmcSession | None:
    """The session with the LPAR's HMC as its Live Update user, if the kernel holds one.

    Raises FactMissing.
    """
    sessions = subject.value(HMCAUTH)
    return next((s for s in sessions if s.user == subject.hmc_user and is_console(subject, s.address)), None)
