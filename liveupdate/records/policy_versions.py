"""Which approval policy holds, by the ledger: a row that somebody altered decides nothing."""

import json
from datetime import datetime

from liveupdate.control.policy import SHIPPED
from liveupdate.control.ruling import Policy
from liveupdate.models import PolicyVersion
from portal.audit.events import Event
from portal.audit.said import said_at_all
from portal.lib.canonical import digest, digest_of
from portal.lib.clock import rfc3339
from portal.lib.errors import Conflict

SHIPPED_DIGEST = digest_of(SHIPPED)


def version_in_force(at: datetime) -> PolicyVersion | None:
    """The version that holds at a moment; None while that is the shipped one. Raises Conflict."""
    entries = [each["d"] for each in said_at_all([Event.POLICY_WRITE])]
    active = [each for each in entries if each["active_from"] <= rfc3339(at)]
    if not active:
        return None
    newest = max(active, key=lambda each: (each["active_from"], each["version"]))
    version = PolicyVersion.objects.filter(pk=newest["version"]).first()
    if version is None or version.digest != newest["policy"]:
        raise _unknown(newest["policy"])
    policy_of(version)
    return version


def digest_of_version(version: PolicyVersion | None) -> str:
    """The digest by which requests and the ledger name a version; the shipped one has one too."""
    return version.digest if version else SHIPPED_DIGEST


def policy_of(version: PolicyVersion | None) -> Policy:
    """The policy that a version holds. Raises Conflict where its text is not the one that was written."""
    if version is None:
        return SHIPPED
    if digest(version.document.encode()) != version.digest:
        raise _unknown(version.digest)
    policy: Policy = json.loads(version.document)
    return policy


def policy_named(policy_digest: str) -> Policy:
    """The policy with this digest. Raises Conflict where no version holds it."""
    if policy_digest == SHIPPED_DIGEST:
        return SHIPPED
    version = PolicyVersion.objects.filter(digest=policy_digest).first()
    if version is None:
        raise _unknown(policy_digest)
    return policy_of(version)


def _unknown(policy_digest: str) -> Conflict:
    return Conflict(
        f"The approval policy {policy_digest[:19]} is not there as the ledger knows it.",
        code="policy",
        remedy="Have an auditor verify the ledger, then write the policy anew.",
    )
