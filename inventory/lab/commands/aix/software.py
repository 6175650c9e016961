"""Levels and filesets: `oslevel`, `lslpp`, `instfix`, `lppchk`, `installp`."""

import fnmatch

from inventory.lab.commands.call import Call, command
from inventory.lab.world.model import Fileset
from inventory.lab.world.scenario import known_levels, media_filesets

HEADER = (
    "#Package Name:Fileset:Level:State:PTF Id:Fix State:Type:Description:Destination Dir.:Uninstaller:"
    "Message Catalog:Message Set:Message Number:Parent:Automatic:EFIX Locked:Install Path:Build Date"
)


@command("/usr/bin/oslevel")
async def oslevel(call: Call) -> int:
    """The level on disk."""
    options, _ = call.options("srqfl:g")
    level = call.lpar.level
    vrmf = f"{level[0]}.{level[1]}.0.0"
    if "q" in options:
        known = [one for one in reversed(known_levels()) if one <= level]
        title = "Known Service Packs" if "s" in options else "Known Recommended Maintenance Levels"
        lines = known if "s" in options else sorted({one[:7] for one in known}, reverse=True)
        call.out("\n".join([title, "-" * len(title), *lines]) + "\n")
    elif "s" in options:
        call.line(level)
    elif "r" in options:
        call.line(level[:7])
    else:
        call.line(vrmf)
    return 0


@command("/usr/bin/lslpp")
async def lslpp(call: Call) -> int:
    """Installed filesets, in the colon and the table layout."""
    options, names = call.options("LclqhweaJ")
    lpar = call.lpar
    if "w" in options:
        return _owner(call, names)
    wanted = {name: one for name, one in lpar.filesets.items() if _matches(name, names)}
    for name in names:
        if name.lower() != "all" and not any(fnmatch.fnmatchcase(one, name) for one in lpar.filesets):
            call.err(f"lslpp: 0504-132  Fileset {name} not installed.")
    if names and not wanted:
        return 1
    locked = {package for efix in lpar.efixes for package in efix.packages}
    if "c" in options and "L" in options:
        if "q" not in options:
            call.line(HEADER)
        for name, one in sorted(wanted.items()):
            call.line(_colon_line(name, one, locked=name in locked))
    elif "c" in options:
        _colon_short(call, wanted, locked)
    else:
        show_filesets(call, wanted)
    return 0


def _matches(name: str, names: list[str]) -> bool:
    return not names or any(one.lower() == "all" or fnmatch.fnmatchcase(name, one) for one in names)


def _colon_line(name: str, one: Fileset, *, locked: bool) -> str:
    package = ".".join(name.split(".")[:2])
    return (
        f"{package}:{name}:{one.level}: : :{one.state}:F:{one.description}: : : : : : :0:"
        f"{int(locked)}:/:{one.build}"
    )


def _colon_short(call: Call, wanted: dict[str, Fileset], locked: set[str]) -> None:
    if "q" not in call.argv[1]:
        call.line(
            "#Ens. fich.:Niveau:ID cor:Etat:Type:Description:EFIX Locked"
            if call.french
            else "#Fileset:Level:PTF Id:State:Type:Description:EFIX Locked"
        )
    for name, one in sorted(wanted.items()):
        state = ("VALIDE" if call.french else "COMMITTED") if one.state == "C" else "APPLIED"
        mark = "EFIXLOCKED" if name in locked else ""
        call.line(f"/usr/lib/objrepos:{name}:{one.level}::{state}:F:{one.description}:{mark}")


def show_filesets(call: Call, wanted: dict[str, Fileset]) -> None:
    """Filesets in the table layout."""
    call.line("  Fileset                      Level  State      Description         ")
    call.line("  " + "-" * 76)
    call.line("Path: /usr/lib/objrepos")
    for name, one in sorted(wanted.items()):
        state = "COMMITTED" if one.state == "C" else "APPLIED"
        call.line(f"  {name:<25} {one.level:>10}  {state:<9}  {one.description}")


def _owner(call: Call, names: list[str]) -> int:
    owners = {"/usr/bin/domainname": "bos.net.nis.client", "/usr/sbin/emgr": "bos.rte.install"}
    found = [(name, owners[name]) for name in names if owners.get(name) in call.lpar.filesets]
    if not found:
        return call.fail(f"lslpp: 0504-134  File {' '.join(names)} not found in the vital product database.")
    call.line("  File                                        Fileset               Type")
    call.line("  " + "-" * 76)
    for name, owner in found:
        call.line(f"  {name:<43} {owner:<21} File")
    return 0


