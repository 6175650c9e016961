"""One Live Update: the install part, the verification, and the phases M03 to M29.

Until the countdown's end it can be aborted by ending its process; from then on it runs to its own
end, whoever listens. All durations are simulated seconds.
"""

import asyncio
import random

from inventory.lab.commands.aix.clone import clone_seconds
from inventory.lab.commands.aix.text import append
from inventory.lab.commands.call import Call, now
from inventory.lab.liveupdate import datafile, ifix_install, install, logs, phases, texts, troubles
from inventory.lab.liveupdate.cleanup import fingerprint
from inventory.lab.liveupdate.datafile import CONFIGURATION
from inventory.lab.liveupdate.ifix_install import Ifixes
from inventory.lab.liveupdate.verify import verify

DOT_EVERY_S = 2.0
BLACKOUT_S = (12.0, 4.0)


class Aborted(Exception):
    """The process of the Live Update ended before the point of no return."""


class Failed(Exception):
    """The Live Update failed; the text is what it prints before `1430-045`."""

    def __init__(self, text: str, *, moved: bool = False) -> None:
        super().__init__(text)
        self.moved = moved


class Refused(Exception):
    """Nothing was begun; the status is the command's."""

    def __init__(self, status: int = 1) -> None:
        super().__init__(status)
        self.status = status


