"""One look at a host: as its account for looking, and beyond what that sees only by exception."""

from types import TracebackType
from typing import Self

from inventory.accounts import AccountClass, account_class
from inventory.command import Command
from inventory.facts.base import HostKind
from inventory.posix_shell import require_posix_shell
from inventory.transport.connection import Connection, connect
from inventory.transport.endpoint import Endpoint
from portal.lib.errors import PortalError


class BeyondLooking(PortalError):
    """The command is not for the account for looking, and the host has no exception."""

    code = "beyond_looking"


class Look:
    """The sessions of a look; use it in a `with` statement.

    The executing account's session is opened when the first command needs it, and only where the endpoint
    names that account. Making one raises as `connect`.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._own = connect(endpoint)
        self._beyond: Connection | PortalError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._own.close()
        if isinstance(self._beyond, Connection):
            self._beyond.close()

    def require_posix_shell(self) -> None:
        """See whether the login shell reads command lines as POSIX says. Raises ShellRefused."""
        require_posix_shell(self._own)

    def session_for(self, command: Command, host: HostKind) -> Connection:
        """The session that a command goes through.

        Raises BeyondLooking, or as `connect` what kept the executing account out the first time.
        """
        if not self.endpoint.looks_only or account_class(command, host) is AccountClass.LOOK:
            return self._own
        if self._beyond is None:
            self._beyond = self._executing(command)
        if isinstance(self._beyond, PortalError):
            raise self._beyond
        return self._beyond

    def _executing(self, command: Command) -> Connection | PortalError:
        if self.endpoint.executing is None:
            return BeyondLooking(
                f"{self.endpoint.account} on {self.endpoint.name} may only look, and {command.argv[0]} needs "
                "the executing account.",
                remedy="Have an administrator let the executing account read on this host what the account "
                "for looking may not.",
            )
        try:
            connection = connect(self.endpoint.executing)
        except PortalError as error:
            return error
        try:
            require_posix_shell(connection)
        except PortalError as error:
            connection.close()
            return error
        return connection
