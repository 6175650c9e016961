"""What a NIM master calls an LPAR's managed system, and who logs the LPAR on to its HMC."""

from contextlib import suppress

from inventory.facts.base import FactMissing
from inventory.facts.nim.nim_management import NIM_MANAGEMENT
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.facts.nim_objects import management_profile, system_serial
from liveupdate.lpar.subject import Subject


def system_object(subject: Subject) -> str:
    """NIM's object of the managed system with the LPAR's serial number, empty where none is found.

    The one that the LPAR's own object names, else one that is named after type and serial as nimquery
    does it. Raises
    FactMissing where NIM was not asked for the LPAR.
    """
    serial = subject.managed_system_serial.upper()
    own = subject.value(NIM_OBJECT, subject.nim_name)
    profile = management_profile(own) if own else None
    with suppress(FactMissing):
        named = subject.value(NIM_OBJECT, profile.managed_system) if profile else None
        if named is not None and system_serial(named).upper() == serial:
            return named.name
        rows = [each.name for each in subject.value(NIM_MANAGEMENT) if each.type == "cec"]
        return next((name for name in rows if name.upper().endswith(f"_{serial}")), "")
    return ""


def logged_on_by_nim(subject: Subject) -> bool:
    """Whether NIM's HMC object authenticates the LPAR, and the plan does not log it on."""
    if subject.installs_before:
        return False
    return subject.procedure.startswith("nim_") and subject.choice("hmc_logon") != "lpar"
