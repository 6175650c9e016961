"""Secrets out of output, as it streams; the length stays, so byte offsets stay true."""

import base64
import re
import shlex
from urllib.parse import quote

MASK = b"*"


class Redactor:
    """Masks secrets in one stream, also when a secret is cut over two pieces."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(re.escape(form) for form in forms)) if forms else None
        self._forms = forms
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """The bytes that are safe to show now; the beginning of what may become a secret is held back."""
        if self._pattern is None:
            return data
        text = self._pattern.sub(lambda found: MASK * len(found.group()), self._held + data)
        keep = self._open_end(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def close(self) -> bytes:
        """What was held back: the stream has ended."""
        held, self._held = self._held, b""
        return held

    def reset(self) -> None:
        """Forget what was held back."""
        self._held = b""

    def _open_end(self, text: bytes) -> int:
        return max(
            (
                size
                for form in self._forms
                for size in range(1, min(len(form), len(text) + 1))
                if text.endswith(form[:size])
            ),
            default=0,
        )


def _forms(secret: str) -> set[bytes]:
    raw = secret.encode()
    return {raw, shlex.quote(secret).encode(), base64.b64encode(raw), quote(secret, safe="").encode()} - {b""}
