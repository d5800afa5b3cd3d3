"""What others have published that a reader of JOSE must refuse, tried on everything that we open.

RFC 7520 and the examples of joserfc are of suites that are not ours, and refused as they stand. Of
the vectors of Wycheproof and NIST those count that are of our suite's primitives; each fault is put
into a seal in which all else is right, so that nothing but the check of that fault refuses it. See
`tests/vectors/README.md` for where they are from.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB, GCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from protocols.encoding import b64url
from protocols.erasures import erased, open_erasure
from protocols.errors import BadSignature, Malformed, ProtocolError
from protocols.keys import PublicKey, Purpose
from protocols.messages import sealed_digest, signed_digest, verify_compact
from protocols.receipts import open_receipt
from protocols.snapshots import open_snapshot, sign_snapshot
from tests.protocols.factories import (
    ALDERTON,
    BIRCHWICK,
    NOW,
    compact_jwe,
    compact_jws,
    duty_snapshot,
    jws_header,
    key,
    message,
    opened,
    receipt,
    sealed,
    signed,
    signed_erasure,
    signed_receipt,
    signing_keys,
    small_log,
    vectors,
)
from tests.protocols.misspelt import misspelt

VECTORS: dict[str, list[dict[str, Any]]] = vectors("jose_negatives")
SIGNED, SEALED = signed(), sealed()
BIRCHWICKS = key(BIRCHWICK, Purpose.SEALING).public
ERASING = small_log()[0].entries[2]


def sealed_with(**fault: Any) -> bytes:
    """Our message sealed by hand, with a fault."""
    return compact_jwe(SIGNED.encode(), BIRCHWICKS, **fault)


def access_keys(node: str) -> Callable[[str], PublicKey | None]:
    public = key(node, Purpose.ACCESS).public
    return {public.kid: public}.get


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def as_receipt(text: str) -> object:
    return open_receipt(
        text,
        by=BIRCHWICK,
        keys=signing_keys(BIRCHWICK),
        sealed=sealed_digest(SEALED),
        signed=signed_digest(SIGNED),
    )


def as_erasure(text: str) -> object:
    return open_erasure(
        text,
        by="birch",
        keys=access_keys("birch"),
        origin="alder.example/log",
        entry={2: ERASING}.get,
    )


def as_snapshot(text: str) -> object:
    return open_snapshot(text, node="alder", keys=access_keys("alder"), now=NOW)


# What opens a compact JOSE that came from others, and one that it opens.
DOORS: dict[str, tuple[Callable[[str], object], str]] = {
    "message": (lambda text: opened(as_bytes(text)), SEALED.decode()),
    "signed message": (lambda text: opened(compact_jwe(as_bytes(text), BIRCHWICKS)), SIGNED),
    "receipt": (as_receipt, signed_receipt(receipt(SIGNED, SEALED))),
    "receipt of erasure": (
        as_erasure,
        signed_erasure(erased("birch", "alder.example/log", 2, ERASING, NOW)),
    ),
    "snapshot": (as_snapshot, sign_snapshot(duty_snapshot(), key("alder", Purpose.ACCESS))),
}
Door = pytest.mark.parametrize("door", DOORS)


def is_refused(
    reader: Callable[..., object], *what: object, by: type[Exception] = ProtocolError
) -> bool:
    """Whether it is refused, and by our own error: any other one is raised."""
    try:
        reader(*what)
    except by:
        return True
    return False


# --- Spelling and form --------------------------------------------------------------------------


@Door
def test_what_is_right_opens(door: str) -> None:
    reader, good = DOORS[door]
    assert reader(good)


@Door
def test_no_other_spelling_is_read(door: str) -> None:
    """Padding, white space, the other alphabet, unused bits, what only looks like ASCII."""
    reader, good = DOORS[door]
    read = [wrong for wrong, text in misspelt(good) if not is_refused(reader, text)]
    assert read == []


@Door
@pytest.mark.parametrize("source", ["rfc7520", "joserfc"])
def test_what_is_of_another_suite_is_refused(source: str, door: str) -> None:
    """In every form there is: compact, general, flattened, detached, several recipients."""
    reader, _ = DOORS[door]
    read = [
        case["id"] for case in VECTORS[source] if not is_refused(reader, case["jose"], by=Malformed)
    ]
    assert read == []


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "INVALID"},
        {"enc": "INVALID"},
        {"alg": ...},
        {"enc": ...},
        {"kid": 123},
        {"kid": ...},
        {"typ": ...},
        {"epk": ...},
        {"crit": ["kid"]},
        {"crit": ["bob"], "bob": "a"},
        {"crit": "kid"},
        {"jwk": "dict"},
        {"jku": "url"},
        {"x5c": "url"},
        {"x5c": [1, 2]},
        {"p2s": "QoGrcBpns_cLWCQPEVuA-g", "p2c": 500_000},
        {"p2c": "1024"},
        {"zip": "DEF"},
        {"custom": "hi"},
        {f"a{number}": "a" * number for number in range(1000)},
    ],
    ids=lambda header: str(header)[:40],
)
def test_a_header_that_joserfc_refuses_is_refused(header: dict[str, Any]) -> None:
    """Its own tests have these, one by one; a member `...` is left out."""
    usual = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "typ": "commonhearth-sealed+jwe"}
    members = json.dumps(usual | {"kid": BIRCHWICKS.kid, "epk": "EPK"}).replace('"EPK"', "EPK")
    assert opened(sealed_with(header=members.replace(" ", "").encode()))
    for_the_seal = usual | {"kid": BIRCHWICKS.kid, "epk": "EPK"} | header
    kept = {name: value for name, value in for_the_seal.items() if value is not ...}
    text = json.dumps(kept, separators=(",", ":")).replace('"EPK"', "EPK")
    with pytest.raises(Malformed, match="seal's header"):
        opened(sealed_with(header=text.encode()))
    if header.keys() & {"enc", "epk"}:
        return
    kept = {name: value for name, value in (jws_header() | header).items() if value is not ...}
    signer, payload = key(ALDERTON, Purpose.SIGNING), json.dumps(message().id).encode()
    with pytest.raises(Malformed, match="signature's header"):
        verify_compact(
            compact_jws(kept, payload, signer), "commonhearth-message+jws", lambda _: signer.public
        )


@pytest.mark.parametrize(("part", "length"), [(0, 10_000), (1, 1000), (2, 1000), (3, 0), (4, 80)])
def test_a_part_of_a_seal_longer_than_its_kind_is_refused(part: int, length: int) -> None:
    parts = SEALED.decode().split(".")
    parts[part] = b64url(b"a" * length)
    with pytest.raises(Malformed):
        opened(".".join(parts).encode())


# --- Ed25519 ------------------------------------------------------------------------------------


def test_no_signature_that_wycheproof_has_as_invalid_verifies() -> None:
    """Under its own key for its own message; and under that key for ours."""
    start = SIGNED.rpartition(".")[0]
    verified = []
    for case in VECTORS["wycheproof_ed25519"]:
        public = PublicKey(Purpose.SIGNING, bytes.fromhex(case["public"]))
        signature = bytes.fromhex(case["signature"])
        text = f"{start}.{b64url(signature)}"
        if not (
            is_refused(public.verify, signature, bytes.fromhex(case["message"]), by=BadSignature)
            and is_refused(
                verify_compact, text, "commonhearth-message+jws", lambda _, key=public: key
            )
        ):
            verified.append(case["id"])
    assert verified == []


# --- X25519 -------------------------------------------------------------------------------------


def test_no_ephemeral_key_that_wycheproof_has_as_invalid_or_of_low_order_opens_a_seal() -> None:
    """A low order makes the shared secret zero: each seal is made with just that secret, which
    anybody knows.
    """
    cases = VECTORS["wycheproof_x25519"]
    opens = []
    for case in cases:
        epk = {name: value for name, value in case["public"].items() if name != "kid"}
        if not is_refused(opened, sealed_with(header={"epk": epk}, shared=bytes(32)), by=Malformed):
            opens.append(case["id"])
    assert opens == []
    assert len(cases) == 44


# --- AES key wrap -------------------------------------------------------------------------------


def first_value(wrapping_key: bytes, wrapped: bytes) -> bytes:
    """The integrity check register that comes out when a wrapped key is opened (RFC 3394 2.2.2)."""
    decrypt = Cipher(AES(wrapping_key), ECB()).decryptor().update
    first, *blocks = (wrapped[at : at + 8] for at in range(0, len(wrapped), 8))
    for step in reversed(range(6 * len(blocks))):
        at = step % len(blocks)
        both = decrypt((int.from_bytes(first) ^ step + 1).to_bytes(8) + blocks[at])
        first, blocks[at] = both[:8], both[8:]
    return first


def wrapped_from(first: bytes, wrapping_key: bytes, content_key: bytes) -> bytes:
    """RFC 3394 section 2.2.1 with another initial value."""
    encrypt = Cipher(AES(wrapping_key), ECB()).encryptor().update
    blocks = [content_key[at : at + 8] for at in range(0, len(content_key), 8)]
    for step in range(6 * len(blocks)):
        at = step % len(blocks)
        both = encrypt(first + blocks[at])
        first, blocks[at] = (int.from_bytes(both[:8]) ^ step + 1).to_bytes(8), both[8:]
    return first + b"".join(blocks)


def test_a_key_wrapped_by_hand_is_wrapped() -> None:
    usual = b"\xa6" * 8
    assert wrapped_from(usual, bytes(32), bytes(range(32))) == aes_key_wrap(
        bytes(32), bytes(range(32))
    )
    assert first_value(bytes(32), aes_key_wrap(bytes(32), bytes(range(32)))) == usual


def test_no_content_key_opens_that_is_wrapped_as_wycheproof_or_nist_have_it_wrong() -> None:
    opens = []
    for case in VECTORS["key_wrap"]:
        wrapped = bytes.fromhex(case["wrapped"])
        if len(wrapped) == 40:
            first = first_value(bytes.fromhex(case["key"]), wrapped)
            made = sealed_with(wrap=lambda *keys, first=first: wrapped_from(first, *keys))
        else:
            made = sealed_with(wrap=lambda *_, wrapped=wrapped: wrapped)
        if not is_refused(opened, made, by=Malformed):
            opens.append(case["id"])
    assert opens == []


@pytest.mark.parametrize("length", [16, 24])
def test_a_shorter_content_key_opens_nothing(length: int) -> None:
    """Well wrapped, and all is encrypted with it: but it would be another suite."""
    with pytest.raises(Malformed):
        opened(sealed_with(content_key=bytes(range(length))))


# --- AES GCM ------------------------------------------------------------------------------------


def tag_fault(case: dict[str, bytes]) -> Callable[[bytes], bytes]:
    """What is wrong with the tag of a vector, to be made wrong with another."""
    mode = GCM(case["vector"])
    plain = Cipher(AES(case["key"]), mode).decryptor().update(case["ciphertext"])
    right = AESGCM(case["key"]).encrypt(case["vector"], plain, case["aad"])[-16:]
    apart = int.from_bytes(right) ^ int.from_bytes(case["tag"])
    return lambda tag: (int.from_bytes(tag) ^ apart).to_bytes(16)


def test_nothing_opens_that_wycheproof_or_nist_have_as_no_gcm_or_that_jose_has_not() -> None:
    """Tags that are wrong, each by as much as there; and vectors of other than 96 bits, for which
    GCM is defined and A256GCM is not.
    """
    opens = []
    for row in VECTORS["gcm"]:
        case = {name: bytes.fromhex(row[name]) for name in row if name != "id"}
        if 8 <= len(case["vector"]) <= 128:
            made = sealed_with(content_key=case["key"], vector=case["vector"], tag=tag_fault(case))
        else:
            parts = [b64url(case[name]) for name in ("vector", "ciphertext", "tag")]
            made = ".".join([*SEALED.decode().split(".")[:2], *parts]).encode()
        if not is_refused(opened, made, by=Malformed):
            opens.append(row["id"])
    assert opens == []
