"""Reads facts from one host in one look, or says for each why it has none."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from inventory.command import Command, UnsafeArgument
from inventory.facts.base import Fact, HostKind, Output, Reading, ReadingState, Unparsable
from inventory.looking import BeyondLooking, Look
from inventory.transport.errors import (
    AddressRefused,
    AlgorithmsRefused,
    AuthenticationRefused,
    ContactLost,
    DeadlineExceeded,
    HostKeyChanged,
    HostKeyUnknown,
    OutputTooLong,
    SecretMissing,
    ShellRefused,
    TransportError,
    Unreachable,
)
from portal.lib.clock import now
from portal.lib.errors import PortalError

COMMAND_DEADLINE_S = 60.0
MOST_CHARACTERS = 400
HMC_SEPARATORS = frozenset(',"')
"""What separates and quotes values in the filters of an HMC's commands."""
REFUSALS = (
    AddressRefused,
    AlgorithmsRefused,
    AuthenticationRefused,
    BeyondLooking,
    HostKeyChanged,
    HostKeyUnknown,
    SecretMissing,
    ShellRefused,
)


def read_facts(
    look: Look, facts: Iterable[Fact[Any]], parameters: Mapping[str, Sequence[str]]
) -> Iterator[Reading]:
    """Read each fact once per value of its parameters.

    A command that takes too long, is beyond the account for looking, or whose words no remote shell could
    be given safely, costs its own reading; a lost connection costs all that follow.
    """
    host = look.endpoint.name
    lost: PortalError | None = None
    for fact, values in _invocations(facts, parameters):
        if lost is None:
            try:
                yield _read(look, fact, values)
                continue
            except (ContactLost, Unreachable) as error:
                lost = error
            except (TransportError, BeyondLooking, UnsafeArgument) as error:
                yield failed_reading(host, fact, values, error)
                continue
        yield failed_reading(host, fact, values, lost)


def unread(
    host: str, facts: Iterable[Fact[Any]], parameters: Mapping[str, Sequence[str]], error: PortalError
) -> list[Reading]:
    """The readings of facts that could not be asked for: no connection came about."""
    return [failed_reading(host, fact, values, error) for fact, values in _invocations(facts, parameters)]


def failed_reading(host: str, fact: Fact[Any], values: tuple[str, ...], error: PortalError) -> Reading:
    """A reading without a value that says why; unreachable, refused and timed out stay apart."""
    return Reading(
        fact=fact.name,
        key=",".join(values),
        host=host,
        command=_shown(fact, values),
        output=Output("", "", None),
        read_at=now(),
        state=contact_state(error),
        problem=error.message,
    )


def command_of(fact: Fact[Any], values: tuple[str, ...]) -> Command:
    """The command that reads a fact for these values, which hosts have told (threats T1 and T2).

    Raises UnsafeArgument for a value that a program could take for an option, or an HMC for several.
    """
    for value in values:
        if not value or value.startswith("-") or len(value) > MOST_CHARACTERS:
            raise UnsafeArgument(f"{fact.name} cannot be asked for {value[:80]!r}: that is no name.")
        if fact.host is HostKind.HMC and not HMC_SEPARATORS.isdisjoint(value):
            raise UnsafeArgument(
                f"{fact.name} cannot be asked for {value[:80]!r}: an HMC would take it apart."
            )
    return fact.build(*values)


def _shown(fact: Fact[Any], values: tuple[str, ...]) -> str:
    """The command as people read it; one that cannot be built is told by its fact and the words."""
    try:
        return command_of(fact, values).display()
    except UnsafeArgument:
        return f"{fact.name} {values}"


def contact_state(error: PortalError) -> ReadingState:
    """Which of the ways to fail an error of the transport is."""
    if isinstance(error, REFUSALS):
        return ReadingState.REFUSED
    if isinstance(error, (OutputTooLong, UnsafeArgument)):
        return ReadingState.UNPARSABLE
    return ReadingState.TIMED_OUT if isinstance(error, DeadlineExceeded) else ReadingState.UNREACHABLE


def _read(look: Look, fact: Fact[Any], values: tuple[str, ...]) -> Reading:
    command = command_of(fact, values)
    connection = look.session_for(command, fact.host)
    result = connection.run(command, deadline_s=COMMAND_DEADLINE_S)
    output = Output(_text(result.stdout), _text(result.stderr), result.status)
    state, problem = ReadingState.OK, ""
    try:
        fact.parse(output)
    except Unparsable as error:
        state, problem = ReadingState.UNPARSABLE, str(error)
    asked = connection.endpoint
    return Reading(
        fact=fact.name,
        key=",".join(values),
        host=asked.name,
        command=command.display(),
        output=output,
        read_at=now(),
        state=state,
        problem=problem,
        account=asked.account,
    )


def _text(stream: bytes) -> str:
    """A stream as text that a database can hold: PostgreSQL keeps no NUL."""
    return stream.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _invocations(
    facts: Iterable[Fact[Any]], parameters: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Fact[Any], tuple[str, ...]]]:
    for fact in facts:
        for values in itertools.product(*(parameters.get(name, ()) for name in fact.params)):
            yield fact, values
