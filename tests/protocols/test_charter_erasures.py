"""A charter that erases names what goes and nothing else; a receipt is for one version of it."""

from typing import Any

import msgspec
import pytest

from protocols.charter import (
    ErasedPayload,
    charter_digest,
    decode_charter,
    open_founding_charter,
    sign_charter,
    verify_founding_charter,
)
from protocols.charter_erasures import (
    MAX_ERASED,
    CharterErasure,
    open_charter_erasure,
    sign_charter_erasure,
)
from protocols.encoding import b64url, from_b64url
from protocols.errors import (
    BadSignature,
    CharterRefused,
    Malformed,
    NotForUs,
    ProtocolError,
    UnknownKey,
)
from protocols.keys import Purpose
from protocols.receipts import MAX_RECEIPT
from protocols.succession import Successor, check_draft, open_successor
from tests.protocols.factories import (
    HOLDERS,
    NOW,
    charter,
    charter_note,
    charter_signer,
    compact_jws,
    erasing,
    flip,
    key,
    signed_as_it_is,
    signed_charter_erasure,
    signed_erasure,
    small_log,
    successor,
)
from tests.protocols.test_erasures import ERASED

FOUNDING = charter_note()
LOG = small_log()[0]
NOTE = charter_note(erasing(LOG))
DIGEST = b64url(bytes(range(32)))
SAID = CharterErasure(1, "birch", charter_digest(NOTE), "erased", NOW)
GIVEN = signed_charter_erasure(SAID)
BIRCHS = key("birch", Purpose.ACCESS)


def payload(node: str = "alder", index: int = 0, digest: str = DIGEST) -> ErasedPayload:
    return ErasedPayload(node, index, digest)


def opened(note: bytes, before: bytes = FOUNDING) -> Successor:
    return open_successor(note, decode_charter(before), charter_digest(before))


# --- What a charter erases ------------------------------------------------------------------------


def test_a_successor_may_erase_and_a_charter_that_does_not_says_nothing_of_it() -> None:
    assert opened(NOTE).charter.payloads_erased == erasing(LOG).erased
    assert b"erased" not in FOUNDING
    assert decode_charter(FOUNDING).payloads_erased == ()


@pytest.mark.parametrize(
    "erased",
    [
        (payload("cedar"),),
        (payload(), payload()),
        (payload(), payload(digest=b64url(bytes(32)))),
        (payload(index=1), payload(index=0)),
        (payload("birch"), payload("alder", 1)),
    ],
    ids=["of no member", "twice", "two of one entry", "later first", "nodes not in order"],
)
def test_a_list_of_another_form_is_refused(erased: tuple[ErasedPayload, ...]) -> None:
    made = successor(FOUNDING, erased=erased)
    with pytest.raises(CharterRefused, match="to erase"):
        opened(signed_as_it_is(made))
    with pytest.raises(CharterRefused):
        check_draft(made, decode_charter(FOUNDING), charter_digest(FOUNDING))
    with pytest.raises(CharterRefused):
        sign_charter(made, [charter_signer(HOLDERS[0])])


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"null",
        b'[{"node":"alder","index":-1,"digest":"%s"}]' % DIGEST.encode(),
        b'[{"node":"alder","index":0}]',
        b'[{"node":"alder","index":0,"digest":"%s","why":"x"}]' % DIGEST.encode(),
        b'[{"node":"alder","index":0,"digest":"short"}]',
    ],
)
def test_a_list_that_is_none_or_says_more_is_refused(text: bytes) -> None:
    made = msgspec.json.encode(successor(FOUNDING, erased=(payload(),)))
    at = made.index(b'"erased":') + len(b'"erased":')
    with pytest.raises(Malformed):
        opened(signed_as_it_is(made[:at] + text + b"}"))


