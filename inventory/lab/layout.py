"""What a host's root holds: AIX's directories, basic tools of the real system, simulated commands."""

import os
import shutil
import sys
from pathlib import Path

from inventory.lab.commands.call import PATHS, Kind
from inventory.lab.liveupdate import nim_method
from inventory.lab.shell import labsh
from inventory.lab.world.efixes import package_text
from inventory.lab.world.model import Lpar, World
from inventory.lab.world.scenario import kernel_version

_TOOLS = (
    "cat ls mkdir rmdir mv rm echo cut head tail sort uniq wc tee dd cp ln touch chmod sleep nohup "
    "kill expr tr date env test printf cksum find xargs dirname basename true false cmp diff comm "
    "paste join split od pwd readlink stty tty mktemp tar gzip sync nl fold base64 sha256sum ["
)
_HMC_TOOLS = "grep egrep fgrep sort cut head tail sed awk wc tr uniq cat date echo sleep tee true false"
PATTERN_TOOLS = {
    "grep": "-A -B -C -m",
    "egrep": "-A -B -C -m",
    "fgrep": "-A -B -C -m",
    "sed": "",
    "awk": "-F -v",
}
_DIRECTORIES = (
    "var/adm/ras/liveupdate/logs var/adm/ras/livedump var/adm/sw var/tmp var/spool usr/bin usr/sbin usr/lib "
    "usr/ucb usr/lpp usr/sbin/rsct/bin etc/liveupdate etc/security tmp mnt proc home opt admin sbin dev data "
    "export"
)
PATH = ("usr/bin", "etc", "usr/sbin", "usr/ucb", "sbin")

_STUB = """#!{python} -IS
import sys
sys.path.append({directory!r})
import {module}
sys.exit({module}.main(sys.argv, {words}))
"""

_PATTERN_TOOL = """#!/bin/sh
valued=" {valued} " pattern= verbatim= paragraphs= count=$#
while [ $count -gt 0 ]; do
  word=$1; shift; count=$((count-1))
  if [ -n "$verbatim" ]; then verbatim=
  else case $word in
    -e|-f) pattern=given verbatim=next ;;
    -[ef]?*) pattern=given ;;
    -p) if [ {program} = {grep} ]; then paragraphs=yes; continue; fi ;;
    -?*) case $valued in *" $word "*) verbatim=next ;; esac ;;
    *) if [ -z "$pattern" ]; then pattern=given
       else case $word in {root}/*|/dev/*) ;; /*) word={root}$word ;; esac
       fi ;;
  esac; fi
  set -- "$@" "$word"
done
if [ -n "$paragraphs" ]; then
  wanted=$1; shift
  exec awk -v "wanted=$wanted" 'BEGIN {{ RS = ""; status = 1 }}
    {{ count = split($0, lines, "\\n")
       for (i = 1; i <= count; i++) if (lines[i] ~ wanted) {{ print $0 "\\n"; status = 0; break }} }}
    END {{ exit status }}' "$@"
fi
exec {program} "$@"
"""


def host_environment(root: Path, host: str, directory: Path) -> dict[str, str]:
    """The environment of a login; the LAB_ entries mark the host's processes as the lab's."""
    return {
        "PATH": ":".join(str(root / part) for part in PATH),
        "HOME": str(root),
        "LOGNAME": "root",
        "USER": "root",
        "LANG": "C",
        "TMPDIR": str(root / "tmp"),
        "LAB_HOST": host,
        "LAB_DIR": str(directory),
        "BASH_FUNC_kill%%": '() { builtin kill "$@" 2>/dev/null || command simulated_kill "$@"; }',
        "BASH_FUNC_command_not_found_handle%%": (
            '() { printf "ksh: %s:  not found.\\n" "$1" >&2; return 127; }'
        ),
    }


def build_aix_root(root: Path, lpar: Lpar, kind: Kind, address: str) -> None:
    """Make (or complete) an AIX host's root. Files that are there stay as they are."""
    for directory in _DIRECTORIES.split():
        (root / directory).mkdir(parents=True, exist_ok=True)
    _link(root / "bin", "usr/bin")
    _link(root / "aha", "var/tmp")
    for tool in _TOOLS.split():
        _link_tool(root / "usr/bin" / tool, tool)
    for tool, valued in PATTERN_TOOLS.items():
        program = shutil.which(tool) or tool
        text = _PATTERN_TOOL.format(valued=valued, root=root, program=program, grep=shutil.which("grep"))
        _script(root / "usr/bin" / tool, text)
    shell = (str(root), labsh.real_shell())
    _stub(root / "usr/lib/labsh", labsh.__file__, "labsh", shell)
    for name in ("sh", "ksh", "ksh93", "bsh"):
        _link(root / "usr/bin" / name, "../lib/labsh")
    client = root / "usr/lib/simulated"
    _stub(client, labsh.__file__, "client", (lpar.name, str(root), address))
    for path in PATHS[kind]:
        entry = root / path.lstrip("/")
        entry.parent.mkdir(parents=True, exist_ok=True)
        _link(entry, str(client))
    (root / "proc/version").write_text(kernel_version(lpar.kernel_level, lpar.kernel_ifix))
    for name, content in {**_standard_files(lpar, kind), **lpar.files}.items():
        file = root / name.lstrip("/")
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)


