"""Trouble with the HMC: authentication, authority, resources."""

from liveupdate.diagnosis.base import Next, Rank, Signature, Source

_HMC = (Source.LVUPDLOG, Source.HMC)

SIGNATURES = (
    Signature(
        id="F06",
        title="Resources of the Enterprise Pool were not given back",
        anchors=("1430-187",),
        pattern=r"\b1430-187\b(?:.*'(?P<system>[^']+)')?",
        cause="The HMC did not take back capacity that was activated for the update.",
        remedy="Check and correct the pool on the HMC.",
        commands=("lscodpool -p POOL --level sys",),
        where=(Source.TERMINAL, Source.NIM),
        example="1430-187 WARNING: Couldn't release the unreturned mobile CoD resources generated on CEC "
        "'p9-S924-zwl-1-7835130'",
    ),
    Signature(
        id="F10",
        title="The HMC rejected the password",
        anchors=("pmcss00g",),
        pattern=r"\bPMCSS00G\b(?:.{0,200}rejected for user (?P<user>\S+?)\.?(?: |$))?",
        cause="The password is wrong or has expired, or the HMC's user is locked.",
        remedy="Correct the credential, or have the user unlocked; then authenticate again.",
        commands=("lshmcusr --filter names={user}", "hmcauth -u {user} -a HMC"),
        covers=("F11",),
        where=(Source.HMCAUTH,),
        example="PMCSS00G: The password was rejected for user liveupdate.",
    ),
    Signature(
        id="F11",
        title="The LPAR is not logged on to its HMC",
        anchors=("hmcauth",),
        pattern=r"Please logon first using hmcauth",
        cause="The kernel holds no token, typically after a restart.",
        remedy="Authenticate again.",
        commands=("hmcauth -u USER -a HMC", "hmcauth -l"),
        next=Next.RETRY,
        where=(Source.TERMINAL, Source.HMCAUTH, Source.NIM, Source.LVUPDLOG),
        example="Please logon first using hmcauth.",
    ),
    Signature(
        id="F12",
        title="The HMC's user lacks authority",
        anchors=("hscl",),
        pattern=r"\bHSCL350B\b|\bFound HSCL error code: 350B\b",
        cause="The HMC refused what Live Update asked for; seen when it asks for the Enterprise Pools.",
        remedy="Give the user the task role hmcclientliveupdate and the resource role ALL:.",
        commands=("lshmcusr --filter names=USER", "chhmcusr -u USER -t taskrole -v hmcclientliveupdate"),
        errors_only=True,
        where=_HMC,
        example="[2021-11-04][16:03:24]libhmc_http.c:getHmcErrorMessage:1395: HMC error msg: [[HSCL350B The "
        "user does not have the appropriate authority.",
    ),
    Signature(
        id="F13",
        title="The HMC refused something",
        anchors=("hsc",),
        pattern=r"\b(?P<code>HSC[A-Z]{0,2}(?=[0-9A-F]*\d)[0-9A-F]{4,5})\b",
        cause="The line shown holds the HMC's own message.",
        remedy="Look the code up, correct it on the HMC, then run again.",
        rank=Rank.CLUE,
        errors_only=True,
        where=_HMC,
        example="[2021-11-04][16:03:24]libhmc_http.c:getHmcErrorMessage:1395: HMC error msg: [[HSCL03F4 The "
        "partition cannot be activated.",
    ),
    Signature(
        id="F33",
        title="The managed system lacks resources",
        anchors=("insufficient", "enough", "lack"),
        pattern=r"(?i)\b(?:insufficient|not enough|not have enough|lack of) [^.;]{0,120}?"
        r"\b(?:memory|processors?|processing units?|cpus?|resources?)\b",
        cause="The surrogate needs as much processor and memory capacity as the LPAR has now.",
        remedy="Free resources on the managed system, or shrink the LPAR for the update.",
        commands=(
            "lshwres -r mem -m MANAGED_SYSTEM --level sys -F curr_avail_sys_mem",
            "lshwres -r proc -m MANAGED_SYSTEM --level sys -F curr_avail_sys_proc_units",
        ),
        errors_only=True,
        inferred=True,
        where=(Source.TERMINAL, Source.NIM, Source.LVUPDLOG, Source.PREVIEW),
        example="1430-150 FAILED: Insufficient memory resources are available on the managed system.",
    ),
)