def test_a_version_erases_a_thousand_payloads_and_no_more() -> None:
    most = tuple(payload(index=index) for index in range(MAX_ERASED))
    assert opened(signed_as_it_is(successor(FOUNDING, erased=most))).charter.payloads_erased == most
    with pytest.raises(Malformed):
        opened(signed_as_it_is(successor(FOUNDING, erased=(*most, payload(index=MAX_ERASED)))))


def test_a_founding_charter_erases_nothing() -> None:
    with pytest.raises(CharterRefused, match="erases nothing"):
        verify_founding_charter(charter_note(charter(erased=(payload(),))))
    assert open_founding_charter(FOUNDING, NOW)


def test_less_than_a_majority_erases_nothing() -> None:
    with pytest.raises(CharterRefused, match="needs a majority"):
        opened(charter_note(erasing(LOG), HOLDERS[:1]))


def test_a_change_of_charter_keys_that_waits_erases_nothing_and_may_follow_what_did() -> None:
    keys = (*charter().charter_keys, charter_signer("dell/charter").verifier.vkey)
    with pytest.raises(CharterRefused, match="something else"):
        opened(charter_note(successor(FOUNDING, charter_keys=keys, erased=(payload(),))))
    after = successor(NOTE, charter_keys=keys, erased=msgspec.UNSET)
    assert opened(charter_note(after), NOTE).waits
    with pytest.raises(CharterRefused, match="something else"):
        opened(charter_note(msgspec.structs.replace(after, name="Other")), NOTE)
    with pytest.raises(CharterRefused, match="something else"):
        opened(charter_note(successor(NOTE, charter_keys=keys)), NOTE)


# --- Receipts -------------------------------------------------------------------------------------


def received(text: str, **changes: Any) -> CharterErasure:
    """Open a receipt as alder would that has asked birch."""
    usual: dict[str, Any] = {
        "by": "birch",
        "keys": {BIRCHS.public.kid: BIRCHS.public}.get,
        "charter": SAID.charter,
    }
    return open_charter_erasure(text, **usual | changes)


def test_a_receipt_comes_back_and_with_any_bit_flipped_is_refused() -> None:
    assert received(GIVEN) == SAID
    for bit in range(0, len(GIVEN) * 8, 13):
        with pytest.raises(ProtocolError):
            received(flip(GIVEN.encode(), bit).decode("latin-1"))


@pytest.mark.parametrize("changes", [{"by": "alder"}, {"charter": DIGEST}])
def test_a_receipt_of_another_or_for_another_version_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(NotForUs):
        received(GIVEN, **changes)


def test_a_receipt_by_another_key_or_of_another_kind_is_refused() -> None:
    with pytest.raises(UnknownKey):
        received(GIVEN, keys={}.get)
    stranger = key("stranger", Purpose.ACCESS)
    with pytest.raises(BadSignature):
        received(GIVEN, keys={BIRCHS.public.kid: stranger.public}.get)
    with pytest.raises(Malformed, match="made for commonhearth-erasure"):
        received(signed_erasure(ERASED))
    with pytest.raises(Malformed, match="more than 4096"):
        received("." * (MAX_RECEIPT + 1))
    with pytest.raises(TypeError):
        sign_charter_erasure(SAID, key("birch", Purpose.LOG))


@pytest.mark.parametrize(
    "members",
    [
        {"v": 2},
        {"by": "Birch"},
        {"charter": "A" * 42 + "B"},
        {"outcome": "kept"},
        {"at": "2026-03-02T09:30:03"},
        {"more": "x"},
    ],
)
def test_a_receipt_with_a_member_of_another_form_is_refused(members: dict[str, Any]) -> None:
    said = msgspec.json.decode(from_b64url(GIVEN.split(".")[1], "payload")) | members
    typ = "commonhearth-charter-erasure+jws"
    header = {"alg": "Ed25519", "typ": typ, "kid": BIRCHS.public.kid}
    with pytest.raises(Malformed):
        received(compact_jws(header, msgspec.json.encode(said), BIRCHS))