class Operation:
    """A running `geninstall -k` without `-p`, or the install part of it alone."""

    def __init__(self, call: Call, media_path: str, ifixes: Ifixes, *, accept_licences: bool) -> None:
        self.call = call
        self.lab = call.lab
        self.host = call.host
        self.lpar = call.lpar
        self.media_path = media_path
        self.ifixes = ifixes
        self._licences = accept_licences
        self._abortable = True

    async def run(self) -> int:
        """The whole operation; returns the exit status."""
        progress = self.lpar.progress
        try:
            if self.media_path:
                self._mark("INSTALLING", "M01")
                if not self.ifixes.alone:
                    await self._install()
                await self._preview_ifixes()
            self._mark("VERIFYING", "M02")
            await self._verify()
            await self._countdown()
            await self._original()
            await self._surrogate()
            await self._move()
            await self._transfer()
        except Refused as refused:
            self._mark(progress.dirty or "IDLE", "")
            return refused.status
        except Aborted:
            phases.undo(self.lab.world, self.lpar)
            self._mark("FAILED_CLEAN", progress.milestone)
            return 1
        except Failed as failure:
            await self._fail(failure)
            return 1
        self._mark("DONE", "M29")
        return 0

    async def install_only(self) -> int:
        """The install part without the live update; returns the exit status."""
        self._mark("INSTALLING", "M01")
        try:
            await self._install()
        except (Refused, Aborted):
            return 1
        finally:
            self._mark("IDLE", "")
        return 0

    def _mark(self, state: str, milestone: str) -> None:
        self.lpar.progress.state = state
        self.lpar.progress.milestone = milestone
        self.lab.touch()

    async def _pass(self, seconds: float, *, dots: bool = False) -> None:
        """Let simulated time pass, printing dots; notices the end of the process while that counts."""
        step = max(DOT_EVERY_S, 0.01 * self.lab.speed)
        left = seconds
        while left > 0:
            if self._abortable and self.call.gone.is_set():
                raise Aborted
            now_s = min(step, left)
            await self.lab.sleep(now_s)
            left -= now_s
            if dots:
                self.call.out("." * max(1, round(now_s / DOT_EVERY_S)))
        if dots:
            self.call.out("\n")

    def _say(self, milestone: str, text: str) -> None:
        self._mark(self.lpar.progress.state, milestone)
        self.call.line(logs.stamped(self.lpar, text))
        logs.write(self.call, "INFO", "lvup_main", text)

    async def _install(self) -> None:
        media = install.open_media(self.lab.root_of(self.host), self.media_path, self.lpar)
        if media is None:
            self.call.err(
                f"0503-105 {self.call.argv[0]}: The device or directory: {self.media_path} does not exist."
            )
            raise Refused
        self.call.out(install.head())
        append(self.call, install.LOG, f"{now():.0f} {' '.join(self.call.argv)}\n")
        await self._pass(20)
        if not media.updates:
            self.call.out(texts.NOTHING_TO_INSTALL + install.tail(self.lpar, succeeded=True))
            return
        obstacle = install.locks(self.lpar, media) or troubles.install(self, licences=self._licences)
        if obstacle:
            self.call.out(obstacle + install.tail(self.lpar, succeeded=False) + self._will_not_proceed())
            raise Refused
        self.call.out(install.selection(self.lpar, media))
        self.call.out(texts.boxed("Installing Software..."))
        await self._apply(media)
        self.call.out(install.finish(self.call, media) + install.tail(self.lpar, succeeded=True))

    async def _preview_ifixes(self) -> None:
        fails = "ifix_failure" in self.lab.faults.of(self.host)
        if not await ifix_install.preview(self.call, self._pass, self.ifixes, fails=fails):
            self.call.out(texts.INSTALL_FAILED)
            raise Refused(0 if fails else 1)

    def _will_not_proceed(self) -> str:
        return texts.INSTALL_FAILED if self.call.argv[0] == "geninstall" else ""

    async def _apply(self, media: install.Media) -> None:
        names = sorted(media.updates)
        for done, name in enumerate(names):
            if done % install.SEEN_EVERY == 0:
                self.call.line("installp:  APPLYING software for:")
            self.call.line(f"\t{name} {media.updates[name]}")
            await self._pass(install.SECONDS_PER_FILESET)
            install.apply_one(self.lpar, name, media)
            if (done + 1) % install.SEEN_EVERY == 0 or done + 1 == len(names):
                taken = int((done + 1) * install.SECONDS_PER_FILESET)
                self.call.line(
                    f"Filesets processed:  {done + 1} of {len(names)}  "
                    f"(Total time:  {taken // 60} mins {taken % 60} secs)."
                )
                self.call.line()
        self.call.line("0503-292 This update will not fully take effect until after a\n\tsystem reboot.\n")

    async def _verify(self) -> None:
        if not await verify(self.call, self._pass, self.ifixes, updating=bool(self.media_path)):
            raise Refused

    async def _countdown(self) -> None:
        self._mark("RUNNING", "M03")
        data = datafile.read(self.lab.root_of(self.host))
        progress = self.lpar.progress
        if data.through_powervc:
            phases.borrow_disks(self.lpar)
        else:
            progress.nhdisk, progress.mhdisk = data.disks("nhdisk")[0], data.disks("mhdisk")[0]
            progress.disks_lent = False
        progress.original_id, progress.surrogate_id = self.lpar.partition_id, 0
        progress.started_at = now()
        self.call.line("Non-interruptable live update operation begins in 10 seconds.")
        await self._pass(10)
        self._abortable = False

    async def _original(self) -> None:
        logs.begin(self.call)
        self.lpar.progress.configuration = fingerprint(self.lab.root_of(self.host) / CONFIGURATION)
        phases.log_error(self.lpar, "9A74C7AB", "LVUPDATE", "Live AIX update started")
        self._say("M04", "Live AIX update is starting.")
        await self._pass(10)
        self._say("M05", "Initializing live update on original LPAR.")
        self._say("M06", "Validating original LPAR environment.")
        self._check(troubles.notification(self))
        self._say("M07", "Beginning live update operation on original LPAR.")
        await self._pass(10)
        self._say("M08", "Requesting resources required for live update.")
        self._check(troubles.resources(self))
        phases.create_surrogate(self.lab.world, self.lpar)
        await self._pass(80, dots=True)
        self._say("M09", "Notifying applications of impending live update.")

    async def _surrogate(self) -> None:
        nhdisk = self.lpar.progress.nhdisk
        self._say("M10", "Creating rootvg for boot of surrogate.")
        self._say("M11", "Starting alt_disk_copy.")
        append(self.call, "/var/adm/ras/alt_disk_inst.log", f"cmd: alt_disk_copy -B -d {nhdisk}\n")
        phases.set_group(self.lpar, nhdisk, "altinst_rootvg")
        await self._pass(clone_seconds(self.lpar) / 2, dots=True)
        self._check(troubles.clone(self))
        await self._pass(clone_seconds(self.lpar) / 2, dots=True)
        self._say("M11", "Completed alt_disk_copy.")
        ifix_install.on_clone(self.call, self.ifixes)
        phases.set_group(self.lpar, nhdisk, "lvup_rootvg")
        self._say("M12", "Rootvg for the surrogate is ready.")
        self._say("M13", "Starting the surrogate LPAR.")
        phases.surrogate_state(self.lab.world, self.lpar, "Starting", "C20081FF")
        await self._pass(5)
        self._say("M14", "Surrogate AIX boot started.")
        phases.surrogate_state(self.lab.world, self.lpar, "Open Firmware", "CA00E174")
        await self._pass(30 if not troubles.hangs(self) else 1800, dots=True)
        self._check(troubles.boot(self))
        phases.surrogate_state(self.lab.world, self.lpar, "Running", "0c33")
        await self._pass(40, dots=True)
        self._say("M15", "Surrogate AIX reboot started.")
        await self._pass(80, dots=True)
        phases.surrogate_state(self.lab.world, self.lpar, "Running", "2B02")
        self._say("M16", "Surrogate LPAR AIX is running.")

    async def _move(self) -> None:
        self._say("M17", "Creating mirror of original LPAR's rootvg.")
        phases.mirror(self.lpar)
        await self._pass(10 + clone_seconds(self.lpar) / 2, dots=True)
        self._say("M18", "Original rootvg mirror is active.")
        self._say("M19", "Moving workload to surrogate LPAR.")
        await self._pass(24, dots=True)
        await self._blackout()
        self._say("M22", "Workload is running on surrogate LPAR.")

    async def _blackout(self) -> None:
        self._say("M20", "\tBlackout Time started.")
        self.call.line()
        await asyncio.sleep(0.05)
        host = self.lab.hosts[self.host]
        forced = self.lab.faults.of(self.host).get("blackout")
        length = float(forced) if forced else max(4.0, random.gauss(*BLACKOUT_S))
        host.freeze()
        if "blackout_drop" in self.lab.faults.of(self.host):
            host.endpoint.front.drop()
        try:
            await self.lab.sleep(length)
            trouble = troubles.blackout(self)
            if not trouble:
                brought = ifix_install.bring(self.call, self.ifixes)
                phases.move_workload(self.lab, self.host, patched=brought)
                self._mark("MOVED", "M21")
        finally:
            host.thaw()
        self._check(trouble)
        self._say("M21", "\tBlackout Time end.")
        self.call.line()

    async def _transfer(self) -> None:
        world, progress = self.lab.world, self.lpar.progress
        original = world.system.by_id(progress.original_id)
        await self._pass(104, dots=True)
        self._say("M25", "Shutting down the Original LPAR.")
        if original is not None:
            original.state = "Shutting Down"
        await self._pass(10)
        trouble = troubles.removal(self)
        if trouble:
            raise Failed(trouble, moved=True)
        if original is not None:
            original.state = "Not Activated"
        self.call.out(troubles.unreturned(self))
        self._mark("MOVED", "M26")
        await self._pass(56, dots=False)
        phases.remove_original(world, self.lpar)
        phases.log_error(self.lpar, "12295E0B", "LVUPDATE", "Live AIX update completed successfully")
        self.call.out("." * 28)
        self.call.line(logs.closing(self.lpar))
        self.call.out(texts.broadcast(self.lpar.name, self.call.terminal))
        logs.write(self.call, "INFO", "lvup_main", "The live update operation succeeded.")

    def _check(self, trouble: str) -> None:
        if trouble:
            raise Failed(trouble)

    async def _fail(self, failure: Failed) -> None:
        self.call.out(f"{failure}\n{texts.LOG_CAPTURE}\n")
        logs.write(self.call, "ERROR", "lvup_main", texts.LOG_CAPTURE)
        await self._pass(20)
        milestone = self.lpar.progress.milestone
        faults = self.lab.faults.of(self.host)
        if failure.moved or "dirty_failure" in faults:
            progress = self.lpar.progress
            progress.dirty = "MOVED_DIRTY" if failure.moved else "FAILED_DIRTY"
            progress.stuck = "status_stuck" in faults
            self._mark(progress.dirty, milestone)
        else:
            phases.undo(self.lab.world, self.lpar)
            self._mark("FAILED_CLEAN", milestone)
