"""`geninstall`: preview and run of a Live Update, and removal of filesets."""

import getopt

from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.liveupdate import ifix_install, install, texts
from inventory.lab.liveupdate.cleanup import clean_up
from inventory.lab.liveupdate.verify import verify

USAGE = "Usage: geninstall -k [-d Media] [-p] [-Y] [-f File | install_list | all | update_all]"
EPKG = ".epkg.Z"


@command("/usr/sbin/geninstall", on=(Kind.LPAR,))
async def geninstall(call: Call) -> int:
    """A Live Update (-k), or its preview (-k -p); nothing else is simulated."""
    try:
        pairs, words = getopt.gnu_getopt(call.argv[1:], "kpYd:f:I:uZD")
    except getopt.GetoptError as error:
        raise Usage(f"geninstall: {error}\n{USAGE}") from error
    options = {flag[1:]: value for flag, value in pairs}
    files = tuple(word for word in words if word.endswith(EPKG))
    updates = [word for word in words if word not in files]
    if "k" not in options or set(updates) - {"update_all", "all"} or ("d" in options) != bool(words):
        raise Usage(USAGE)
    media = options.get("d", "").rstrip("/")
    ifixes = ifix_install.Ifixes(media, files, alone=not updates)
    if "p" in options:
        licences = "Y" in options or call not in call.lab.relayed
        return await _preview(call, media, ifixes, licences=licences)
    return await call.lab.updates.start(call, media, ifixes, accept_licences="Y" in options)


async def _preview(call: Call, media_path: str, ifixes: ifix_install.Ifixes, *, licences: bool) -> int:
    """Through NIM the preview asks for licences too (P4)."""
    if call.lab.updates.running(call.host):
        return call.fail("geninstall: 1430-035 Another live update operation is in progress.")
    blocked = False
    if media_path and not ifixes.alone:
        media = install.open_media(call.lab.root_of(call.host), media_path, call.lpar)
        if media is None:
            return call.fail(f"0503-105 geninstall: The device or directory: {media_path} does not exist.")
        call.out(install.head())
        await call.sleep(20)
        obstacle = install.locks(call.lpar, media) or ("" if licences else texts.NO_LICENCE)
        blocked = bool(obstacle)
        if obstacle:
            call.out(obstacle)
        else:
            call.out(install.selection(call.lpar, media) if media.updates else texts.NOTHING_TO_INSTALL)
        call.out(install.tail(call.lpar, succeeded=not blocked))
    if not blocked:
        blocked = not await ifix_install.preview(call, call.sleep, ifixes)
    if blocked:
        call.out(texts.INSTALL_FAILED)
        return 1
    passed = await verify(call, call.sleep, ifixes, updating=bool(media_path))
    call.out(texts.end_of_preview())
    return 0 if passed else 1


@command("/usr/sbin/clvupdate", on=(Kind.LPAR,))
async def clvupdate(call: Call) -> int:
    """Clean up after a failed Live Update; the flags must fit what it left."""
    options, _ = call.options("eounda:U:f:lrv")
    lpar = call.lpar
    if call.lab.updates.running(call.host):
        return call.fail("clvupdate: A live update operation is in progress.")
    if "r" in options:
        lpar.progress.stuck = False
    if {"l", "r"} & set(options):
        return 0
    if "v" in options and "leftover_stays" in call.lab.faults.of(call.host):
        return call.fail("clvupdate: No valid authentication with PowerVC.")
    if "v" in options:
        disks = lpar.in_group("lvup_rootvg")
        for name in disks:
            lpar.disks[name].volume_group = ""
        return 0 if disks else call.fail("clvupdate: There is no volume group of a previous live update.")
    return await clean_up(call, options)
