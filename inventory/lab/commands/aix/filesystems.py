"""File systems: `df`, `mount`, `umount`; NFS mounts make the NIM master's directories visible."""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.lab.commands.call import Call, command, now
from inventory.lab.world.model import Mount

if TYPE_CHECKING:
    from inventory.lab.lab import Lab

LOCAL = ("jfs2", "jfs")
OTHERS = ("cachefs", "cdrfs", "namefs", "udfs")


@command("/usr/bin/df")
async def df(call: Call) -> int:
    """Free space in MB (-m), GB (-g), KB (-k) or 512-byte blocks."""
    options, paths = call.options("mgkIvtis")
    unit, title = next(
        (
            (size, title)
            for flag, size, title in (
                ("m", 1.0, "MB blocks"),
                ("g", 1024.0, "GB blocks"),
                ("k", 1 / 1024, "1024-blocks"),
            )
            if flag in options
        ),
        (1 / 2048, "512-blocks"),
    )
    digits = 2 if "m" in options or "g" in options else 0
    call.line(f"Filesystem {title:>12}      Free %Used    Iused %Iused Mounted on")
    for mount in _covering(call, paths):
        _row(call, mount, unit, digits)
    return 0


@command("/usr/sbin/lsfs")
async def lsfs(call: Call) -> int:
    """The known file systems; -q adds what their superblocks say. Sizes in 512-byte blocks."""
    options, _ = call.options("aclqv:u:")
    call.line("Name            Nodename   Mount Pt               VFS   Size    Options    Auto Accounting")
    for mount in call.lpar.mounts:
        one = call.lpar.filesystems.get(mount.over)
        size = f"{one.size_mb * 2048:.0f}" if one else "--"
        node, set_up = mount.node or "--", "rw" if mount.vfs == "jfs2" else "--"
        call.line(
            f"{mount.mounted:<15} {node:<10} {mount.over:<22} {mount.vfs:<5} {size:<7} {set_up:<10} yes  no "
        )
        if "q" in options and mount.vfs == "jfs2":
            managed = "yes" if mount.over in call.lpar.space_managed else "no"
            call.line(
                f"  (lv size: {size}, fs size: {size}, block size: 4096, sparse files: yes, inline log: no, "
                f"inline log size: 0, EAformat: v1, Quota: no, DMAPI: {managed}, VIX: yes, EFS: no, "
                "ISNAPSHOT: no, MAXEXT: 0, MountGuard: no)"
            )
    return 0


def _covering(call: Call, paths: list[str]) -> list[Mount]:
    mounts = call.lpar.mounts
    if not paths:
        return mounts
    found = []
    for path in paths:
        over = [one for one in mounts if one.over == "/" or f"{path}/".startswith(f"{one.over}/")]
        found.append(max(over, key=lambda one: len(one.over)))
    return found


def _row(call: Call, mount: Mount, unit: float, digits: int) -> None:
    if mount.vfs == "procfs":
        call.line(f"{mount.mounted:<13}{'-':>10}{'-':>10}{'-':>5}{'-':>9}{'-':>6}  {mount.over}")
        return
    if mount.vfs == "ahafs":
        call.line(f"{mount.mounted:<13}{'-':>10}{'-':>10}{'-':>5}{35:>9}{'1%':>7} {mount.over}")
        return
    one = call.lpar.filesystems.get(mount.over)
    size, free, inodes = (one.size_mb, one.free_mb, one.inodes) if one else (204800.0, 40960.5, 2810)
    if "disk_full" in call.lab.faults.of(call.host) and mount.over == "/var":
        free = 0.0
    name = f"{mount.node}:{mount.mounted}" if mount.node else mount.mounted
    percent = f"{math.ceil(100 - free * 100 / size)}%"
    taken = f"{math.ceil(inodes * 100 / (inodes + free * 220))}%"
    call.line(
        f"{name:<13}{size / unit:>10.{digits}f}{free / unit:>10.{digits}f}"
        f"{percent:>6}{inodes:>9}{taken:>7} {mount.over}"
    )