@command("/usr/sbin/instfix")
async def instfix(call: Call) -> int:
    """Which service packs are complete (-i); with -cqk what each fileset of one is at, by colons."""
    options, _ = call.options("icqk:v")
    lpar = call.lpar
    if "k" in options:
        return _fix_rows(call, options["k"])
    for level in known_levels():
        if level <= lpar.level:
            call.line(f"    All filesets for {_keyword(level)} were found.")
    return 0


def _keyword(level: str) -> str:
    return f"{level[:2]}-{level[5:7]}-{level[8:10]}{level[11:]}_SP"


def _fix_rows(call: Call, keyword: str) -> int:
    level = next((level for level in known_levels() if _keyword(level) == keyword), None)
    if level is None:
        return call.fail(f"There was no data for {keyword} in the fix database.")
    wanted = media_filesets(level)
    for name, one in sorted(call.lpar.filesets.items()):
        if name in wanted:
            sign = _sign(one.level, wanted[name])
            call.line(f"{keyword}:{name}:{wanted[name]}:{one.level}:{sign}:AIX {level} Service Pack")
    return 0


def _sign(installed: str, wanted: str) -> str:
    have, need = ([int(part) for part in text.split(".")] for text in (installed, wanted))
    return "=" if have == need else "+" if have > need else "-"


@command("/usr/bin/lppchk")
async def lppchk(call: Call) -> int:
    """Consistency of the filesets: nothing to say, or what does not fit together."""
    rows = call.lpar.inconsistent
    if not rows:
        return 0
    call.line("lppchk:  The following filesets need to be installed or corrected to bring")
    call.line("         the system to a consistent state:\n")
    call.out("".join(f"  {row}\n" for row in rows))
    return 1


@command("/usr/sbin/installp")
async def installp(call: Call) -> int:
    """Commit and remove filesets; list what is only applied."""
    options, names = call.options("acCgpuswXYQd:V:Fej")
    lpar = call.lpar
    if "s" in options:
        applied = [f"{name:<27} {one.level}" for name, one in lpar.filesets.items() if one.state == "A"]
        call.line(
            "\n".join(applied)
            or "0503-459 installp:  No filesets were found in the Software Vital Product\n"
            "        Database in APPLIED state."
        )
        return 0
    if "c" in options and "a" not in options:
        return await _commit(call)
    if "u" in options:
        return await _deinstall(call, names)
    return call.fail(
        "0503-438 installp:  This function of installp requires a list of installable filesets to be "
        "provided."
    )


async def _commit(call: Call) -> int:
    applied = {name: one for name, one in call.lpar.filesets.items() if one.state == "A"}
    if not applied:
        call.line(
            "0503-439 installp:  No filesets on the system are in the APPLIED state and can be committed."
        )
        return 0
    await call.sleep(20)
    for one in applied.values():
        one.state = "C"
    installation_summary(call, [(name, one.level, "COMMIT", "SUCCESS") for name, one in applied.items()])
    return 0


async def _deinstall(call: Call, names: list[str]) -> int:
    filesets = call.lpar.filesets
    found = {
        name: one for name, one in filesets.items() if any(fnmatch.fnmatchcase(name, want) for want in names)
    }
    if not found:
        return call.fail(f"0503-464 installp: No filesets match {' '.join(names)}.")
    await call.sleep(20)
    for name in found:
        del filesets[name]
    installation_summary(call, [(name, one.level, "DEINSTALL", "SUCCESS") for name, one in found.items()])
    return 0


def installation_summary(call: Call, rows: list[tuple[str, str, str, str]]) -> None:
    """installp's closing table."""
    call.out(summary_text(rows))


def summary_text(rows: list[tuple[str, str, str, str]]) -> str:
    """installp's closing table of (fileset, level, event, result)."""
    lines = ["Installation Summary", "-" * 20]
    lines.append(f"{'Name':<27} {'Level':<15} {'Part':<11} {'Event':<11} Result")
    lines.append("-" * 79)
    lines += [
        f"{name:<27} {level:<15} {'USR':<11} {event:<11} {result}" for name, level, event, result in rows
    ]
    return "\n".join(lines) + "\n"
