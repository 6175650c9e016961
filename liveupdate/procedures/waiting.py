"""Commands that wait, on the host, until another one shows a state: AIX answers `stopsrc` and
`startsrc` before it is done (handbook A-15).

The scripts are fixed texts. What they look for, and the command that shows it, are words of their own.
"""

from inventory.command import Command, aix

_LOOK = 'left=$1 pattern=$2; shift 2\nwhile seen=$("$@") || exit 2; printf "%s\\n" "$seen" | {test}\n'
_GO_ON = 'do [ "$left" -gt 0 ] || exit 1; left=$((left - 1)); sleep 1; done\n'
_SHOWN = _LOOK.format(test='grep -E "$pattern"; [ "$?" -ne 0 ]') + _GO_ON
_GONE = _LOOK.format(test='grep -E "$pattern"') + _GO_ON


def until_shown(pattern: str, seconds: int, shown_by: Command) -> Command:
    """Look every second until a line matches, at most so long; prints the lines that do.

    `pattern` is an extended regex of grep. Exit status 1: not in time, 2: the command itself failed.
    """
    return aix("sh", "-c", _SHOWN, "until_shown", str(seconds), pattern, *shown_by.argv)


def until_gone(pattern: str, seconds: int, shown_by: Command) -> Command:
    """Look every second until no line matches any more; otherwise like `until_shown`."""
    return aix("sh", "-c", _GONE, "until_gone", str(seconds), pattern, *shown_by.argv)
