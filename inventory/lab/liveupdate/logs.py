"""What a Live Update writes on the LPAR: lvupdlog, liveupdate.cf; and 7.3's stamped lines."""

import time

from inventory.lab.commands.call import Call, now
from inventory.lab.liveupdate.datafile import CONFIGURATION, DataFile
from inventory.lab.world.model import Lpar

LOG = "var/adm/ras/liveupdate/logs/lvupdlog"
STAMPED_FROM = "7300-03"


def begin(call: Call) -> None:
    """Put the log of the last attempt aside."""
    log = call.lab.root_of(call.host) / LOG
    if log.exists():
        log.rename(log.with_name(f"lvupdlog.{time.strftime('%Y%m%d%H%M%S', time.localtime(now()))}"))


def write(call: Call, level: str, function: str, text: str) -> None:
    """A line of lvupdlog."""
    line(call, f"OLVUPDMCR {now():.3f} {level} {function} - {text.strip()}")


def line(call: Call, text: str) -> None:
    """Lines of lvupdlog as they are."""
    log = call.lab.root_of(call.host) / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        file.write(text + "\n")


def write_configuration(call: Call, data: DataFile) -> None:
    """`liveupdate.cf`, made anew by every attempt and preview."""
    kind, (console, user) = "PVC" if data.through_powervc else "HMC", data.console
    reduction = data.value("general", "cpu_reduction") or "no"
    kernel = data.value("general", "kext_check") or "yes"
    (call.lab.root_of(call.host) / CONFIGURATION).write_text(
        f"Time={now():.6f}\nLPAR_Name={call.lpar.name}\nLPAR_Id={call.lpar.partition_id}\n"
        f"{kind}={console}\n{kind}_User={user}\n"
        f"Nhdisk={data.value('disks', 'nhdisk')}\nMhdisk={data.value('disks', 'mhdisk')}\n"
        f"CPU_Reduction={reduction}\nKext_Check={kernel}\n"
    )


def stamped(lpar: Lpar, text: str) -> str:
    """A milestone's line: with the local time in front on 7.3 TL3 and later."""
    if lpar.level < STAMPED_FROM:
        return text
    return time.strftime("%m/%d/%Y-%H:%M:%S ", time.localtime(now())) + text.strip()


def closing(lpar: Lpar) -> str:
    """The sentence of success."""
    if lpar.level < STAMPED_FROM:
        return "The live update operation succeeded."
    taken = int(now() - lpar.progress.started_at)
    return stamped(
        lpar, f"Live AIX update completed in {taken // 3600}h {taken // 60 % 60:02d}m {taken % 60:02d}s."
    )