@command("/usr/sbin/mount")
async def mount(call: Call) -> int:
    """Show the mount table, or mount: NFS from the NIM master, AHAFS, an AIX file system."""
    options, words = call.options("o:v:n:rpt:")
    if not words:
        _table(call)
        return 0
    if options.get("v") == "ahafs":
        call.lpar.mounts.append(Mount("/ahafs", "/aha", "ahafs", "rw", since=_since()))
        return 0
    source, over = words[0], words[-1].rstrip("/") or "/"
    if options.get("v") in OTHERS:
        if any(one.over == over for one in call.lpar.mounts):
            return call.fail(
                f"mount: 0506-324 Cannot mount {source} on {over}: The requested resource is busy."
            )
        node, kept = options.get("n", ""), options.get("o", "rw")
        call.lpar.mounts.append(Mount(source, over, options["v"], kept, node, _since()))
        return 0
    node, colon, directory = source.partition(":")
    if options.get("n"):
        node, colon, directory = options["n"], ":", source
    if len(words) != 2 or not colon:
        return call.fail(
            f"mount: 0506-324 Cannot mount {source} on {over}: A system call received a parameter that "
            "is not valid."
        )
    return await _mount_nfs(call, node, directory.rstrip("/"), over, options)


async def _mount_nfs(call: Call, node: str, directory: str, over: str, options: dict[str, str]) -> int:
    nim = call.world.nim
    if node not in (nim.name, nim.address):
        return call.fail(f"mount: 1831-003 rpc.mountd: host {node} not found")
    shared = [*nim.media, *(path.rpartition("/")[0] for path in nim.ifixes)]
    exported = [path for path in shared if path == directory or path.startswith(f"{directory}/")]
    if not exported:
        return call.fail(
            f"mount: 1831-011 access denied for {node}:{directory}\nmount: 1831-008 giving up on:\n"
            f"{node}:{directory}\nThe file access permissions do not allow the specified action."
        )
    if "refuse" in call.lab.faults.of(nim.name):
        return call.fail(
            f"mount: 1831-010 server {node} not responding: RPC: 1832-018 Port mapper failure - RPC: "
            "1832-008 Timed out"
        )
    place = call.lab.root_of(call.host) / over.lstrip("/")
    if not place.is_dir():
        return call.fail(
            f"mount: 0506-324 Cannot mount {node}:{directory} on {over}: A file or directory in the path "
            "name does not exist."
        )
    if any(one.over == over for one in call.lpar.mounts):
        return call.fail(
            f"mount: 0506-324 Cannot mount {node}:{directory} on {over}: The requested resource is busy."
        )
    await call.sleep(2)
    _cover(place, call.lab.root_of(nim.name) / directory.lstrip("/"))
    mode = "ro" if "r" in options or "ro" in options.get("o", "").split(",") else "rw"
    call.lpar.mounts.append(Mount(directory, over, "nfs3", f"{mode},bg,hard,intr,sec=sys", node, _since()))
    return 0


def _cover(place: Path, source: Path) -> None:
    place.rename(_under(place))
    place.symlink_to(source)


def _under(place: Path) -> Path:
    return place.with_name(f".{place.name}.under")


def _since() -> str:
    return time.strftime("%b %d %H:%M", time.localtime(now()))


def _table(call: Call) -> None:
    call.line("  node       mounted        mounted over    vfs       date        options      ")
    call.line("-------- ---------------  ---------------  ------ ------------ --------------- ")
    for one in call.lpar.mounts:
        call.line(
            f"{one.node:<8} {one.mounted:<16} {one.over:<16} {one.vfs:<6} {one.since} {one.options:<15} "
        )


@command("/usr/sbin/umount", "/usr/sbin/unmount")
async def umount(call: Call) -> int:
    """Take a mount away; refused while a Live Update installs from it."""
    _, words = call.options("f")
    status = 0
    for word in words:
        one = next(
            (m for m in reversed(call.lpar.mounts) if word.rstrip("/") in (m.over, f"{m.node}:{m.mounted}")),
            None,
        )
        if one is None:
            status = call.fail("umount: 0506-347 Cannot find anything to unmount.")
        elif one.over in ("/", "/usr", "/var", "/proc") or call.lab.updates.uses(call.host, one.over):
            status = call.fail(
                f"umount: 0506-349 Cannot unmount {one.mounted}: The requested resource is busy."
            )
        else:
            unmounted(call.lab, call.host, one)
    return status


def unmounted(lab: "Lab", host: str, mount: Mount) -> None:
    """A mount is gone; what lay under it is seen again."""
    lab.system_of(host).mounts.remove(mount)
    place = lab.root_of(host) / mount.over.lstrip("/")
    if mount.node and place.is_symlink():
        place.unlink()
        _under(place).rename(place)
