"""Receipts of erasure: one member's word about one entry of one log, and nothing else."""

from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.encoding import from_b64url
from protocols.erasures import Erasure, erased, open_erasure
from protocols.errors import BadSignature, Malformed, NotForUs, ProtocolError, UnknownKey
from protocols.keys import Purpose
from protocols.receipts import MAX_RECEIPT
from tests.protocols.factories import (
    BIRCHWICK,
    NOW,
    compact_jws,
    flip,
    jws_header,
    key,
    message,
    signed,
    signed_erasure,
    small_log,
)

ENTRIES = small_log()[0].entries
ORIGIN = "alder.example/log"
ERASED = erased("birch", ORIGIN, 2, ENTRIES[2], NOW)
GIVEN = signed_erasure(ERASED)
BIRCHS = key("birch", Purpose.ACCESS)


def opened(text: str, **changes: Any) -> Erasure:
    """Open a receipt as alder would, whose entry 2 erases."""
    usual: dict[str, Any] = {
        "by": "birch",
        "keys": {BIRCHS.public.kid: BIRCHS.public}.get,
        "origin": ORIGIN,
        "entry": {2: ENTRIES[2]}.get,
    }
    return open_erasure(text, **usual | changes)


def changed(**members: Any) -> str:
    """A receipt, truly signed, of which members are replaced, or left out when they are `...`."""
    payload = msgspec.json.decode(from_b64url(GIVEN.split(".")[1], "payload")) | members
    kept = {member: value for member, value in payload.items() if value is not ...}
    header = {"alg": "Ed25519", "typ": "commonhearth-erasure+jws", "kid": BIRCHS.public.kid}
    return compact_jws(header, msgspec.json.encode(kept), BIRCHS)


def test_a_receipt_of_erasure_comes_back() -> None:
    assert opened(GIVEN) == ERASED
    assert opened(changed()) == ERASED


def test_a_receipt_of_erasure_with_any_bit_flipped_is_refused() -> None:
    for bit in range(len(GIVEN) * 8):
        with pytest.raises(ProtocolError):
            opened(flip(GIVEN.encode(), bit).decode("latin-1"))


@pytest.mark.parametrize(
    "changes",
    [
        {"by": "cedar"},
        {"origin": "birch.example/log"},
        {"entry": {}.get},
        {"entry": {2: ENTRIES[1]}.get},
    ],
    ids=["another member", "another log", "no such entry", "another entry there"],
)
def test_a_receipt_for_something_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotForUs):
        opened(GIVEN, **changes)


def test_a_receipt_by_another_key_is_refused() -> None:
    with pytest.raises(UnknownKey):
        opened(GIVEN, keys={}.get)
    stranger = key("stranger", Purpose.ACCESS)
    with pytest.raises(BadSignature):
        opened(GIVEN, keys={BIRCHS.public.kid: stranger.public}.get)


def test_a_message_does_not_pass_for_a_receipt_of_erasure() -> None:
    signing = key(BIRCHWICK, Purpose.SIGNING).public
    with pytest.raises(Malformed, match="made for commonhearth-message"):
        opened(signed(message(sender=BIRCHWICK)), keys={signing.kid: signing}.get)
    header = jws_header(BIRCHWICK, "commonhearth-receipt+jws")
    with pytest.raises(Malformed):
        opened(compact_jws(header, b"{}", BIRCHS))


@pytest.mark.parametrize(
    "members",
    [
        {"v": 2},
        {"by": "Birch"},
        {"by": ...},
        {"origin": ""},
        {"origin": "alder.example/log\n"},
        {"entry": -1},
        {"entry": 2**53},
        {"entry": "2"},
        {"leaf": "A" * 42},
        {"leaf": "A" * 42 + "B"},
        {"outcome": "kept"},
        {"at": "2026-03-02T09:30:03"},
        {"at": "2026-03-02T10:30:03+01:00"},
        {"at": None},
        {"more": "x"},
    ],
)
def test_a_receipt_with_a_member_of_another_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        opened(changed(**members))


def test_a_receipt_that_is_too_long_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Malformed, match="more than 4096"):
        opened("." * (MAX_RECEIPT + 1))


def test_a_receipt_at_no_certain_time_is_not_made() -> None:
    with pytest.raises(ValueError, match="UTC"):
        erased("birch", ORIGIN, 2, ENTRIES[2], datetime(2026, 3, 2))  # noqa: DTZ001


@given(st.text(max_size=200))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        opened(text)
