"""Preparation: NIM's method on the LPAR is made to accept licences where it does not (P4, RQ-019).

`c_cust_lku` belongs to a fileset, so it is changed only where its line is exactly the known one, the
original is kept on the LPAR, and it is put back unless the update itself delivered another file.
"""

import re

from inventory.command import Command, aix
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import Defect, hit_by
from liveupdate.lpar.consents import Consent
from liveupdate.procedures.draft import Draft, change, look, restore, restored
from liveupdate.procedures.step import Expect, Phase, Run

METHOD = "/usr/lpp/bos.sysmgt/nim/methods/c_cust_lku"
ORIGINAL = "/var/adm/ras/lu-portal-c_cust_lku.original"
EDITED = "/var/adm/ras/lu-portal-c_cust_lku.edited"
LINE = 'geninstall_cmd="${geninstall_cmd} ${VERBOSE:+-D} -k"'
WANTED = 'geninstall_cmd="${geninstall_cmd} ${VERBOSE:+-D} -k -Y"'
EDIT = r"""sed 's/^\([[:space:]]*geninstall_cmd="${geninstall_cmd} ${VERBOSE:+-D} -k\)"/\1 -Y"/' """
_EDIT = f"{EDIT}{ORIGINAL} > {EDITED} && cp {EDITED} {METHOD}"
_BACK = f"if cmp -s {EDITED} {METHOD}; then cp -p {ORIGINAL} {METHOD}; fi"


def licences(draft: Draft) -> None:
    """Handbook P4 (APARs IJ02913, IJ08917, IJ05198): only at the levels that need it."""
    level = draft.subject.value(OSLEVEL)
    hit = hit_by(Defect.LICENCE_THROUGH_NIM, level)
    if hit is None:
        return
    needed = f"At {level} NIM's method does not accept licences ({hit.apar})."
    if not draft.may(Consent.EDIT_NIM_METHOD, needed):
        return
    draft.add(
        look(
            "nim_method_known",
            Phase.CHECK,
            "Prove that NIM's method has the one line that is to be changed",
            "A file that is different is left alone.",
            aix("grep", "-n", "geninstall_cmd=.*-k", METHOD),
            expect=Expect(has=(rf"\A\s*\d+:\s*{re.escape(LINE)}\s*\Z",)),
        ),
        look(
            "nim_method_before",
            Phase.PREPARE,
            "Record the checksum of NIM's method",
            "It is compared with this after the update.",
            _checksum(METHOD),
        ),
        change(
            "nim_method_kept",
            Phase.PREPARE,
            "Keep NIM's method as it is",
            f"The original stays on the LPAR as {ORIGINAL}.",
            Run(aix("cp", "-p", METHOD, ORIGINAL)),
        ),
        change(
            "nim_method_edited",
            Phase.PREPARE,
            "Let NIM's method accept licences",
            f"{needed} It is to call geninstall with -Y.",
            Run(aix("sh", "-c", _EDIT)),
            cures=("RQ-019",),
        ),
        look(
            "nim_method_is_edited",
            Phase.PREPARE,
            "Prove that this line of NIM's method is changed, and nothing else",
            "diff shows every difference.",
            aix("diff", ORIGINAL, METHOD),
            expect=Expect(statuses=(1,), has=(_only_difference(),)),
        ),
    )
    _taken_back(draft)


def _taken_back(draft: Draft) -> None:
    draft.undo(
        restore(
            "nim_method_back",
            "nim_method_edited",
            "Put NIM's method back",
            "Unless the update delivered another one, which stays.",
            aix("sh", "-c", _BACK),
        ),
        restored(
            "nim_method_is_back",
            "nim_method_edited",
            "Prove that NIM's method is not the changed one any more",
            "It is the original again, or what the update delivered.",
            _checksum(METHOD, EDITED),
            expect=Expect(has=(r"\A\s*\d+\s",), lacks=(r"\A\s*(\d+\s+\d+)\s[^\n]*\n\s*\1\s",)),
        ),
    )


def _checksum(*files: str) -> Command:
    return aix("cksum", *files)


def _only_difference() -> str:
    old, new = (rf"{mark}\s*{re.escape(line)}\s*" for mark, line in (("<", LINE), (">", WANTED)))
    return rf"\A\s*(\d+)c\1\s*\n{old}\n---\n{new}\Z"
