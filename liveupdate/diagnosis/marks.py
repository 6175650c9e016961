"""What an output shows besides the traces: that an attempt began, how it ended, what was read."""

import re
from dataclasses import dataclass

from liveupdate.diagnosis.base import Mark


@dataclass(frozen=True, slots=True)
class Sight:
    """One sentence, a regex on a cleaned record, that leaves `mark` on the attempt."""

    mark: Mark
    anchors: tuple[str, ...]
    pattern: str


SIGHTS = (
    Sight(
        Mark.BEGUN,
        ("non-interrupt", "live aix", "initializing"),
        r"Non-interrupt[ai]ble live update operation begins|Live AIX update is starting\."
        r"|Initializing live update on original LPAR",
    ),
    Sight(
        Mark.SUCCEEDED,
        ("succeeded", "live aix", "live update oper"),
        r"(?<!\w)The live update operation succeeded\."
        r"|(?<!\w)Live AIX update completed(?: in \d+h \d+m \d+s)?\.",
    ),
    Sight(Mark.PREVIEWED, ("preview",), r"The live update preview succeeded\."),
    Sight(Mark.INSTALLED, ("install_all_updates",), r"install_all_updates: Result = SUCCESS"),
    Sight(
        Mark.FAILED,
        ("1430-045", "geninstall", "install_all_updates", "preview"),
        r"\b1430-045\b|not proceed because of an install failure|install_all_updates: Result = FAILURE"
        r"|The live update preview failed",
    ),
    Sight(
        Mark.REFUSED,
        ("1430-", "0503-105"),
        r"\b1430-\d{3} (?:FAILED|.CHEC)|\b1430-(?:025|030)\b|\b1430-134\b.*[1-9]|\b0503-105\b",
    ),
    Sight(Mark.NIM_FAILED, ("0042-",), r"\b0042-(?:001|006|175|207|053)\b"),
    Sight(Mark.LOGGED, ("lvupd", "[rpp#", "mcr: cke_"), r"LVUPD[A-Z]{0,16} \d{9}|\[RPP#|\bmcr: cke_errno"),
    Sight(
        Mark.CONSOLE_LOST,
        ("hscl", "op_", "console"),
        r"\bHSCL350B\b|Found HSCL error code: 350B|OperationError::OP_\w*ERROR"
        r"|No valid management console to execute the request"
        r"|Encountered an error related to the management console",
    ),
    Sight(Mark.DENIED, ("deny",), r"DENY Blocking entry"),
    Sight(Mark.NVRAM, ("/dev/nvram",), r"\b1020-154\b.*?/dev/nvram"),
    Sight(Mark.NIM_CUSTOMIZES, ("0042-", "c_cust", "nim"), r"\b0042-\d{3}\b|\bc_cust|\bnim -o cust\b"),
    Sight(Mark.KEY_EXCHANGE, ("dkeyexch",), r"dkeyexch"),
    Sight(
        Mark.ENTRY_STARTED,
        ("9a74c7ab", "live aix"),
        r"\b9A74C7AB\b|LVUPDATE Live AIX update started",
    ),
    Sight(Mark.ENTRY_COMPLETED, ("12295e0b",), r"\b12295E0B\b"),
    Sight(Mark.FIXES_SUCCEEDED, ("return",), r"Return Status ?[=:] ?SUCCESS"),
    Sight(Mark.FIXES_FAILED, ("return",), r"Return Status ?[=:] ?FAILURE"),
)

ENDED = frozenset({Mark.SUCCEEDED, Mark.FAILED, Mark.REFUSED})
"""What a new beginning after it makes another attempt of."""
NEWEST_FIRST = frozenset({Mark.ENTRY_STARTED, Mark.ENTRY_COMPLETED})
"""The error log shows its newest entry first: of these only the first counts."""
NEWEST_LAST = frozenset({Mark.FIXES_SUCCEEDED, Mark.FIXES_FAILED})
"""Of these only the last counts."""

AGAIN_ANCHORS = (
    "initializing",
    "requirement",
    "validating",
    "non-interrupt",
    "live aix",
    "geninstall",
    "nim",
)
AGAIN = re.compile(
    r"install_all_updates: Initializing system parameters|Live Update Requirement Verification\.\.\."
    r"|Validating live update data file|Non-interrupt[ai]ble live update operation begins"
    r"|Live AIX update is starting\."
    r"|(?:[#$>] |^)(?:\S*/)?(?:geninstall .*-\w*[kp]|nim -o cust .*live_update=yes)"
)
"""Where another attempt begins, if the one before has ended."""
