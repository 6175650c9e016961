"""The connections of a run, and what the record says while a host does not answer."""

import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.conf import settings

from inventory.actions.host_keys import note_host_key
from inventory.endpoints import weak_algorithms_of
from inventory.models import Credential, Host
from inventory.transport.connection import CONNECT_S, Connection, connect
from inventory.transport.endpoint import Endpoint
from inventory.transport.errors import (
    AddressRefused,
    AlgorithmsRefused,
    AuthenticationRefused,
    ContactLost,
    HostKeyChanged,
    HostKeyUnknown,
    SecretMissing,
    TransportError,
    Unreachable,
)
from liveupdate.engine.claim import Claim
from liveupdate.engine.journal import Journal
from liveupdate.engine.signals import HandedBack, NeedsPerson
from liveupdate.engine.stopping import stopping
from liveupdate.models import Run
from liveupdate.procedures.step import HostRef
from liveupdate.states import RunState
from portal.audit.events import Event

log = logging.getLogger(__name__)
LOST = (Unreachable, ContactLost)
BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)


class Patience:
    """How long a step may wait: raises when the worker must let go, or a person is needed.

    `give_up` is asked on every look and raises what else may end the wait (an abort).
    """

    def __init__(self, claim: Claim, seconds: float, give_up: Callable[[], None]) -> None:
        self._claim = claim
        self._end = time.monotonic() + seconds
        self._give_up = give_up

    def without_abort(self) -> "Patience":
        """The same time limit for a wait that an abort does not end."""
        return Patience(self._claim, self.left, lambda: None)

    @property
    def left(self) -> float:
        """Seconds until the step's time limit, negative after it."""
        return self._end - time.monotonic()

    @property
    def over(self) -> bool:
        """Whether the step's time limit has passed."""
        return self.left < 0

    def check(self) -> None:
        """Raise LostClaim, HandedBack, NeedsPerson past the limit, or what `give_up` raises."""
        self._claim.check()
        if stopping.is_set():
            raise HandedBack("This worker is stopping.")
        self._give_up()
        if self.over:
            raise NeedsPerson(
                "The step's time limit has passed and nobody knows how its command ended.",
                remedy="Look at the host, then attach again, restore, or close the run as failed.",
            )

    def sleep(self, seconds: float) -> None:
        """Wait, looking every half second. Raises as `check`."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, 0.5))
        self.check()


def endpoint_of(host: HostRef) -> Endpoint:
    """Where a plan's host is reached; credential and exceptions come from the inventory as it is now."""
    return Endpoint(
        name=host.name,
        address=host.address,
        port=host.port,
        account=host.account,
        host_key=host.host_key,
        credential=reference_of(host.credential, host.name),
        launcher_dir=settings.PORTAL_LAUNCHER_DIR,
        networks=tuple(settings.PORTAL_NETWORKS),
        weak_algorithms=weak_algorithms_of(host.name),
    )


def reference_of(credential: str, host: str) -> str:
    """The reference that a credential's name stands for. Raises SecretMissing."""
    found = Credential.objects.filter(name=credential).values_list("reference", flat=True).first()
    if found is None:
        raise SecretMissing(host, f"the inventory has no credential {credential!r}.")
    return found


class Contact:
    """One connection per host and account of the plan, made when needed and again when it broke."""

    def __init__(self, journal: Journal, run: Run) -> None:
        self._journal = journal
        self._open: dict[HostRef, Connection] = {}
        self._lost = run.state == RunState.CONTACT_LOST

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._open.values():
            connection.close()

    def ready(self, host: HostRef) -> Connection | None:
        """The open connection to a host, if there is one that stands."""
        connection = self._open.get(host)
        if connection and not connection.alive:
            self.drop(host)
            return None
        return connection

    def reach(self, host: HostRef, patience: Patience) -> Connection:
        """A connection to a host; keeps trying while it does not answer.

        Raises NeedsPerson when trying again is useless or the patience ends.
        """
        tries = 0
        while host not in self._open:
            patience.check()
            try:
                self.attempt(host, patience.left)
            except Unreachable as error:
                self.lose(host, error)
                patience.sleep(BACKOFF_S[min(tries, len(BACKOFF_S) - 1)])
                tries += 1
            except AuthenticationRefused as error:
                raise NeedsPerson(error.message, remedy=error.remedy) from error
        return self._open[host]

    def attempt(self, host: HostRef, left_s: float) -> Connection:
        """The connection that stands, or a new one, tried once and said nowhere.

        Raises Unreachable or AuthenticationRefused, and NeedsPerson for another key, a missing secret, or
        an address or algorithms that the portal refuses.
        """
        if connection := self.ready(host):
            return connection
        try:
            within = min(CONNECT_S, max(1.0, left_s))
            self._open[host] = connect(endpoint_of(host), within)
        except (HostKeyChanged, HostKeyUnknown) as error:
            self._reject(host, error)
            raise NeedsPerson(error.message, remedy=error.remedy) from error
        except (AddressRefused, AlgorithmsRefused, SecretMissing) as error:
            raise NeedsPerson(error.message, remedy=error.remedy) from error
        return self._open[host]

    def lose(self, host: HostRef, error: TransportError) -> None:
        """The host stopped answering: say so, and connect anew next time."""
        self.drop(host)
        self._lost = True
        with self._journal.writing():
            run = self._journal.run()
            if run.state != RunState.CONTACT_LOST:
                self._journal.move(run, RunState.CONTACT_LOST, reason=error.message)

    def found(self) -> None:
        """The target answers, and says how its command stands."""
        if not self._lost:
            return
        with self._journal.writing():
            run = self._journal.run()
            if run.state == RunState.CONTACT_LOST:
                self._journal.move(run, RunState.RESTORING if run.ending else RunState.RUNNING)
        self._lost = False

    def _reject(self, host: HostRef, error: HostKeyChanged | HostKeyUnknown) -> None:
        """Enter what was shown, and keep it for a person to look at."""
        with self._journal.writing():
            data = {"host": host.name, "pinned": host.host_key, "presented": error.fingerprint}
            self._journal.enter(Event.HOSTKEY_REJECT, data)
        if known := Host.objects.filter(name=host.name).first():
            note_host_key(known, error, self._journal.claim.actor)

    def drop(self, host: HostRef) -> None:
        """Close what is open to a host, as whichever account; the next use connects anew."""
        for each in [known for known in self._open if known.name == host.name]:
            self._open.pop(each).close()
