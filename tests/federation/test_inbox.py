"""Messages that arrive over HTTP: stored once and answered for, or refused with the reason."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import requests
from sqlalchemy import func, select

from directory.notices.arriving import receive as receive_notice
from directory.notices.models import received_notice
from directory.notices.received import received
from federation import Node, Peer, reading, tables
from federation.errors import PeerRefused
from federation.keystore import KeyStore
from protocols.encoding import b64url
from protocols.keys import PrivateKey, Purpose
from protocols.messages import MAX_SEALED, Message, seal, sealed_digest, sign_message, signed_digest
from protocols.notices import encode_body
from protocols.receipts import Receipt, open_receipt
from tests.federation.worlds import DEVON, KENT, LEEDS, NOW, WHO, World, a_notice

pytestmark = pytest.mark.both_databases(second_is_soak=True)

ID = "0" * 31 + "1"


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent and Leeds who write to each other, and Devon who wants to join in."""
    return found("kent", "leeds", "devon")


@dataclass
class Letter:
    """A message from Kent to Leeds, sealed, and what is known of it where it was written."""

    sealed: bytes
    signed: str | None = None
    answer: str = field(default="", init=False)


def a_message(**changes: Any) -> Message:
    made = Message(
        v=1,
        id=ID,
        sender=KENT,
        recipient=LEEDS,
        sent=NOW,
        expires=NOW + timedelta(days=14),
        body=msgspec.Raw(encode_body(a_notice())),
    )
    return msgspec.structs.replace(made, **changes)


def key_of(world: World, gss: str, purpose: Purpose) -> PrivateKey:
    owner = {KENT: "kent", LEEDS: "leeds", DEVON: "devon"}[gss]
    return world[owner].keys.authority_key(gss, purpose)


def letter(
    world: World, message: Message | None = None, signer: PrivateKey | None = None, to: str = LEEDS
) -> Letter:
    message = message or a_message()
    signed = sign_message(message, signer or key_of(world, message.sender, Purpose.SIGNING))
    return Letter(seal(signed, key_of(world, to, Purpose.SEALING).public), signed)


def deliver(world: World, one: Letter, by: str = "kent", to: str = LEEDS) -> Receipt:
    """Deliver a letter at Leeds's node, and verify the receipt."""
    one.answer = world.peer(by, "leeds").deliver(to, one.sealed)
    return open_receipt(
        one.answer,
        by=to,
        keys=world["kent"].charter.authority_keys(to, Purpose.SIGNING),
        sealed=sealed_digest(one.sealed),
        signed=signed_digest(one.signed or ""),
    )


def stored(node: Node) -> int:
    """How many messages a node has stored: in its inbox, and as notices."""
    with reading(node.node_db) as connection:
        rows = connection.scalar(select(func.count()).select_from(tables.inbox)) or 0
        notices = connection.scalar(select(func.count()).select_from(received_notice))
    assert rows == notices
    return rows


def refused(world: World, one: Letter, reason: str, **how: str) -> Receipt:
    before = stored(world["leeds"])
    receipt = deliver(world, one, **how)
    assert (receipt.outcome, receipt.reason) == ("refused", reason)
    assert stored(world["leeds"]) == before
    return receipt


# --- Stored -------------------------------------------------------------------------------------


def test_a_message_is_stored_before_it_is_answered_for(world: World) -> None:
    receipt = deliver(world, letter(world))
    assert receipt.outcome == "stored"
    assert receipt.at == world.turn.now
    with reading(world["leeds"].node_db) as connection:
        [notice] = received(connection, WHO, LEEDS)
    assert (notice.id, notice.placing_authority) == (ID, KENT)


def test_nothing_of_a_message_can_be_read_on_its_way(world: World) -> None:
    sealed = letter(world).sealed
    for word in (b"Robin", b"Sample", b"notice", KENT.encode(), ID.encode()):
        assert word not in sealed
        assert b64url(word).encode()[:-1] not in sealed


def test_the_same_message_again_gives_the_same_receipt_and_one_row(world: World) -> None:
    one = letter(world)
    deliver(world, one)
    first = one.answer
    world.turn.forward(hours=1)
    deliver(world, one)
    assert one.answer == first
    assert stored(world["leeds"]) == 1


