"""Codes of authenticator apps by the test vectors of RFC 6238, and secrets at rest."""

from base64 import b32encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.second_factor.codes import (
    matching_step,
    new_recovery_codes,
    new_secret,
    qr_image,
    recovery_hash,
    setup_address,
)
from portal.access.second_factor.sealing import seal, unseal
from portal.lib.errors import Conflict

RFC_SECRET = b32encode(b"12345678901234567890").decode()
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
}
"""RFC 6238, appendix B, SHA-1: seconds since 1970 and the last six digits."""


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    assert matching_step(RFC_SECRET, code, at(seconds), 0) == seconds // 30


@pytest.mark.parametrize(("off", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(off: int, taken: bool) -> None:
    assert (matching_step(RFC_SECRET, "005924", at(1234567890 + off), 0) is not None) is taken


def test_no_code_of_a_step_that_was_used_or_before_it() -> None:
    step = 1234567890 // 30
    assert matching_step(RFC_SECRET, "005924", at(1234567890), step - 1) == step
    assert matching_step(RFC_SECRET, "005924", at(1234567890), step) is None
    assert matching_step(RFC_SECRET, "005924", at(1234567890), step + 1) is None


@given(st.text(max_size=12))
def test_what_is_no_code_is_only_wrong(text: str) -> None:
    assert text == "005924" or matching_step(RFC_SECRET, text, at(1234567890), 41152262) is None


def test_a_sealed_secret_opens_for_its_owner_alone(settings: pytest.FixtureRequest) -> None:
    secret = new_secret()
    sealed = seal(secret, "u_00000001")
    assert secret not in sealed
    assert seal(secret, "u_00000001") != sealed
    assert unseal(sealed, "u_00000001") == secret
    with pytest.raises(Conflict, match="cannot read the secret"):
        unseal(sealed, "u_00000002")
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    with pytest.raises(Conflict):
        unseal(sealed, "u_00000001")


def test_recovery_codes_are_long_and_read_as_people_type_them() -> None:
    codes = new_recovery_codes()
    assert len({recovery_hash(code) for code in codes}) == 10
    assert {len(code.replace("-", "")) for code in codes} == {16}
    assert recovery_hash(codes[0].lower().replace("-", " ")) == recovery_hash(codes[0])


def test_the_qr_code_needs_nothing_from_elsewhere() -> None:
    address = setup_address(RFC_SECRET, "ana")
    assert address.startswith("otpauth://totp/") and f"secret={RFC_SECRET}" in address
    assert qr_image(address).startswith("data:image/svg+xml;charset=utf-8,%3Csvg")