def build_hmc_tools(directory: Path, host: str, address: str) -> None:
    """Make the only directory on an HMC's PATH."""
    directory.mkdir(parents=True, exist_ok=True)
    for tool in _HMC_TOOLS.split():
        _link_tool(directory / tool, tool)
    client = directory.parent / "simulated"
    _stub(client, labsh.__file__, "client", (host, "", address))
    for name in PATHS[Kind.HMC]:
        _link(directory / name, str(client))


def show_media(root: Path, world: World) -> None:
    """Put the NIM master's directories in place: `.toc`, some images, interim fixes, as `ls` finds them."""
    for path, level in world.nim.media.items():
        place = root / path.lstrip("/") / "installp/ppc"
        place.mkdir(parents=True, exist_ok=True)
        for toc in (place / ".toc", place.parent.parent / ".toc"):
            toc.write_text(f"0 {level} 2\n")
        for package in ("bos", "bos.mp64", "bos.net", "bos.liveupdate", "openssl.base"):
            (place / f"{package}.{level}.U").touch()
    for path, ifix in world.nim.ifixes.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(package_text(ifix))


def _standard_files(lpar: Lpar, kind: Kind) -> dict[str, str]:
    return {
        "/etc/inittab": (
            "init:2:initdefault:\n"
            "brc::sysinit:/sbin/rc.boot 3 >/dev/console 2>&1 # Phase 3 of system boot\n"
            "cron:23456789:respawn:/usr/sbin/cron\n"
            "cons:0123456789:respawn:/usr/sbin/getty /dev/console\n"
        ),
        "/etc/hosts": f"127.0.0.1 loopback localhost hmc01\n{lpar.address} {lpar.name}\n",
        "/etc/check_config.files": "d /etc/inittab\nd /etc/environment\n",
        "/etc/security/audit/config": (
            "start:\n\tbinmode = on\n\tstreammode = " + ("on" if lpar.audit_stream else "off") + "\n\n"
            "bin:\n\ttrail = /audit/trail\n\tbin1 = /audit/bin1\n\tbinsize = 10240\n\n"
        ),
        nim_method.PATH: nim_method.text(lpar.level),
        **({"/etc/niminfo": niminfo(lpar.name, kind)} if lpar.nim_client else {}),
        "/var/adm/ras/liveupdate/lvupdate.template": (
            "#general:\n#\tkext_check =\n#\tcpu_reduction =\n#\n"
            "#disks:\n#\tnhdisk =\n#\tmhdisk =\n#\ttohdisk =\n"
            "#\ttshdisk =\n#\n#hmc:\n#\tlpar_id =\n#\tmanagement_console =\n#\tuser =\n"
        ),
    }


def niminfo(host: str, kind: Kind, master: str = "nim01") -> str:
    """What NIM writes on its clients and on the master itself."""
    name, configuration = ("master", "master") if kind is Kind.NIM else (host, "standalone")
    return (
        "#------------------ Network Install Manager ---------------\n"
        "# warning - this file contains NIM configuration information\n"
        "#       and should only be updated by NIM\n"
        f"export NIM_NAME={name}\nexport NIM_HOSTNAME={host}\n"
        f"export NIM_CONFIGURATION={configuration}\nexport NIM_MASTER_HOSTNAME={master}\n"
        'export NIM_MASTER_PORT=1058\nexport NIM_REGISTRATION_PORT=1059\nexport NIM_SHELL="nimsh"\n'
    )


def _link_tool(entry: Path, tool: str) -> None:
    found = shutil.which(tool, path="/usr/bin:/bin:/usr/local/bin:/usr/sbin")
    if found:
        _link(entry, found)


def _link(entry: Path, target: str) -> None:
    if entry.is_symlink() and os.readlink(entry) == target:  # noqa: PTH115 - the text itself is compared
        return
    entry.unlink(missing_ok=True)
    entry.symlink_to(target)


def _stub(path: Path, module_file: str, module: str, words: tuple[str, ...]) -> None:
    directory = str(Path(module_file).resolve().parent)
    call = ", ".join(repr(word) for word in words)
    python = str(Path(sys.executable).resolve())
    _script(path, _STUB.format(python=python, directory=directory, module=module, words=call))


def _script(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(0o755)
