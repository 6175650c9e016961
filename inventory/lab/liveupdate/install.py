"""The install part of a Live Update: `install_all_updates` from the media, applied and committed."""

from dataclasses import dataclass
from pathlib import Path

from inventory.lab.commands.aix.software import summary_text
from inventory.lab.commands.aix.text import append
from inventory.lab.commands.call import Call
from inventory.lab.liveupdate import nim_method, texts
from inventory.lab.world.model import Lpar
from inventory.lab.world.scenario import media_filesets

LOG = "/var/adm/ras/install_all_updates.log"
SECONDS_PER_FILESET = 2.2
SEEN_EVERY = 8


@dataclass(frozen=True, slots=True)
class Media:
    """A directory of filesets: its AIX level, and what it would update on an LPAR."""

    level: str
    updates: dict[str, str]


def open_media(root: Path, path: str, lpar: Lpar) -> Media | None:
    """The media below a path of the host, or None when there is no table of contents."""
    for toc in (root / path.lstrip("/") / ".toc", root / path.lstrip("/") / "installp/ppc/.toc"):
        if toc.exists():
            level = toc.read_text().split()[1]
            return Media(level, _updates(lpar, level))
    return None


def _updates(lpar: Lpar, level: str) -> dict[str, str]:
    brought = media_filesets(level)
    return {
        name: brought[name]
        for name, installed in lpar.filesets.items()
        if name in brought and _key(brought[name]) > _key(installed.level)
    }


def _key(level: str) -> tuple[int, ...]:
    return tuple(int(part) for part in level.split("."))


def head() -> str:
    """The first lines, the same in preview and run."""
    return (
        "install_all_updates: Initializing system parameters.\n"
        f"install_all_updates: Log file is {LOG}\n"
        "install_all_updates: Checking for updated install utilities on media.\n"
        "install_all_updates: Processing media.\n"
    )


def selection(lpar: Lpar, media: Media) -> str:
    """What would be installed: installp's pre-installation verification."""
    lines = [
        "install_all_updates: Generating list of updatable installp filesets.\n",
        texts.boxed("Pre-installation Verification..."),
        "Verifying selections...done\nVerifying requisites...done\nResults...\n\n",
        "SUCCESSES\n---------\n",
        "  Filesets listed in this section passed pre-installation verification\n",
        "  and will be installed.\n\n  Selected Filesets\n  -----------------\n",
    ]
    for name, level in sorted(media.updates.items()):
        lines.append(f"  {f'{name} {level}':<43} # {lpar.filesets[name].description}\n")
    count = len(media.updates)
    lines.append("\n  << End of Success Section >>\n\nFILESET STATISTICS\n------------------\n")
    lines.append(f"{count:>5}  Selected to be installed, of which:\n")
    lines.append(f"    {count:>5}  Passed pre-installation verification\n  ----\n")
    lines.append(f"{count:>5}  Total to be installed\n\n")
    return "".join(lines)


def tail(lpar: Lpar, *, succeeded: bool) -> str:
    """The last lines."""
    word = "SUCCESS" if succeeded else "FAILURE"
    return (
        f"install_all_updates: Checking for recommended maintenance level {lpar.level[:7]}.\n"
        f"install_all_updates: Executing /usr/bin/oslevel -rf, Result = {lpar.level[:7]}\n"
        "install_all_updates: Verification completed.\n"
        f"install_all_updates: Log file is {LOG}\n"
        f"install_all_updates: Result = {word}\n"
    )


def locks(lpar: Lpar, media: Media) -> str:
    """The box of filesets that interim fixes lock; empty when none stands in the way."""
    locked = [
        (package, efix.label) for efix in lpar.efixes for package in efix.packages if package in media.updates
    ]
    if not locked:
        return ""
    return texts.LOCKS.format(filesets="\n".join(f"  {package:<40} {label}" for package, label in locked))


def apply_one(lpar: Lpar, name: str, media: Media) -> None:
    """One fileset gets its new level, committed."""
    fileset = lpar.filesets[name]
    fileset.level = media.updates[name]
    fileset.state = "C"
    fileset.build = media.level[-4:]


def finish(call: Call, media: Media) -> str:
    """The level of the disk is the media's; returns installp's table."""
    lpar = call.lpar
    lpar.level = media.level
    lpar.missing_scripts = [one for one in lpar.missing_scripts if not one.startswith("/usr/lpp/")]
    method = call.lab.root_of(call.host) / nim_method.PATH.lstrip("/")
    method.write_text(nim_method.text(media.level))
    for path, taken in (("/usr", 214.5), ("/var", 38.25), ("/", 12.5)):
        lpar.filesystems[path].free_mb = max(0.0, lpar.filesystems[path].free_mb - taken)
    rows = [(name, level, "APPLY", "SUCCESS") for name, level in sorted(media.updates.items())]
    rows += [(name, level, "COMMIT", "SUCCESS") for name, level in sorted(media.updates.items())]
    table = summary_text(rows)
    append(call, LOG, table)
    append(call, "/var/adm/sw/geninstall.summary", "".join(f"{n}:{lv}:SUCCESS\n" for n, lv, *_ in rows))
    append(call, "/var/adm/ras/config.diff", "diff /etc/inittab\n")
    return table
