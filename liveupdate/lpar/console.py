"""Which HMC is meant: names and addresses of one console compared.

`lvupdate.data` may hold the HMC's name where `hmcauth -l` shows its address; the inventory knows
both, so no resolver is asked.
"""

import re
from ipaddress import ip_address

from inventory.facts.aix.hmcauth import HMCAUTH, HmcSession
from inventory.facts.aix.pvcauth import PVCAUTH, PowerVcSession
from liveupdate.lpar.subject import PowerVcConsole, Subject


def is_console(subject: Subject, text: str) -> bool:
    """Whether a text names the LPAR's HMC: by address, by name, or by its fully qualified name."""
    said, name = text.lower().rstrip("."), subject.hmc.lower()
    return said in (name, subject.hmc_address.lower()) or ("." not in name and said.startswith(f"{name}."))


def listed_as(subject: Subject) -> str:
    """A pattern for what `hmcauth -l` may call the LPAR's HMC."""
    return listed_by(subject.hmc, subject.hmc_address)


def listed_by(name: str, address: str) -> str:
    """A pattern for what a session's list may call the console of this name at this address.

    It lists addresses: a console that the inventory knows by name alone may be listed as any.
    """
    try:
        ip_address(address)
    except ValueError:
        return r"\S+"
    names = "|".join(sorted({re.escape(name), re.escape(address)}))
    return rf"(?:{names})(?:\.\S+)?"


def wanted_session(subject: Subject) -> HmcSession | None:
    """The session with the LPAR's HMC as its Live Update user, if the kernel holds one.

    Raises FactMissing.
    """
    sessions = subject.value(HMCAUTH)
    return next((s for s in sessions if s.user == subject.hmc_user and is_console(subject, s.address)), None)


def powervc_session(subject: Subject) -> PowerVcSession | None:
    """The session with the LPAR's PowerVC as its Live Update user, if the kernel holds one.

    Raises FactMissing.
    """
    powervc, sessions = subject.powervc, subject.value(PVCAUTH) or ()
    if powervc is None:
        return None
    return next((s for s in sessions if s.user == powervc.user and is_powervc(powervc, s.address)), None)


def is_powervc(powervc: PowerVcConsole, text: str) -> bool:
    """Whether a text names this PowerVC: by address, by name, or by its fully qualified name."""
    said, name = text.lower().rstrip("."), powervc.name.lower()
    return said in (name, powervc.address.lower()) or ("." not in name and said.startswith(f"{name}."))
