"""Whether an account's login shell takes a command line apart as a POSIX shell does (threat T3).

Every word of a command is quoted for one. csh and tcsh stumble over newlines and exclamation marks in
quotes, so what would reach the program is not what the plan says. What counts is how the line is read, not
what the shell is called.
"""

from inventory.command import Command
from inventory.transport.connection import Connection
from inventory.transport.errors import ShellRefused

WORDS = ("two words", "first\nsecond", "stop!now", "$HOME `id`", "it's", "*;|&")
PROBE = Command(("printf", "[%s]", *WORDS))
SAID = "".join(f"[{word}]" for word in WORDS).encode()
PROBE_S = 30.0


def require_posix_shell(connection: Connection) -> None:
    """Ask the host to say words back that other shells break. Raises ShellRefused, or as `run` does."""
    result = connection.run(PROBE, deadline_s=PROBE_S)
    if result.status != 0 or result.stdout != SAID:
        said = (result.stderr or result.stdout).decode("utf-8", "replace").strip()
        raise ShellRefused(connection.endpoint.name, connection.endpoint.account, said[:200])
