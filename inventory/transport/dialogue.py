"""Answering prompts: a secret is typed only after its prompt was seen, and never shows in the output."""

import re
from collections.abc import Sequence

from portal.lib.redaction import StreamRedactor

_LONGEST_LINE = 4096


class Dialogue:
    """The prompts still to come, in order, and the secrets that answer them."""

    def __init__(self, prompts: Sequence[tuple[str, str]]) -> None:
        self._prompts = [(re.compile(pattern), secret) for pattern, secret in prompts]
        self._redactor = StreamRedactor(secret for _, secret in prompts)
        self._line = b""

    def hear(self, piece: bytes) -> tuple[bytes, bytes]:
        """What to type now (usually nothing), and the piece as it may be shown.

        A prompt leaves the cursor in its line; so only the line without an end is looked at.
        """
        self._line = re.split(rb"[\r\n]", self._line + piece)[-1][-_LONGEST_LINE:]
        answer = b""
        if self._prompts:
            pattern, secret = self._prompts[0]
            if pattern.search(self._line.decode("utf-8", "replace")):
                del self._prompts[0]
                self._line = b""
                answer = f"{secret}\n".encode()
        return answer, self._redactor.feed(piece)

    def rest(self) -> bytes:
        """Output held back because it could have been the beginning of a secret."""
        return self._redactor.flush()

    def waiting(self) -> str:
        """For the message of a missed deadline: which prompt did not come."""
        if not self._prompts:
            return ""
        return f" (the prompt {self._prompts[0][0].pattern!r} did not come; nothing was typed for it)"