def test_the_same_message_sealed_again_is_not_stored_again(world: World) -> None:
    one = letter(world)
    deliver(world, one)
    again = world.peer("kent", "leeds").deliver(LEEDS, letter(world).sealed)
    assert again == one.answer
    assert stored(world["leeds"]) == 1


def test_a_receipt_is_given_again_after_the_message_has_expired(world: World) -> None:
    one = letter(world)
    deliver(world, one)
    first = one.answer
    world.turn.forward(days=30)
    assert deliver(world, one).outcome == "stored"
    assert one.answer == first


def test_the_same_id_from_two_senders_is_two_messages(world: World) -> None:
    deliver(world, letter(world))
    other = letter(world, a_message(sender=DEVON))
    assert deliver(world, other, by="devon").outcome == "stored"
    assert stored(world["leeds"]) == 2


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_by_a_few_minutes(world: World, minutes: int) -> None:
    sent = NOW + timedelta(minutes=minutes)
    expires = NOW + timedelta(minutes=-4)
    assert deliver(world, letter(world, a_message(sent=sent, expires=expires))).outcome == "stored"


def test_a_message_as_long_as_any_may_be_is_stored(world: World) -> None:
    long = {
        "assessment_of_needs": "x" * 60_000,
        "why_most_suitable": "\N{OGHAM LETTER RUIS}" * 60_000,
    }
    one = letter(world, a_message(body=msgspec.Raw(encode_body(a_notice(**long)))))
    assert deliver(world, one).outcome == "stored"


# --- Refused, with a signed reason --------------------------------------------------------------


def test_a_message_for_another_recipient_is_refused(world: World) -> None:
    refused(world, letter(world, a_message(recipient=DEVON)), "not-for-us")


def test_a_message_sealed_to_another_recipient_is_refused(world: World) -> None:
    receipt = refused(world, letter(world, to=DEVON), "unknown-key")
    assert receipt.signed is None


def test_a_message_replayed_by_another_member_is_refused(world: World) -> None:
    one = letter(world)
    refused(world, one, "wrong-sender", by="devon")
    deliver(world, one)
    refused(world, one, "wrong-sender", by="devon")


def test_a_member_cannot_write_in_another_s_name(world: World) -> None:
    forged = letter(world, a_message(), signer=key_of(world, DEVON, Purpose.SIGNING))
    refused(world, forged, "unknown-key", by="devon")
    refused(world, forged, "unknown-key", by="kent")


def test_a_message_signed_by_an_unknown_key_is_refused(world: World) -> None:
    stranger = KeyStore.create(world.folder / "stranger", [KENT])
    forged = letter(world, signer=stranger.authority_key(KENT, Purpose.SIGNING))
    refused(world, forged, "unknown-key")


def test_a_message_of_a_sender_who_is_no_member_is_refused(world: World) -> None:
    stranger = KeyStore.create(world.folder / "stranger", ["E09000023"])
    signer = stranger.authority_key("E09000023", Purpose.SIGNING)
    refused(world, letter(world, a_message(sender="E09000023"), signer), "unknown-key")


def test_the_same_id_with_other_content_is_refused_and_the_first_stays(world: World) -> None:
    one = letter(world)
    deliver(world, one)
    other = a_message(body=msgspec.Raw(encode_body(a_notice(care_plan="Another plan."))))
    refused(world, letter(world, other), "id-reused")
    assert deliver(world, one).outcome == "stored"


@pytest.mark.parametrize(
    "times",
    [
        {"sent": NOW + timedelta(minutes=6)},
        {"sent": NOW + timedelta(days=3650), "expires": NOW + timedelta(days=3651)},
    ],
    ids=["from the future", "from far in the future"],
)
def test_a_message_from_the_future_is_neither_stored_nor_refused_for_good(
    world: World, times: dict[str, Any]
) -> None:
    with pytest.raises(PeerRefused) as refusal:
        deliver(world, letter(world, a_message(**times)))
    assert refusal.value.status == 503
    assert stored(world["leeds"]) == 0


def test_a_message_past_its_end_is_refused(world: World) -> None:
    past = {"sent": NOW - timedelta(days=15), "expires": NOW - timedelta(minutes=6)}
    refused(world, letter(world, a_message(**past)), "expired")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"schema":"notice/9"}', "unknown-schema"),
        (b'{"schema":"notice/1"}', "malformed"),
        (b'{"child":"Robin"}', "malformed"),
        (b'"text"', "malformed"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(world: World, body: bytes, reason: str) -> None:
    one = letter(world, a_message(body=msgspec.Raw(body)))
    refused(world, one, reason)
    with reading(world["leeds"].node_db) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.inbox)) == 0


