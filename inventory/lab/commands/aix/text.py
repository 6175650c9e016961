"""Text that several commands print or log."""

import time

from inventory.lab.commands.call import Call

RULE = "+" + "-" * 77 + "+"


def append(call: Call, path: str, text: str) -> None:
    """Add to a log file of the host."""
    file = call.lab.root_of(call.host) / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as log:
        log.write(text)


def errpt_time(at: float) -> str:
    """errpt's TIMESTAMP: MMDDhhmmYY, local, without seconds."""
    return time.strftime("%m%d%H%M%y", time.localtime(at))
