"""Following a launched command's output by byte offset until it ended.

Silence is not an error: a host in the blackout of a Live Update answers nothing and looks the same. Only
a broken connection, or silence beyond `silence_s`, raises ContactLost; the offsets then stand behind the
last byte delivered, so following again on a new connection goes on exactly there.
"""

import time
from collections.abc import Callable, MutableMapping

from inventory.transport import launcher
from inventory.transport.channels import lost
from inventory.transport.errors import DeadlineExceeded, SessionsExhausted
from inventory.transport.launcher import Probe, ProbeState
from inventory.transport.readers import ExecReader, Follows, Reader, ReaderRefused, open_reader
from inventory.transport.result import OnOutput, OnQuiet, Stream

SILENCE_S = 900.0
_STREAMS: tuple[Stream, ...] = ("stdout", "stderr")
_FIRST_POLL_S = 0.02
_EAGER_TURNS = 8
_CHECK_S = 5.0
_START_S = 30.0
_PIECES_A_TURN = 64
_UNDER_WAY = (ProbeState.STARTING, ProbeState.RUNNING)


class _Stopped(Exception):
    """The caller asked to stop while the host was silent."""


class Follower:
    """One follow of one key; see `Connection.follow` for the contract."""

    def __init__(
        self,
        connection: Follows,
        key: str,
        offsets: MutableMapping[str, int],
        on_output: OnOutput,
        *,
        stop: Callable[[], bool],
        poll_s: float,
        silence_s: float,
        on_quiet: OnQuiet | None = None,
    ) -> None:
        self._connection = connection
        self._key = key
        self._directory = launcher.directory(connection.endpoint, key)
        self._offsets = offsets
        self._on_output = on_output
        self._stop = stop
        self._poll_s = poll_s
        self._silence_s = silence_s
        self._on_quiet = on_quiet
        self._heard = time.monotonic()
        self._known = Probe(ProbeState.STARTING)

    def follow(self) -> Probe:
        """Deliver output until the command is over or the caller stops."""
        try:
            self._look()
            self._await_start()
            if self._known.state is ProbeState.ABSENT:
                return self._known
            return self._follow()
        except _Stopped:
            return self._so_far()

    def _await_start(self) -> None:
        began = time.monotonic()
        turn = 0
        while self._known.state is ProbeState.STARTING:
            if self._stop():
                raise _Stopped
            if time.monotonic() - began > _START_S:
                self._known = launcher.stop(self._connection, self._key, grace_s=0)
                began = time.monotonic()
                continue
            time.sleep(self._pause(turn))
            turn += 1
            self._look()

    def _follow(self) -> Probe:
        read_with: Callable[..., Reader] = open_reader
        while True:
            reader = read_with(self._connection, self._directory, self._tick)
            try:
                return self._read_to_the_end(reader)
            except ReaderRefused:
                read_with = ExecReader
            except SessionsExhausted:
                # One session is all this host grants: look without the reader, then read on.
                reader.close()
                self._look()
            finally:
                reader.close()

    def _read_to_the_end(self, reader: Reader) -> Probe:
        quiet = 0
        checked = time.monotonic()
        while not self._stop():
            over = self._known.state not in _UNDER_WAY
            eager = quiet < _EAGER_TURNS or quiet % 4 == 0
            ended = eager and reader.ended()
            streams = _STREAMS if eager or over else _STREAMS[:1]
            moved = [self._deliver(reader, stream) for stream in streams]
            if any(moved):
                quiet = 0
                continue
            if over:
                return self._known
            if ended:
                self._look()
                continue
            quiet += 1
            self._heard = time.monotonic()
            if self._on_quiet:
                self._on_quiet()
            if self._heard - checked > _CHECK_S:
                self._look()
                checked = self._heard
            time.sleep(max(self._pause(quiet), reader.least_poll_s))
        return self._so_far()

    def _so_far(self) -> Probe:
        """What is known when the caller stops early: not over before every byte was delivered."""
        if self._known.state in _UNDER_WAY:
            return self._known
        return Probe(ProbeState.RUNNING, self._known.pid)

    def _pause(self, quiet: int) -> float:
        """Short at first, so that short commands are not waited for; then the poll asked for."""
        return min(self._poll_s, _FIRST_POLL_S * 2.0 ** min(quiet, _EAGER_TURNS))

    def _deliver(self, reader: Reader, stream: Stream) -> bool:
        moved = False
        for _ in range(_PIECES_A_TURN):
            offset = self._offsets.get(stream, 0)
            piece = reader.read(stream, offset)
            self._heard = time.monotonic()
            if not piece:
                break
            self._on_output(stream, offset, piece)
            self._offsets[stream] = offset + len(piece)
            moved = True
        return moved

    def _look(self) -> None:
        """Probe; a host too busy or frozen to answer leaves what was known."""
        try:
            self._known = launcher.probe(self._connection, self._key, tick=self._tick)
        except DeadlineExceeded:
            self._tick()

    def _tick(self) -> None:
        if self._stop():
            raise _Stopped
        silent = time.monotonic() - self._heard
        if silent > self._silence_s:
            raise lost(self._connection.endpoint.name, f"no answer for {silent:.0f} s")