def test_an_acknowledgement_of_a_notice_that_was_never_sent_is_refused(world: World) -> None:
    body = {
        "schema": "acknowledgement/1",
        "notice": "f" * 32,
        "contact": {"name": "A", "role": "B", "telephone": "C"},
        "acknowledged_at": "2026-11-20T09:30:00Z",
    }
    refused(
        world, letter(world, a_message(body=msgspec.Raw(json.dumps(body).encode()))), "malformed"
    )


# --- JOSE that is not the one suite -------------------------------------------------------------


def compact(header: dict[str, Any], payload: bytes, signer: PrivateKey) -> str:
    """A JWS under any header (RFC 7515 section 5.1)."""
    start = f"{b64url(json.dumps(header, separators=(',', ':')).encode())}.{b64url(payload)}"
    return f"{start}.{b64url(signer.sign(start.encode()))}"


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "EdDSA"},
        {"alg": "HS256"},
        {"alg": "ES256"},
        {"typ": "JWT"},
        {"typ": "commonhearth-receipt+jws"},
        {"jku": "https://elsewhere.example/keys"},
        {"jwk": {"kty": "OKP"}},
        {"crit": ["exp"]},
        {"b64": False},
        {"kid": "../../etc/passwd"},
        {"kid": None},
    ],
    ids=str,
)
def test_a_signature_of_another_kind_is_refused(world: World, change: dict[str, Any]) -> None:
    signer = key_of(world, KENT, Purpose.SIGNING)
    usual = {"alg": "Ed25519", "typ": "commonhearth-message+jws", "kid": signer.public.kid}
    signed = compact(usual | change, msgspec.json.encode(a_message()), signer)
    one = Letter(seal(signed, key_of(world, LEEDS, Purpose.SEALING).public))
    refused(world, one, "malformed")


def test_a_signature_by_hand_under_the_usual_header_is_accepted(world: World) -> None:
    signer = key_of(world, KENT, Purpose.SIGNING)
    usual = {"alg": "Ed25519", "typ": "commonhearth-message+jws", "kid": signer.public.kid}
    signed = compact(usual, msgspec.json.encode(a_message()), signer)
    one = Letter(seal(signed, key_of(world, LEEDS, Purpose.SEALING).public), signed)
    assert deliver(world, one).outcome == "stored"


def test_a_message_signed_by_the_sender_s_node_instead_of_it_is_refused(world: World) -> None:
    signer = world["kent"].keys.node_key(Purpose.ACCESS)
    kid = key_of(world, KENT, Purpose.SIGNING).public.kid
    header = {"alg": "Ed25519", "typ": "commonhearth-message+jws", "kid": kid}
    signed = compact(header, msgspec.json.encode(a_message()), signer)
    one = Letter(seal(signed, key_of(world, LEEDS, Purpose.SEALING).public))
    refused(world, one, "bad-signature")


def sealed_header(change: dict[str, Any]) -> Callable[[bytes], bytes]:
    def apply(sealed: bytes) -> bytes:
        header, _, rest = sealed.partition(b".")
        padded = header + b"=" * (-len(header) % 4)
        members = json.loads(base64.urlsafe_b64decode(padded)) | change
        return b64url(json.dumps(members, separators=(",", ":")).encode()).encode() + b"." + rest

    return apply


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "dir"},
        {"alg": "RSA-OAEP"},
        {"alg": "PBES2-HS256+A128KW", "p2c": 10**9},
        {"alg": "ECDH-ES"},
        {"enc": "A128CBC-HS256"},
        {"zip": "DEF"},
        {"jku": "https://elsewhere.example"},
        {"x5u": "https://elsewhere.example"},
        {"apu": "QQ"},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": b64url(bytes(32))}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "QQ", "y": "QQ"}},
    ],
    ids=str,
)
def test_a_seal_of_another_kind_is_refused(world: World, change: dict[str, Any]) -> None:
    one = letter(world)
    refused(world, Letter(sealed_header(change)(one.sealed)), "malformed")


