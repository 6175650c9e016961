"""What a requester may allow a plan to do to an LPAR before the update.

Each consent stands for one privileged preparation of the handbook. A readiness check names the one
that lets the plan cure its finding; a procedure that needs one it was not given makes no plan.
"""

from enum import StrEnum


class Consent(StrEnum):
    """One privileged preparation; the value is what requests store."""

    TRUSTED_EXECUTION_OFF = "trusted_execution_off"
    SECURITY_LOOKUP_LOCAL = "security_lookup_local"
    IPSEC_OFF = "ipsec_off"
    AUDIT_OFF = "audit_off"
    WLM_OFF = "wlm_off"
    STOP_AGENTS = "stop_agents"
    STOP_WPARS = "stop_wpars"
    REMOVE_IFIXES = "remove_ifixes"
    REMOVE_FILESETS = "remove_filesets"
    UNMOUNT_FILE_SYSTEMS = "unmount_file_systems"
    REMOVE_OPTICAL_DEVICES = "remove_optical_devices"
    COMMIT_FILESETS = "commit_filesets"
    EDIT_NIM_METHOD = "edit_nim_method"
    REMOVE_LEFTOVERS = "remove_leftovers"
    REPLACE_CLONE = "replace_clone"
    REMOVE_LEFT_PARTITION = "remove_left_partition"


OF_A_LIVE_UPDATE = frozenset(Consent) - {
    Consent.EDIT_NIM_METHOD,
    Consent.REPLACE_CLONE,
    Consent.REMOVE_LEFT_PARTITION,
}
"""What preparing a Live Update that installs updates may need."""
OF_A_MOVE = OF_A_LIVE_UPDATE - {Consent.REMOVE_IFIXES, Consent.COMMIT_FILESETS}
"""What preparing one may need that installs no updates."""

CONSENT_TITLES: dict[Consent, str] = {
    Consent.TRUSTED_EXECUTION_OFF: "Switch Trusted Execution off during the update, and on again after it",
    Consent.SECURITY_LOOKUP_LOCAL: "Look security data up in local files during the update, not in LDAP",
    Consent.IPSEC_OFF: "Take IP security down during the update, and bring it back after it",
    Consent.AUDIT_OFF: "Stop auditing in stream mode during the update, and start it after it",
    Consent.WLM_OFF: "Stop the Workload Manager during the update, and start it after it",
    Consent.STOP_AGENTS: "Stop agents of the approved list during the update, and start them after it",
    Consent.STOP_WPARS: "Stop active workload partitions during the update, and start them after it",
    Consent.REMOVE_IFIXES: "Remove the installed interim fixes for good",
    Consent.REMOVE_FILESETS: "Remove filesets that Live Update forbids, for good",
    Consent.UNMOUNT_FILE_SYSTEMS: "Unmount file systems of unsupported types, and mount them after it",
    Consent.REMOVE_OPTICAL_DEVICES: "Remove optical devices from the configuration, for good",
    Consent.COMMIT_FILESETS: "Commit applied filesets, so that they cannot be rejected any more",
    Consent.EDIT_NIM_METHOD: "Change NIM's method c_cust_lku on the LPAR during the update (accept licences)",
    Consent.REMOVE_LEFTOVERS: "Remove what an earlier Live Update left on the spare disks",
    Consent.REPLACE_CLONE: "Give up the present rollback clone before the new one is made",
    Consent.REMOVE_LEFT_PARTITION: "Remove by hand, on the HMC, the partition that clvupdate leaves without "
    "workload",
}
