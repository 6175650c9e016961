"""Which policies of Trusted Execution keep a Live Update of interim fixes from running (RQ-141)."""

from collections.abc import Mapping

NEEDED = ("TEP", "TLP", "CHKSHLIB", "STOP_UNTRUSTD", "TSD_FILES_LOCK")
"""The policies that decide, as `trustchk -p` names them."""


def against_ifixes(policies: Mapping[str, str]) -> dict[str, str]:
    """The policies to switch off, each with what is said of it; Trusted Execution itself may stay on.

    Raises KeyError where one of `NEEDED` is not known.
    """
    found = {
        name: f"{name}={policies[name]}"
        for name in ("TEP", "TLP", "TSD_FILES_LOCK")
        if policies[name] != "OFF"
    }
    if policies["CHKSHLIB"] == "ON" and policies["STOP_UNTRUSTD"] != "OFF":
        stop = policies["STOP_UNTRUSTD"]
        found["STOP_UNTRUSTD"] = f"CHKSHLIB=ON and STOP_UNTRUSTD={stop} together"
    return found
