"""Receipts: proof that one message was stored, or refused, by whom it was for."""

from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.encoding import from_b64url
from protocols.errors import BadSignature, Malformed, NotForUs, ProtocolError, UnknownKey
from protocols.keys import Purpose
from protocols.messages import sealed_digest, signed_digest
from protocols.receipts import MAX_RECEIPT, Reason, Receipt, open_receipt, sign_receipt
from tests.protocols.factories import (
    ALDERTON,
    BIRCHWICK,
    NOW,
    compact_jws,
    flip,
    jws_header,
    key,
    message,
    receipt,
    sealed,
    signed,
    signed_receipt,
    signing_keys,
)

TYP = "commonhearth-receipt+jws"
SIGNED, SEALED = signed(), sealed()
STORED = signed_receipt(receipt(SIGNED, SEALED))
BIRCHWICKS = key(BIRCHWICK, Purpose.SIGNING)


def opened(text: str, **changes: Any) -> Receipt:
    """Open a receipt as Alderton would, for the message that it sent."""
    usual: dict[str, Any] = {
        "by": BIRCHWICK,
        "keys": signing_keys(BIRCHWICK),
        "sealed": sealed_digest(SEALED),
        "signed": signed_digest(SIGNED),
    }
    return open_receipt(text, **usual | changes)


def changed(**members: Any) -> str:
    """A receipt, truly signed, of which members are replaced, or left out when they are `...`."""
    payload = msgspec.json.decode(from_b64url(STORED.split(".")[1], "payload")) | members
    kept = {member: value for member, value in payload.items() if value is not ...}
    return compact_jws(jws_header(BIRCHWICK, TYP), msgspec.json.encode(kept), BIRCHWICKS)


def test_a_receipt_comes_back() -> None:
    assert opened(STORED) == receipt(SIGNED, SEALED)


@given(st.sampled_from(Reason.__args__), st.booleans())
def test_a_refusal_comes_back_with_its_reason(reason: Any, was_opened: bool) -> None:
    made = receipt(SIGNED, SEALED, outcome="refused", reason=reason)
    if not was_opened:
        made = msgspec.structs.replace(made, signed=None)
    assert opened(signed_receipt(made)) == made


def test_a_receipt_with_any_bit_flipped_is_refused() -> None:
    for bit in range(len(STORED) * 8):
        with pytest.raises(ProtocolError):
            opened(flip(STORED.encode(), bit).decode("latin-1"))


def test_a_receipt_for_another_message_is_refused() -> None:
    other = message(id="0" * 31 + "2")
    text, delivered = signed(other), sealed(other)
    for made in (
        receipt(text, delivered),
        receipt(text, SEALED),
        receipt(SIGNED, delivered),
        receipt(text, SEALED, outcome="refused", reason="expired"),
        receipt(text, delivered, outcome="refused", reason="malformed", signed=None),
    ):
        with pytest.raises(NotForUs):
            opened(signed_receipt(made))


def test_a_receipt_by_another_authority_is_refused() -> None:
    aldertons = signed_receipt(receipt(SIGNED, SEALED, by=ALDERTON))
    with pytest.raises(UnknownKey):
        opened(aldertons)
    with pytest.raises(NotForUs):
        opened(aldertons, keys=signing_keys(ALDERTON))
    with pytest.raises(NotForUs):
        opened(sign_receipt(receipt(SIGNED, SEALED, by=ALDERTON), BIRCHWICKS))


def test_a_receipt_signed_by_a_stranger_is_refused() -> None:
    made = receipt(SIGNED, SEALED)
    with pytest.raises(UnknownKey):
        opened(sign_receipt(made, key("stranger", Purpose.SIGNING)))
    forged = compact_jws(
        jws_header(BIRCHWICK, TYP), msgspec.json.encode(made), key("stranger", Purpose.SIGNING)
    )
    with pytest.raises(BadSignature):
        opened(forged)
    with pytest.raises(TypeError):
        sign_receipt(made, key("birch", Purpose.ACCESS))


def test_that_a_message_is_stored_cannot_be_claimed_without_opening_it() -> None:
    with pytest.raises(ValueError, match="only an opened message is stored"):
        receipt(SIGNED, SEALED, signed=None)
    with pytest.raises(Malformed):
        opened(changed(signed=...))


def test_a_message_does_not_pass_for_a_receipt() -> None:
    with pytest.raises(Malformed, match="made for commonhearth-message"):
        opened(signed(message(sender=BIRCHWICK, recipient=ALDERTON)))
    with pytest.raises(Malformed):
        opened(SEALED.decode())


@pytest.mark.parametrize(
    "members",
    [
        {"v": 2},
        {"by": "Birchwick"},
        {"by": ...},
        {"outcome": "delivered"},
        {"outcome": "refused"},
        {"outcome": "refused", "reason": "no reason"},
        {"reason": "expired"},
        {"reason": None},
        {"at": "2026-03-02T09:30:03"},
        {"at": "2026-03-02T10:30:03+01:00"},
        {"at": "2026-03-02T09:30:03+00:00"},
        {"at": 0},
        {"sealed": ""},
        {"sealed": "A" * 44},
        {"sealed": ...},
        {"signed": None},
        {"message": "x"},
    ],
)
def test_a_receipt_with_a_member_of_another_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        opened(changed(**members))


def test_another_spelling_of_a_receipt_is_refused() -> None:
    payload = from_b64url(STORED.split(".")[1], "payload")
    for other in (
        payload + b"\n",
        payload.replace(b'"outcome"', b'"outcome":"refused","outcome"'),
        payload.replace(b",", b", ", 1),
    ):
        with pytest.raises(Malformed):
            opened(compact_jws(jws_header(BIRCHWICK, TYP), other, BIRCHWICKS))


def test_a_receipt_that_is_too_long_is_refused_before_it_is_parsed() -> None:
    assert len(STORED) < MAX_RECEIPT / 4
    with pytest.raises(Malformed, match="more than 4096"):
        opened("." * (MAX_RECEIPT + 1))


def test_a_receipt_at_no_certain_time_is_not_made() -> None:
    with pytest.raises(ValueError, match="UTC"):
        receipt(SIGNED, SEALED, at=datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(ValueError, match="reason"):
        receipt(SIGNED, SEALED, outcome="refused")
    with pytest.raises(ValueError, match="reason"):
        receipt(SIGNED, SEALED, reason="expired")
    assert receipt(SIGNED, SEALED, at=NOW).at == NOW


@given(st.text(max_size=200))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        opened(text)