def test_every_flipped_bit_of_a_sealed_message_is_refused(world: World) -> None:
    one = letter(world)
    for at in range(0, len(one.sealed), len(one.sealed) // 40):
        changed = one.sealed[:at] + bytes([one.sealed[at] ^ 1]) + one.sealed[at + 1 :]
        receipt = deliver(world, Letter(changed))
        assert receipt.outcome == "refused"
    assert stored(world["leeds"]) == 0


GARBAGE = [
    b"",
    b".",
    b"....",
    b"a.b.c.d.e",
    b"\x00" * 1000,
    b"\xff\xfe",
    b"x" * 100_000,
    b"." * 100_000,
    b'{"protected":"e30"}',
    "e30.\N{SNOWMAN}.a.b.c".encode(),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_with_a_signed_answer(world: World, garbage: bytes) -> None:
    refused(world, Letter(garbage), "malformed")


# --- Refused by HTTP ----------------------------------------------------------------------------


def post(
    world: World, sealed: bytes, to: str = LEEDS, token: str | None = "", **headers: str
) -> requests.Response:
    """What any client could send to Leeds's inbox; with Kent's token, if none is said."""
    if token == "":
        peer = world.peer("kent", "leeds")
        peer.ping()
        token = peer._token
    sent = {"Content-Type": "application/jose", **headers}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    return requests.post(
        f"{world.sites['leeds'].url}/inbox/{to}", data=sealed, headers=sent, timeout=10
    )


def test_a_stranger_delivers_nothing(world: World) -> None:
    for token in (None, "invented"):
        answer = post(world, letter(world).sealed, token=token)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert stored(world["leeds"]) == 0


@pytest.mark.parametrize("to", [KENT, "E99999999", "nobody", "node", "..%2Fnode"])
def test_a_message_to_an_authority_that_this_node_does_not_serve_is_not_taken(
    world: World, to: str
) -> None:
    answer = post(world, letter(world).sealed, to=to)
    assert answer.status_code == 404
    assert stored(world["leeds"]) == 0


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/jose+json", ""])
def test_another_content_type_is_not_taken(world: World, kind: str) -> None:
    answer = post(world, letter(world).sealed, **{"Content-Type": kind})
    assert answer.status_code == 415
    assert stored(world["leeds"]) == 0


def test_an_oversize_message_is_not_taken(world: World) -> None:
    answer = post(world, b"x" * (MAX_SEALED + 1))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_oversize_message_in_chunks_stores_nothing(world: World) -> None:
    peer = world.peer("kent", "leeds")
    peer.ping()
    answer = requests.post(
        f"{world.sites['leeds'].url}/inbox/{LEEDS}",
        data=(b"x" * 65536 for _ in range(40)),
        headers={"Content-Type": "application/jose", "Authorization": f"Bearer {peer._token}"},
        timeout=10,
    )
    assert answer.status_code in (200, 400, 411, 413)  # 200 with a refusal of what was read
    assert stored(world["leeds"]) == 0


# --- When storing fails -------------------------------------------------------------------------


def test_when_the_handler_fails_nothing_is_stored_and_the_message_can_come_again(
    world: World,
) -> None:
    failing = True

    def handler(connection: Any, node: Node, message: Message, now: datetime) -> None:
        receive_notice(connection, node, message, now)
        if failing:
            raise OSError("the disk is full")

    world.open("leeds", receive=handler)
    one = letter(world)
    with pytest.raises(PeerRefused, match="answered 500"):
        deliver(world, one)
    assert stored(world["leeds"]) == 0
    failing = False
    assert deliver(world, one).outcome == "stored"
    assert stored(world["leeds"]) == 1


def test_the_answer_to_a_failure_says_nothing_of_the_message(world: World) -> None:
    def handler(connection: Any, node: Node, message: Message, now: datetime) -> None:
        raise OSError(bytes(message.body).decode())

    world.open("leeds", receive=handler)
    answer = post(world, letter(world).sealed)
    assert answer.status_code == 500
    assert "Robin" not in answer.text


def test_many_deliveries_of_one_message_at_once_store_it_once(world: World) -> None:
    one = letter(world)
    peers: list[Peer] = [world.peer("kent", "leeds") for _ in range(6)]
    with ThreadPoolExecutor() as pool:
        answers = set(pool.map(lambda peer: peer.deliver(LEEDS, one.sealed), peers))
    assert len(answers) == 1
    assert stored(world["leeds"]) == 1
