"""Trouble with the HMC: authentication, authority, resources."""

from liveupdate.diagnosis.base import Next, Rank, Signature

SIGNATURES = (
    Signature(
        id="F06",
        title="Resources of the Enterprise Pool were not given back",
        pattern=r"1430-187 WARNING:\s*Couldn't release the unreturned mobile CoD resources generated on CEC "
        r"'(?P<system>[^']+)'",
        cause="The HMC did not take back capacity that was activated for the update.",
        remedy="Check and correct the pool on the HMC.",
    ),
    Signature(
        id="F10",
        title="The HMC rejected the password",
        pattern=r"PMCSS00G:.*rejected for user (?P<user>\S+?)\.?(?:\s|$)",
        cause="The password is wrong or has expired, or the HMC's user is locked.",
        remedy="Correct the credential, or have the user unlocked; then run again.",
        covers=("F11",),
    ),
    Signature(
        id="F11",
        title="The LPAR is not logged on to its HMC",
        pattern=r"Please logon first using hmcauth",
        cause="The kernel holds no token, typically after a restart.",
        remedy="Authenticate again with hmcauth.",
        next=Next.RETRY,
    ),
    Signature(
        id="F12",
        title="The HMC's user lacks authority",
        pattern=r"HSCL350B",
        cause="Seen when Live Update asks for the Enterprise Pools.",
        remedy="Give the user the task role hmcclientliveupdate and the resource role ALL:.",
    ),
    Signature(
        id="F13",
        title="The HMC refused something",
        pattern=r"\bHSC[LE]?[A-Z0-9]{4,5}\b.*",
        cause="The line shown holds the HMC's own message.",
        remedy="Look the HSC code up, correct it on the HMC, then run again.",
        rank=Rank.CATCH_ALL,
    ),
    Signature(
        id="F33",
        title="The managed system lacks resources",
        pattern=r"(?i)(?:insufficient|not enough)\b.*\b(?:memory|processor|cpu|resource)",
        cause="The surrogate needs as much processor and memory capacity as the LPAR has now.",
        remedy="Free resources on the managed system, or shrink the LPAR for the update.",
    ),
)
