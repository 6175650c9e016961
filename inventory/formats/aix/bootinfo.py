"""`bootinfo`: the memory in KB (`-r`), and the width of kernel (`-K`) and hardware (`-y`)."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, number, only_line
from inventory.formats.base import plain


def amount(output: Output) -> int:
    """The memory in KB."""
    line = only_line(answer(output, "bootinfo"), "amount").strip()
    value = number(line, "the amount", line)
    if value <= 0:
        raise Unparsable("bootinfo printed no amount", line)
    return value


def width(output: Output) -> int:
    """32 or 64: bits of the running kernel (`-K`) or of the hardware (`-y`)."""
    line = only_line(answer(output, "bootinfo", closed="32|64"), "width").strip()
    if not re.fullmatch("32|64", line):
        raise Unparsable("neither 32 nor 64", line)
    return int(line)


BOOTINFO_MEMORY = plain("bootinfo_memory", HostKind.LPAR, "bootinfo -r", parse=amount)
BOOTINFO_WIDTH = plain("bootinfo_width", HostKind.LPAR, "bootinfo -K", "bootinfo -y", parse=width)
