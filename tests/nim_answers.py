"""Answers of a small NIM master, by fact and key; tests change what they are about."""

from collections.abc import Mapping
from datetime import UTC, datetime

from inventory.facts.base import FactSet, Output, Reading, ReadingState
from inventory.facts.catalogue import fact_named

READ_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TOC, FIX = "a" * 64, "b" * 64
LIST = """\
master               machines         master
pay01                machines         standalone
hmc01                management       hmc
9080-M9S_78A1234     management       cec
aix73                resources        lpp_source
fixes                resources        lpp_source
lud_pay01            resources        live_update_data
"""
MACHINES = """\
master:
   class       = machines
   type        = master
   ssl_support = yes
pay01:
   class         = machines
   type          = standalone
   connect       = nimsh
   if1           = vlan4 pay01.example.com 6E5AF0001A00 ent0
   mgmt_profile1 = hmc01 26 9080-M9S_78A1234
   cpuid         = 00FA343B4C00
   Mstate        = currently running
"""
MANAGEMENT = """\
hmc01:
   class = management
   type  = hmc
9080-M9S_78A1234:
   class  = management
   type   = cec
   serial = 9080-M9S*78A1234
"""
RESOURCES = """\
aix73:
   class    = resources
   type     = lpp_source
   location = /export/aix73
   server   = master
fixes:
   class    = resources
   type     = lpp_source
   location = /export/fixes
   server   = master
lud_pay01:
   class    = resources
   type     = live_update_data
   location = /export/lud
   server   = master
"""
ANSWERS = {
    "nim_list": LIST,
    "nim_objects_of_class machines": MACHINES,
    "nim_objects_of_class management": MANAGEMENT,
    "nim_objects_of_class resources": RESOURCES,
    "nim_contents aix73": " @ 7.3.3.1  Run  @@I:bos.mp64 7.3.3.1\n + 7.3.10.0  Run  @@I:bos.mp64 7.3.10.0\n",
    "nim_files /export/aix73": (
        "-rw-r--r--    1 root     system      3145728 May 12 2025  /export/aix73/installp/ppc/bos.mp64.I\n"
        "-rw-r--r--    1 root     system         1024 May 12 2025  /export/aix73/.toc\n"
    ),
    "nim_digests /export/aix73": f"{TOC}  /export/aix73/.toc\n",
    "nim_contents fixes": "",
    "nim_files /export/fixes": (
        "-rw-r--r--    1 root     system       1024 May 12 2025 /export/fixes/emgr/ppc/IJ1s1a.250101.epkg.Z\n"
    ),
    "nim_digests /export/fixes": f"{FIX}  /export/fixes/emgr/ppc/IJ1s1a.250101.epkg.Z\n",
    "nim_ifix /export/fixes/emgr/ppc/IJ1s1a.250101.epkg.Z": "LABEL:  IJ1s1a\nLU CAPABLE: yes\n",
    "nim_live_update_data /export/lud": "disks:\n\tnhdisk = hdisk2\n",
}


def answers(changes: Mapping[str, str | Output | None] | None = None) -> FactSet:
    """The readings with other outputs: text, a whole Output, or None for what was never read."""
    facts = FactSet()
    for named, said in {**ANSWERS, **(changes or {})}.items():
        if said is not None:
            facts.add(reading(named, said))
    return facts


def reading(named: str, said: str | Output) -> Reading:
    """A reading of a NIM master under `fact key`."""
    name, _, key = named.partition(" ")
    output = said if isinstance(said, Output) else Output(said)
    command = fact_named(name).build(*([key] if key else [])).display()
    return Reading(name, key, "nim01", command, output, READ_AT, ReadingState.OK)
