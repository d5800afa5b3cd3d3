"""Whatever bytes arrive lead to a value or to a refusal, and never to another exception.

Every function that reads what others wrote is tried here with noise, and with good input of which
pieces were cut, doubled, turned over or exchanged for what has confused parsers before.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from protocols.charter import Charter, open_founding_charter
from protocols.checkpoint import open_checkpoint, parse_checkpoint
from protocols.consultations import decode_consultation_body, encode_consultation_body
from protocols.encoding import decode_json, from_b64, from_b64url
from protocols.entries import decode_entry, erase_entry, pack_blobs, publish_entry, unpack_blobs
from protocols.errors import ProtocolError
from protocols.following import read_entry
from protocols.keys import Purpose
from protocols.merkle import Frontier
from protocols.messages import sealed_digest, signed_digest
from protocols.note import NoteVerifier, open_note
from protocols.notices import decode_body, encode_body
from protocols.placements import decode_placement_body, encode_placement_body
from protocols.receipts import open_receipt
from protocols.records import decode_record, encode_record
from protocols.tiles import pack_entries, parse_index_path, unpack_entries
from tests.protocols.factories import (
    BIRCHWICK,
    NOW,
    Log,
    acknowledgement,
    blob,
    charter_note,
    check,
    commissioning,
    compact_jwe,
    compact_jws,
    consultation,
    home,
    jws_header,
    key,
    leaves,
    log_signer,
    notice,
    opened,
    placement_change,
    provider,
    receipt,
    sealed,
    signed,
    signed_receipt,
    signing_keys,
    statement,
    withdrawal_answer,
)

_CHARTER = Decoder(Charter)

SIGNED, SEALED = signed(), sealed()
RECEIPT = signed_receipt(receipt(SIGNED, SEALED))
ALDER = log_signer().verifier


def text(data: bytes) -> str:
    """As a caller might make text of bytes; lone surrogates included."""
    return data.decode("utf-8", errors="surrogateescape")


def as_receipt(data: bytes) -> object:
    return open_receipt(
        text(data),
        by=BIRCHWICK,
        keys=signing_keys(BIRCHWICK),
        sealed=sealed_digest(SEALED),
        signed=signed_digest(SIGNED),
    )


def within_a_seal(data: bytes) -> object:
    return opened(compact_jwe(data, key(BIRCHWICK, Purpose.SEALING).public))


def within_a_signature(data: bytes) -> object:
    return within_a_seal(
        compact_jws(jws_header(), data, key("E99000001", Purpose.SIGNING)).encode()
    )


def with_a_header(data: bytes) -> object:
    return opened(
        compact_jwe(SIGNED.encode(), key(BIRCHWICK, Purpose.SEALING).public, data or b"{}")
    )


CHARTER = charter_note()
DECODERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "base64": (lambda data: from_b64(text(data), "x"), b"AAEC/w=="),
    "base64url": (lambda data: from_b64url(text(data), "x"), b"AAEC_w"),
    "verifier key": (
        lambda data: NoteVerifier.from_vkey(text(data), Purpose.LOG),
        ALDER.vkey.encode(),
    ),
    "note": (lambda data: open_note(data, [ALDER]), Log(leaves(3)).note()),
    "checkpoint": (
        lambda data: open_checkpoint(data, ALDER.name, [ALDER]),
        Log(leaves(3)).note(),
    ),
    "checkpoint text": (
        lambda data: parse_checkpoint(text(data)),
        Log(leaves(3)).checkpoint().text.encode(),
    ),
    "frontier": (lambda data: Frontier.unpack(3, data), bytes(64)),
    "index path": (lambda data: parse_index_path(text(data)), b"x001/x234/067.p/112"),
    "entry bundle": (lambda data: unpack_entries(data, 3), pack_entries([b"a", b"", b"ccc"])),
    "payload bundle": (lambda data: unpack_blobs(data, 3), pack_blobs([b"", blob(0), b""])),
    "entry": (lambda data: decode_entry(data, 9), publish_entry(blob(0), NOW, replaces=3)),
    "erasing entry": (lambda data: decode_entry(data, 9), erase_entry([1, 4], NOW)),
    "entry in its place": (
        lambda data: read_entry(9, data, data),
        publish_entry(blob(0), NOW, replaces=3),
    ),
    "home": (decode_record, encode_record(home())),
    "provider": (decode_record, encode_record(provider())),
    "commissioning": (decode_record, encode_record(commissioning())),
    "statement": (decode_record, encode_record(statement())),
    "check": (decode_record, encode_record(check())),
    "notice": (decode_body, encode_body(notice())),
    "acknowledgement": (decode_body, encode_body(acknowledgement())),
    "change": (decode_placement_body, encode_placement_body(placement_change())),
    "consultation": (decode_consultation_body, encode_consultation_body(consultation())),
    "withdrawal's answer": (decode_placement_body, encode_placement_body(withdrawal_answer())),
    "sealed message": (opened, SEALED),
    "seal's header": (
        with_a_header,
        b'{"alg":"ECDH-ES+A256KW","enc":"A256GCM","typ":"commonhearth-sealed+jwe","kid":"%s",'
        b'"epk":EPK}' % key(BIRCHWICK, Purpose.SEALING).public.kid.encode(),
    ),
    "signed message": (within_a_seal, SIGNED.encode()),
    "message": (
        within_a_signature,
        from_b64url(SIGNED.split(".")[1], "payload"),
    ),
    "receipt": (as_receipt, RECEIPT.encode()),
    "charter": (lambda data: open_founding_charter(data, NOW), CHARTER),
    "charter's text": (
        lambda data: decode_json(data, _CHARTER, "charter"),
        CHARTER.rpartition(b"\n\n")[0],
    ),
}

NASTY = [
    b"",
    b"\0",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\\u0000",
    "\u202e".encode(),
    "١".encode(),
    b"null",
    b"true",
    b"-1",
    b"-0",
    b"1.0",
    b"1e400",
    b"NaN",
    b"9" * 30,
    b"9" * 5000,
    b"{}",
    b"[]",
    b"[" * 3000,
    b'{"a":' * 3000,
    b'"',
    b"'",
    b",",
    b"..",
    b"=",
    b"==",
    b"+",
    b"/../",
    b"x000/",
    b" ",
    "—".encode(),
    b"\xff\xff\xff\xff",
    b"A" * 70,
    b"0001-01-01T00:00:00+23:59",
    b"9999-12-31T23:59:59.999999Z",
    b"2026-02-30",
    b'"schema":"home/1",',
]


NOISE = st.binary(max_size=300) | st.text(max_size=100).map(str.encode) | st.sampled_from(NASTY)
# From where, how much is taken out, and what is put in its place; None doubles what is taken out.
CUT = st.tuples(
    st.integers(0, 2000),
    st.integers(0, 40),
    st.none() | st.sampled_from(NASTY) | st.binary(max_size=4),
)


def damaged(good: bytes, cuts: list[tuple[int, int, bytes | None]]) -> bytes:
    data = good
    for place, length, piece in cuts:
        start = place % (len(data) + 1)
        out = data[start : start + length]
        data = data[:start] + (out * 2 if piece is None else piece) + data[start + length :]
    return data


@pytest.mark.parametrize("kind", DECODERS)
def test_what_is_damaged_is_an_example_that_was_good(kind: str) -> None:
    decode, good = DECODERS[kind]
    assert decode(good) is not None


@given(NOISE)
def test_noise_is_a_value_or_refused(noise: bytes) -> None:
    for decode, _ in DECODERS.values():
        with suppress(ProtocolError):
            decode(noise)


@given(st.lists(CUT, min_size=1, max_size=4))
def test_what_was_good_and_is_damaged_is_a_value_or_refused(
    cuts: list[tuple[int, int, bytes | None]],
) -> None:
    for decode, good in DECODERS.values():
        with suppress(ProtocolError):
            decode(damaged(good, cuts))
