"""NIM's method of Live Update on a client, a script of `bos.sysmgt.nim.client`, as its level delivers it."""

PATH = "/usr/lpp/bos.sysmgt/nim/methods/c_cust_lku"
LINES = 891
WITHOUT_LICENCES = (("7200-01", "7200-01-05-1845"), ("7200-02", "7200-02-03-1845"))
"""Levels from the first to below the second start geninstall without -Y (IJ02913, IJ08917)."""
_HEAD = "#!/bin/ksh\n# bos.sysmgt.nim.client {level}: c_cust_lku, live kernel update of a NIM client\n"
_CALL = 'geninstall_cmd="${geninstall_cmd} ${VERBOSE:+-D} -k"\n'
_CALL_WITH_LICENCES = 'geninstall_cmd="${geninstall_cmd} ${VERBOSE:+-D} ${ACCEPT_LICENSES:+-Y} -k ${FLAGS}"\n'


def defective(level: str) -> bool:
    """Whether the method of this AIX level leaves -Y out (P4)."""
    return any(first <= level < fixed for first, fixed in WITHOUT_LICENCES)


def text(level: str) -> str:
    """The method's text at an AIX level; the call of geninstall stands near line 892."""
    head = _HEAD.format(level=level)
    filling = "".join(f": line {number}\n" for number in range(head.count("\n") + 1, LINES + 1))
    return f"{head}{filling}{_CALL if defective(level) else _CALL_WITH_LICENCES}$geninstall_cmd\nexit $?\n"
