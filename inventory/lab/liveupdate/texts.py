"""What `geninstall -k` prints around its phases."""

import time

from inventory.lab.commands.call import now
from inventory.lab.liveupdate.datafile import DataFile

RULE = "+" + "-" * 77 + "+"
STARS = "*" * 79
END_OF_INFORMATION = "  << End of Information Section >>"
LOG_CAPTURE = "1430-045 The Live Update operation failed. Initiating log capture."


def boxed(title: str) -> str:
    """A boxed, indented title."""
    return f"{RULE}\n{' ' * 20}{title}\n{RULE}\n"


def information(name: str, data: DataFile, blackout_s: int, total_s: int) -> str:
    """The head of preview and run: who, where, how long."""
    kind, (console, user) = "PowerVC" if data.through_powervc else "HMC", data.console
    return (
        "Validating live update data file.\n"
        "Computing the estimated time for the live update operation...\n"
        "Results...\n\n"
        "EXECUTION INFORMATION\n---------------------\n"
        f"  LPAR: {name}\n  {kind}: {console}\n  user: {user}\n\n"
        f"  Blackout time(in seconds): {blackout_s}\n"
        f"  Total operation time(in seconds): {total_s}\n\n"
        f"{END_OF_INFORMATION}\n\n"
    )


def verification(failed: list[str]) -> str:
    """The verification's section, with the failures in it."""
    text = boxed("Live Update Requirement Verification...")
    if failed:
        text += "FAILURES\n--------\n" + "".join(f"{line}\n" for line in failed)
        text += "\n  << End of Failure Section >>\n"
    return text + (
        "INFORMATION\n-----------\n"
        "  INFO: Any system dumps present in the current dump logical volumes will not\n"
        "be available after live update is complete.\n\n"
        f"{END_OF_INFORMATION}\n"
    )


def summary(succeeded: bool) -> str:
    """The verification's verdict."""
    word = "succeeded" if succeeded else "failed"
    return boxed("Live Update Preview Summary...") + f"The live update preview {word}.\n"


def end_of_preview() -> str:
    """The banner that says that nothing has happened."""
    return (
        f"\n{STARS}\nEnd of Live Update PREVIEW:  No Live Update operation has actually occurred.\n{STARS}\n"
    )


def broadcast(name: str, terminal: str) -> str:
    """What `wall` writes to every terminal at the end, and geninstall's closing notes."""
    at = time.strftime("%H:%M:%S", time.localtime(now()))
    return (
        f"\n\nBroadcast message from root@{name} ({terminal or 'tty'}) at {at} ...\n\n"
        "Live AIX update completed.\n\n\n"
        "File /etc/inittab has been modified.\n\n"
        "One or more of the files listed in /etc/check_config.files have changed.\n"
        "        See /var/adm/ras/config.diff for details.\n"
    )


LOCKS = """
+-----------------------------------------------------------------------------+
                         EFIX MANAGER LOCKS
+-----------------------------------------------------------------------------+
                         * * *  ATTENTION  * * *

  The following filesets are locked by EFIX manager and can not be updated:

{filesets}

  To list the locked filesets and their EFIX labels, execute the command:

  # /usr/sbin/emgr -P

  To remove the given EFIX, execute the following command:

  # /usr/sbin/emgr -r -L <EFIX label>

  For more information on EFIX management please see the emgr man page
  and documentation.


"""

NO_LICENCE = "installp: The license agreements of the selected filesets have not been accepted.\n"

INSTALL_FAILED = (
    "geninstall:  The live update will not proceed because of an install failure.\n"
    "Please check your logs in /var/adm/ras/liveupdate/logs.\n"
    "Please check /var/adm/ras/emgr.log for interim fix status.\n"
)

NOTHING_TO_INSTALL = (
    "install_all_updates: ATTENTION, no filesets on the media could be used to update the currently\n"
    "installed filesets.\n\n"
    "  Either the software is already at the same level as on the media, or\n"
    "  the media contains only filesets which are not currently installed.\n\n"
)
