"""Copies of rootvg: what `alt_disk_copy` keeps on a disk, and what a boot from that disk brings back.

The state of the system lies in the world, the files below the host's directory, in `images/DISK`.
"""

import copy
import dataclasses
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.lab.world.model import Lpar, RootImage

if TYPE_CHECKING:
    from inventory.lab.lab import Lab

DIRECTORIES = ("etc", "var", "home", "opt", "admin", "tmp")
"""What lies in rootvg and may differ; programs are the same on every disk."""
CLONE, FORMER = "altinst_rootvg", "old_rootvg"


def keep(lab: "Lab", host: str, disk: str) -> None:
    """Copy the active rootvg, state and files, to a disk."""
    lpar = lab.system_of(host)
    lpar.images[disk] = _image_of(lpar)
    place = _place(lab, host, disk)
    shutil.rmtree(place, ignore_errors=True)
    for directory in DIRECTORIES:
        shutil.copytree(lab.root_of(host) / directory, place / directory, symlinks=True)


def keep_first(lab: "Lab") -> None:
    """Clones that a scenario begins with are copies of what the LPAR is then."""
    for host, lpar in lab.world.lpars.items():
        for disk in lpar.in_group(CLONE):
            if disk not in lpar.images:
                keep(lab, host, disk)


def start_from(lab: "Lab", host: str, disk: str) -> bool:
    """Make the disk's rootvg the active one, the one before it `old_rootvg`; False if it cannot start."""
    lpar = lab.system_of(host)
    group = lpar.disks[disk].volume_group if disk in lpar.disks else ""
    if group == "rootvg":
        return True
    if group not in (CLONE, FORMER) or disk not in lpar.images:
        return False
    former, started = lpar.in_group("rootvg"), lpar.in_group(group)
    keep(lab, host, former[0])
    image = lpar.images.pop(disk)
    for field in dataclasses.fields(RootImage):
        setattr(lpar, field.name, copy.deepcopy(getattr(image, field.name)))
    for directory in DIRECTORIES:
        target = lab.root_of(host) / directory
        shutil.rmtree(target)
        shutil.move(_place(lab, host, disk) / directory, target)
    for name in started:
        lpar.disks[name].volume_group, lpar.disks[name].active = "rootvg", True
    for name in former:
        lpar.disks[name].volume_group, lpar.disks[name].active = FORMER, False
    return True


def _image_of(lpar: Lpar) -> RootImage:
    names = [field.name for field in dataclasses.fields(RootImage)]
    return RootImage(**{name: copy.deepcopy(getattr(lpar, name)) for name in names})


def _place(lab: "Lab", host: str, disk: str) -> Path:
    return lab.hosts[host].directory / "images" / disk
