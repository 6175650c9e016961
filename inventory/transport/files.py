"""Small files on a host, over a plain command: works where SFTP is refused, too."""

import re

from inventory.command import Command
from inventory.transport.errors import RemoteFailure
from inventory.transport.launcher import HELPER_S, Runs
from inventory.transport.result import Result
from portal.lib.errors import Invalid

_MODE = re.compile(r"[0-7]{3,4}")
_WRITE = """umask 077
new=$1.new.$$
fail() {
  rm -f "$new"
  exit "$1"
}
if [ -d "$1" ]; then echo "$1 is a directory" >&2; exit 73; fi
cat >"$new" || fail 74
[ "$(wc -c <"$new" | tr -d ' ')" = "$3" ] || fail 75
chmod "$2" "$new" && mv -f "$new" "$1" || fail 74
"""


def write(connection: Runs, path: str, content: bytes, mode: str) -> None:
    """Put a file in place by rename: readers see the old content or the new, never a part.

    `path` is absolute; `mode` is octal text, e.g. `0600`. Raises Invalid, RemoteFailure,
    DeadlineExceeded or ContactLost (the file is then as before, or new and whole).
    """
    _check(path)
    if not _MODE.fullmatch(mode):
        raise Invalid(f"{mode!r} is no file mode.", remedy="Give it as octal digits, e.g. 0600.")
    words = ("sh", "-c", _WRITE, "sh", path, mode, str(len(content)))
    result = connection.run(Command(words), deadline_s=HELPER_S, stdin=content)
    if result.status != 0:
        raise _failed(connection, f"write {path}", result)


def read(connection: Runs, path: str) -> bytes:
    """The content of a file. Raises RemoteFailure when it cannot be read."""
    _check(path)
    result = connection.run(Command(("cat", path)), deadline_s=HELPER_S)
    if result.status != 0:
        raise _failed(connection, f"read {path}", result)
    return result.stdout


def _check(path: str) -> None:
    if not path.startswith("/") or path.endswith("/"):
        raise Invalid(f"{path!r} is no absolute path of a file.")


def _failed(connection: Runs, doing: str, result: Result) -> RemoteFailure:
    said = result.stderr.decode("utf-8", "replace").strip()
    return RemoteFailure(
        connection.endpoint.name,
        f"could not {doing} (status {result.status}): {said[:500]}",
        status=result.status,
        remedy="Check the path, its rights and the space in its file system.",
    )
