"""What lies on a disk: `lquerypv` (its first bytes, its owner), `getlvodm`, `lslv -m` of the boot volume."""

from inventory.lab.commands.call import Call, command
from inventory.lab.world.model import Disk

AIX_RECORD = bytes.fromhex("C9C2D4C1")
PVID_AT = 0x80


@command("/usr/sbin/lquerypv")
async def lquerypv(call: Call) -> int:
    """The first 256 bytes (-h), or whether no volume group owns the disk (-V)."""
    options, names = call.options("h:V:")
    named = options.get("h", options.get("V", "")).rpartition("/")[2]
    disk = call.lpar.disks.get(named)
    if disk is None or len(names) > 2:
        return call.fail(f"lquerypv: 0516-1396 The physical volume {named}, was not found in the system.")
    if "V" in options:
        call.line("0" if disk.signature or disk.volume_group else "1")
        return 0
    content = _first_bytes(disk)
    for offset in range(0, len(content), 16):
        row = content[offset : offset + 16]
        words = " ".join(row[at : at + 4].hex().upper() for at in range(0, 16, 4))
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        call.line(f"{offset:08X}   {words}  |{text}|")
    return 0


def _first_bytes(disk: Disk) -> bytes:
    content = bytearray(256)
    if disk.contents == "aix":
        content[:4] = AIX_RECORD
        content[PVID_AT : PVID_AT + 8] = bytes.fromhex(disk.pvid)
    elif disk.contents == "asm":
        content[:4] = bytes.fromhex("00820101")
        content[0x20:0x28] = b"ORCLDISK"
    return bytes(content)


@command("/usr/sbin/getlvodm")
async def getlvodm(call: Call) -> int:
    """The volume group's id of a disk (-j); status 3 for one that LVM does not know."""
    options, _ = call.options("j:")
    disk = call.lpar.disks.get(options.get("j", ""))
    if disk is None or not disk.volume_group:
        return 3
    group = call.lpar.groups.get(disk.volume_group)
    call.line(group.identifier if group else disk.pvid.ljust(32, "0"))
    return 0


@command("/usr/sbin/lslv")
async def lslv(call: Call) -> int:
    """Where the partitions of the boot volume lie (-m)."""
    options, names = call.options("m:l:")
    name = options.get("m", names[0] if names else "")
    group = call.lpar.groups["rootvg"]
    volume = next((each for each in group.volumes if each.name == name), None)
    if volume is None:
        return call.fail(f"0516-306 lslv: Unable to find  {name} in the Device\n\tConfiguration Database.")
    call.line(f"{name}:{volume.mount_point}")
    call.line("LP    PP1  PV1               PP2  PV2               PP3  PV3")
    disks = call.lpar.in_group("rootvg")[: group.copies]
    gap = 116 if group.boot_in_pieces else 0
    for number in range(1, max(volume.lps, 2 if gap else 1) + 1):
        place = number + (gap if number > 1 else 0)
        call.line(f"{number:04d}  " + "".join(f"{place:04d} {disk:<18}" for disk in disks).rstrip())
    return 0
