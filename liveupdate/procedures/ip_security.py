"""Preparation: IP security is taken down with its filters saved, and brought back (RQ-148)."""

from inventory.command import aix
from inventory.facts.aix.ipsec import IPSEC, IpsecDevice
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import Feature, allows
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.lvupdate_data import carries_ip_security
from liveupdate.procedures import words
from liveupdate.procedures.draft import Draft, change, look, once, restore, restore_once, restored
from liveupdate.procedures.step import Expect, Phase, Run

FILTER_DIRECTORY = "/var/adm/ras/lu-portal-filters"


def ip_security(draft: Draft) -> None:
    """Handbook 5.1 row 7 (RQ-148)."""
    devices = draft.subject.value(IPSEC)
    if not devices:
        return
    if allows(Feature.IPSEC_AUTO_MIGRATE, draft.subject.value(OSLEVEL)):
        if not carries_ip_security(draft.subject):
            draft.warnings.append("IP security is set up: its tunnels drop during the update.")
        return
    if not draft.may(Consent.IPSEC_OFF, "IP security is set up."):
        return
    query = aix("lsdev", "-Cc", "ipsec")
    draft.add(
        look(
            "ip_security_before",
            Phase.PREPARE,
            "Record the IP security devices",
            "They are compared with this after the update.",
            query,
        )
    )
    draft.undo(
        restored(
            "ip_security_is_back",
            "ip_security_before",
            "Prove that the IP security devices are back",
            "A filter that stays away would go unnoticed.",
            query,
            expect=Expect(equals_saved="ip_security_before"),
        )
    )
    for device in devices:
        _ip_security_device(draft, device)


def _ip_security_device(draft: Draft, device: IpsecDevice) -> None:
    name, version = words.device(device.name), device.name[-1]
    active = device.state == "Available"
    if active:
        _filters_saved(draft, name, version)
    draft.add(
        once(
            f"{name}_removed",
            Phase.PREPARE,
            f"Take {name} down",
            "Before AIX 7300-03 Live Update does not carry IP security over.",
            aix("rmdev", "-dl", name, "-R"),
            expect=Expect(has=(f"{name} deleted",)),
            cures=("RQ-148",),
        )
    )
    if active:
        _filters_back(draft, name, version)
    draft.undo(
        restore_once(
            f"{name}_back",
            f"{name}_removed",
            f"Set {name} up again",
            "It was there.",
            aix("mkdev", "-c", "ipsec", "-t", version),
        )
    )


def _filters_saved(draft: Draft, name: str, version: str) -> None:
    directory = f"{FILTER_DIRECTORY}/{name}"
    draft.add(
        look(
            f"{name}_filters_before",
            Phase.PREPARE,
            f"Record the filters of {name}",
            "They are compared with this after the update.",
            aix("lsfilt", f"-v{version}", "-O"),
        ),
        change(
            f"{name}_directory",
            Phase.PREPARE,
            f"Make a directory for the filters of {name}",
            "Removing the device loses its filter rules.",
            Run(aix("mkdir", "-p", directory)),
        ),
        change(
            f"{name}_filters_saved",
            Phase.PREPARE,
            f"Save the filters of {name}",
            "They are loaded again after the update.",
            Run(aix("expfilt", f"-v{version}", "-f", directory)),
        ),
        change(
            f"{name}_filters_off",
            Phase.PREPARE,
            f"Put the filters of {name} out of force",
            "A device with filters in force is busy.",
            Run(aix("mkfilt", f"-v{version}", "-d")),
        ),
    )
    draft.undo(
        restore(
            f"{name}_filters_active",
            f"{name}_filters_off",
            f"Put the filters of {name} in force",
            "They were in force.",
            aix("mkfilt", f"-v{version}", "-u"),
        ),
        restored(
            f"{name}_filters_are_back",
            f"{name}_filters_off",
            f"Prove that the filters of {name} are as they were",
            "A filter that stays away would go unnoticed.",
            aix("lsfilt", f"-v{version}", "-O"),
            expect=Expect(equals_saved=f"{name}_filters_before"),
        ),
    )


def _filters_back(draft: Draft, name: str, version: str) -> None:
    draft.undo(
        restore_once(
            f"{name}_filters_loaded",
            f"{name}_removed",
            f"Load the filters of {name}",
            "They went with the device.",
            aix("impfilt", f"-v{version}", "-f", f"{FILTER_DIRECTORY}/{name}"),
        )
    )
