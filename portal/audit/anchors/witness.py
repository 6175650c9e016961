"""A witness: it cosigns only what extends what it has seen (https://c2sp.org/tlog-witness)."""

import base64
from collections.abc import Sequence
from typing import Self

import httpx

from portal.audit.anchors.base import Anchor, AnchorContradicts, AnchorFailed, Answer, Published
from portal.audit.merkle import consistency_proof
from portal.audit.models import Receipt
from portal.audit.note import COSIGNATURE, BadNote, VerifierKey, cosigned_at
from portal.audit.tree import stored_subtree
from portal.lib.errors import Invalid

TIMEOUT_S = 10.0
SIZE_TYPE = "text/x.tlog.size"


class WitnessAnchor(Anchor):
    """Asks one witness for its cosignature of the newest checkpoint."""

    kind = "witness"

    def __init__(self, key: VerifierKey, url: str) -> None:
        self.key = key
        self.url = url.rstrip("/")
        self.name = f"witness {key.origin}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `VKEY URL`. Raises Invalid."""
        try:
            vkey, url = text.split()
            key = VerifierKey.parse(vkey)
        except (ValueError, BadNote) as error:
            raise Invalid(
                f"{text!r} names no witness ({error}).",
                remedy="Write its verifier key, a space, its URL.",
                code="setting_not_possible",
            ) from error
        if key.kind != COSIGNATURE or not url.startswith(("http://", "https://")):
            raise Invalid(
                f"{text!r} names no witness: it needs a cosignature key and an http URL.",
                code="setting_not_possible",
            )
        return cls(key, url)

    def publish(self, checkpoint: Published, last: int) -> Answer | None:
        """Submit it, from where the witness stands. Raises AnchorFailed, AnchorContradicts."""
        old = last if last <= checkpoint.size else 0
        reply = self._submit(checkpoint, old)
        if reply.status_code == httpx.codes.CONFLICT:
            seen = self._size_seen(reply)
            if seen > checkpoint.size or seen == old:
                raise AnchorContradicts(
                    f"{self.name} has seen another ledger of {seen} entries than this of {checkpoint.size}.",
                    remedy="Run audit_verify. Was an older database restored?",
                )
            reply = self._submit(checkpoint, seen)
        if reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise AnchorContradicts(
                f"{self.name} has seen another ledger: this of {checkpoint.size} entries does not extend it.",
                remedy="Run audit_verify.",
            )
        if reply.status_code != httpx.codes.OK:
            raise AnchorFailed(f"{self.name} answered {reply.status_code}: {reply.text[:100]!r}.")
        return self._answer(checkpoint, reply.text)

    def _submit(self, checkpoint: Published, old: int) -> httpx.Response:
        body = request_body(checkpoint.note, old, self._proof(old, checkpoint.size))
        try:
            with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
                return client.post(f"{self.url}/add-checkpoint", content=body)
        except httpx.HTTPError as error:
            raise AnchorFailed(f"{self.name} does not answer at {self.url}: {error}.") from error

    def _proof(self, old: int, new: int) -> list[bytes]:
        try:
            return consistency_proof(old, new, stored_subtree) if old else []
        except LookupError as error:
            raise AnchorFailed(f"The proof for {self.name} cannot be made: {error}") from error

    def _size_seen(self, reply: httpx.Response) -> int:
        text = reply.text.removesuffix("\n")
        kind = reply.headers.get("Content-Type", "").partition(";")[0].strip()
        if kind != SIZE_TYPE or not (text.isascii() and text.isdigit()) or len(text) > 19:
            raise AnchorFailed(f"{self.name} answered 409 without the size that it has seen.")
        return int(text)

    def _answer(self, checkpoint: Published, lines: str) -> Answer:
        for line in lines.splitlines():
            cosigned = f"{checkpoint.note}{line}\n"
            try:
                cosigned_at(cosigned, self.key)
            except BadNote:
                continue  # lines of keys that we do not know are passed over, as the protocol asks
            return Answer(Receipt.Kind.COSIGNATURE, f"{line}\n", {"checkpoint": cosigned})
        raise AnchorFailed(f"{self.name} gave no cosignature of its key {self.key}.")


def request_body(note: str, old: int, proof: Sequence[bytes]) -> str:
    """The body of an `add-checkpoint` request."""
    lines = "".join(f"{base64.b64encode(part).decode()}\n" for part in proof)
    return f"old {old}\n{lines}\n{note}"
