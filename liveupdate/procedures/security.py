"""Preparation: security controls that Live Update does not bear.

Each is switched off only if the LPAR's facts say that it is on, with the requester's consent, and
is brought back by the restoration, which proves it against the state before.
"""

from collections.abc import Mapping

from inventory.command import Command, aix
from inventory.facts.aix.audit_config import AUDIT_CONFIG
from inventory.facts.aix.audit_query import AUDIT_QUERY
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.secorder import SECORDER
from inventory.facts.aix.trustchk import TRUSTCHK
from inventory.facts.base import FactMissing
from liveupdate.knowledge.levels import Feature, allows
from liveupdate.knowledge.trusted_execution import NEEDED, against_ifixes
from liveupdate.lpar.consents import Consent
from liveupdate.procedures import words
from liveupdate.procedures.draft import Draft, change, look, once, restore, restore_once, restored
from liveupdate.procedures.step import Expect, Phase, Run


def trusted_execution(draft: Draft) -> None:
    """Handbook 5.1 row 5: off for an update (RQ-140); for interim fixes what forbids them (RQ-141)."""
    policies = draft.subject.value(TRUSTCHK)
    off = _policies_to_switch(draft, policies)
    if policies["TE"] == "OFF" or not off:
        return
    named = "Trusted Execution" if off == ("TE",) else f"{' and '.join(off)} of Trusted Execution"
    if policies.get("LOCK_KERN_POLICIES") == "ON":
        draft.refuse("Trusted Execution is on and its policies are locked until the next restart.")
        return
    if not draft.may(Consent.TRUSTED_EXECUTION_OFF, "Trusted Execution is on."):
        return
    policy, query = Phase.PREPARE, aix("trustchk", "-p")
    draft.add(
        look(
            "trusted_execution_before",
            policy,
            "Record the policies of Trusted Execution",
            "They are compared with this after the update.",
            query,
            expect=Expect(has=(r"(?i)^TE\s*=\s*ON\b",)),
        ),
        change(
            "trusted_execution_off",
            policy,
            f"Switch {named} off",
            "It stops the files that an update replaces.",
            Run(aix("trustchk", "-p", *(f"{name.lower()}=off" for name in off))),
            cures=("RQ-140",) if off == ("TE",) else ("RQ-141",),
        ),
        look(
            "trusted_execution_is_off",
            policy,
            f"Prove that {named} {'is' if len(off) == 1 else 'are'} off",
            "No update without it.",
            query,
            expect=Expect(has=tuple(rf"(?i)^{name}\s*=\s*OFF\b" for name in off)),
        ),
    )
    as_before = tuple(rf"(?i)^{name}\s*=\s*{value}\b" for name, value in sorted(policies.items()))
    draft.undo(
        restore(
            "trusted_execution_on",
            "trusted_execution_off",
            f"Switch {named} on again",
            "It was on before.",
            aix("trustchk", "-p", *(f"{name.lower()}={policies[name].lower()}" for name in off)),
        ),
        restored(
            "trusted_execution_is_back",
            "trusted_execution_off",
            "Prove that every policy of Trusted Execution is as it was",
            "A control that stays off would go unnoticed.",
            query,
            expect=Expect(has=as_before),
        ),
    )


def _policies_to_switch(draft: Draft, policies: Mapping[str, str]) -> tuple[str, ...]:
    if not draft.subject.installs_ifixes_only:
        return ("TE",)
    if silent := [name for name in NEEDED if name not in policies]:
        draft.refuse(f"Not known: trustchk does not say how {', '.join(silent)} is set.")
        return ()
    return tuple(against_ifixes(policies))


def security_lookup(draft: Draft) -> None:
    """Handbook 5.1 row 6 (RQ-142): only where trusted signatures are looked up elsewhere."""
    try:
        order = draft.subject.value(SECORDER)
    except FactMissing as missing:
        draft.warnings.append(
            f"Where trusted signatures are looked up is not known ({missing.reason}); it is left as it is. "
            "An update cannot write signatures into a read-only LDAP directory."
        )
        return
    if order in ((), ("files",)):
        return
    if not draft.may(Consent.SECURITY_LOOKUP_LOCAL, f"Trusted signatures come from {','.join(order)}."):
        return
    before = ",".join(words.subsystem(source) for source in order)
    draft.add(
        look(
            "security_lookup_before",
            Phase.PREPARE,
            "Record where trusted signatures are looked up",
            "It is compared with this after the update.",
            _secorder("lssec", "secorder"),
        ),
        change(
            "security_lookup_local",
            Phase.PREPARE,
            "Look trusted signatures up in local files",
            "An update writes signatures, and LDAP is read-only.",
            Run(_secorder("chsec", "secorder=files")),
            cures=("RQ-142",),
        ),
    )
    draft.undo(
        restore(
            "security_lookup_back",
            "security_lookup_local",
            "Look trusted signatures up where they were",
            f"The order was {before}.",
            _secorder("chsec", f"secorder={before}"),
        ),
        restored(
            "security_lookup_is_back",
            "security_lookup_local",
            "Prove that the lookup is as it was",
            "Nothing of the update's settings may stay.",
            _secorder("lssec", "secorder"),
            expect=Expect(equals_saved="security_lookup_before"),
        ),
    )


def _secorder(program: str, attribute: str) -> Command:
    return aix(program, "-f", "/etc/nscontrol.conf", "-s", "tsddat", "-a", attribute)


def auditing(draft: Draft) -> None:
    """RQ-146 (1430-143): before 7300-03 auditing must not run in stream mode."""
    subject = draft.subject
    if allows(Feature.AUDIT_STREAM, subject.value(OSLEVEL)) or not subject.value(AUDIT_QUERY):
        return
    if not subject.value(AUDIT_CONFIG).streammode:
        return
    if not draft.may(Consent.AUDIT_OFF, "Auditing runs in stream mode."):
        return
    draft.add(
        once(
            "auditing_off",
            Phase.PREPARE,
            "Stop auditing",
            "Before AIX 7300-03 Live Update refuses auditing in stream mode.",
            aix("audit", "shutdown"),
            cures=("RQ-146",),
        ),
        look(
            "auditing_is_off",
            Phase.PREPARE,
            "Prove that auditing is off",
            "The preview would fail with 1430-143.",
            aix("audit", "query"),
            expect=Expect(has=("^auditing off",)),
        ),
    )
    draft.undo(
        restore_once(
            "auditing_on", "auditing_off", "Start auditing again", "It was on.", aix("audit", "start")
        ),
        restored(
            "auditing_is_back",
            "auditing_off",
            "Prove that auditing is on",
            "A control that stays off would go unnoticed.",
            aix("audit", "query"),
            expect=Expect(has=("^auditing on",)),
        ),
    )
