"""Sealed messages: delivered whole to whom they are for, from whom they say, or refused."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import OctKey, RSAKey

from protocols.encoding import b64url, from_b64url
from protocols.errors import (
    BadSignature,
    Expired,
    Malformed,
    NotForUs,
    NotYet,
    ProtocolError,
    UnknownKey,
    WrongSender,
)
from protocols.keys import PrivateKey, Purpose
from protocols.messages import (
    CLOCK_LEEWAY,
    MAX_SEALED,
    Message,
    check_sender,
    check_time,
    open_message,
    seal,
    sealed_digest,
    sign_compact,
    sign_message,
    signed_digest,
    verify_compact,
)
from protocols.notices import Notice, decode_body, encode_body
from tests.protocols.factories import (
    ALDERTON,
    BIRCHWICK,
    NOW,
    compact_jwe,
    compact_jws,
    flip,
    jws_header,
    key,
    message,
    notice,
    opened,
    receipt,
    sealed,
    signed,
    signed_receipt,
    signing_key,
    vectors,
)

TYP = "commonhearth-message+jws"
ENDS_OF_THE_CALENDAR = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
]
SIGNED, PAYLOAD = signed(), msgspec.json.encode(message())
SEALED = seal(SIGNED, key(BIRCHWICK, Purpose.SEALING).public)
ALDERTONS, BIRCHWICKS = key(ALDERTON, Purpose.SIGNING), key(BIRCHWICK, Purpose.SEALING)


def to_birchwick(text: str | bytes, header: Any = b"") -> bytes:
    """Whatever is given, sealed by hand to Birchwick."""
    plaintext = text.encode() if isinstance(text, str) else text
    return compact_jwe(plaintext, BIRCHWICKS.public, header)


def signed_payload(payload: bytes, **header: Any) -> str:
    return compact_jws(jws_header() | header, payload, ALDERTONS)


def with_member(payload: bytes, **members: Any) -> bytes:
    changed = msgspec.json.decode(payload) | members
    return msgspec.json.encode({k: v for k, v in changed.items() if v is not ...})


# --- What arrives -------------------------------------------------------------------------------


def test_a_message_arrives_as_it_was_sent() -> None:
    arrived = opened(SEALED)
    assert msgspec.structs.replace(arrived.message, body=message().body) == message()
    assert decode_body(bytes(arrived.message.body)) == notice()
    assert arrived.signed_digest == signed_digest(SIGNED)
    check_sender(arrived.message, frozenset({ALDERTON}))
    check_time(arrived.message, NOW)


def test_a_message_sealed_twice_is_the_same_message() -> None:
    again = sealed()
    assert again != SEALED
    assert sealed_digest(again) != sealed_digest(SEALED)
    assert opened(again).signed_digest == opened(SEALED).signed_digest


def test_a_seal_made_from_the_specification_by_hand_opens() -> None:
    assert opened(to_birchwick(SIGNED)).signed_digest == signed_digest(SIGNED)


def test_a_signature_made_from_the_specification_by_hand_is_ours() -> None:
    assert compact_jws(jws_header(), PAYLOAD, ALDERTONS) == SIGNED


def test_headers_may_stand_in_any_order() -> None:
    header = dict(reversed(jws_header().items()))
    assert opened(to_birchwick(compact_jws(header, PAYLOAD, ALDERTONS))).message.id == message().id


@pytest.mark.parametrize("sign", ["x", "ŵ", "ब", "字"])
def test_the_longest_notice_arrives(sign: str) -> None:
    longest = notice(
        assessment_of_needs=sign * 60_000, why_most_suitable=sign * 60_000, care_plan=sign * 60_000
    )
    delivered = sealed(message(body=msgspec.Raw(encode_body(longest))))
    assert len(delivered) <= MAX_SEALED
    assert decode_body(bytes(opened(delivered).message.body)) == longest


def test_a_message_too_long_to_be_opened_is_not_sealed() -> None:
    body = msgspec.Raw(b'{"schema":"x/1","x":"' + b"x" * 600_000 + b'"}')
    with pytest.raises(Malformed, match="more than 1048576 bytes"):
        sealed(message(body=body))
    with pytest.raises(Malformed, match="more than 1048576 bytes"):
        opened(to_birchwick(signed(message(body=body))))
    with pytest.raises(Malformed, match="more than 1048576 bytes"):
        opened(b"." * (MAX_SEALED + 1))


# --- What was changed on the way ----------------------------------------------------------------


def test_a_seal_with_any_bit_flipped_is_refused() -> None:
    short = to_birchwick(signed(message(body=msgspec.Raw(b'{"schema":"x/1"}'))))
    assert opened(short)
    for bit in range(0, len(short) * 8, 5):  # in each byte one or two, and each of the eight
        with pytest.raises(ProtocolError):
            opened(flip(short, bit))


def test_a_signed_message_with_any_bit_flipped_is_refused() -> None:
    """By the recipient's own hand, who can seal what it likes."""
    text = signed(message(body=msgspec.Raw(b'{"schema":"x/1"}'))).encode()
    for bit in range(0, len(text) * 8, 5):
        with pytest.raises(ProtocolError):
            verify_compact(
                flip(text, bit).decode("latin-1"), TYP, lambda kid: signing_key(ALDERTON, kid)
            )


@given(st.data())
def test_a_seal_cut_short_or_spliced_is_refused(data: st.DataObject) -> None:
    parts = SEALED.split(b".")
    others = sealed().split(b".")
    at = data.draw(st.integers(0, 4))
    spliced = b".".join([*parts[:at], others[at], *parts[at + 1 :]])
    cut = SEALED[: data.draw(st.integers(0, len(SEALED) - 1))]
    for changed in (spliced, cut, SEALED + b".", b"." + SEALED, SEALED + b"AAAA"):
        with pytest.raises(Malformed):
            opened(changed)


def test_a_tag_or_vector_of_another_length_is_refused() -> None:
    """A short tag could be guessed."""
    parts = [from_b64url(part, "part") for part in SEALED.decode().split(".")]
    for at, length in [(4, 0), (4, 4), (4, 12), (4, 15), (4, 17), (2, 0), (2, 11), (2, 16), (1, 0)]:
        changed = [*parts[:at], (parts[at] + bytes(40))[:length], *parts[at + 1 :]]
        with pytest.raises(Malformed):
            opened(".".join(map(b64url, changed)).encode())


@pytest.mark.parametrize(
    "delivered",
    [
        b"",
        b".",
        b"....",
        b".....",
        SIGNED.encode(),
        SEALED.replace(b".", b","),
        SEALED + SEALED,
        "é.é.é.é.é".encode(),
        b"\xff" * 100,
        json.dumps({"ciphertext": "x", "recipients": [{}, {}]}).encode(),
    ],
)
def test_what_is_no_seal_is_refused(delivered: bytes) -> None:
    with pytest.raises(Malformed):
        opened(delivered)


# --- For whom, and from whom ----------------------------------------------------------------------


def test_a_message_for_another_authority_is_refused() -> None:
    """Birchwick opens what it was sent and seals it again, as if it had been meant for others."""
    forwarded = seal(SIGNED, key(ALDERTON, Purpose.SEALING).public)
    with pytest.raises(NotForUs):
        opened(forwarded, recipient=ALDERTON)


def test_a_message_sealed_to_a_key_that_nobody_here_holds_is_refused() -> None:
    with pytest.raises(UnknownKey):
        opened(seal(SIGNED, key("E99000003", Purpose.SEALING).public))


def test_a_seal_that_names_our_key_but_is_anothers_is_refused() -> None:
    theirs = key(ALDERTON, Purpose.SEALING).public
    with pytest.raises(Malformed, match="does not open"):
        opened(compact_jwe(SIGNED.encode(), theirs, {"kid": BIRCHWICKS.public.kid}))


def test_a_message_from_a_stranger_is_refused() -> None:
    stranger = key("E99000003", Purpose.SIGNING)
    with pytest.raises(UnknownKey):
        opened(to_birchwick(sign_message(message(), stranger)))
    with pytest.raises(UnknownKey):
        opened(to_birchwick(sign_message(message(sender="E99000003"), stranger)))


def test_a_message_signed_with_another_authoritys_key_is_refused() -> None:
    birchwicks = key(BIRCHWICK, Purpose.SIGNING)
    with pytest.raises(UnknownKey):
        opened(to_birchwick(sign_message(message(sender=ALDERTON), birchwicks)))


def test_a_stranger_who_names_the_senders_key_is_refused() -> None:
    forged = compact_jws(jws_header(), PAYLOAD, key("stranger", Purpose.SIGNING))
    with pytest.raises(BadSignature):
        opened(to_birchwick(forged))


@pytest.mark.parametrize("purpose", [Purpose.LOG, Purpose.ACCESS, Purpose.WITNESS])
def test_a_nodes_own_key_signs_no_message(purpose: Purpose) -> None:
    nodes = key("alder", purpose)
    forged = compact_jws(jws_header() | {"kid": nodes.public.kid}, PAYLOAD, nodes)
    with pytest.raises(UnknownKey):
        opened(to_birchwick(forged))
    with pytest.raises(TypeError):
        sign_message(message(), nodes)


def test_a_message_is_sealed_to_no_key_that_signs() -> None:
    with pytest.raises(TypeError):
        seal(SIGNED, key(BIRCHWICK, Purpose.SIGNING).public)


def test_a_message_delivered_by_a_node_that_does_not_serve_its_sender_is_refused() -> None:
    arrived = opened(SEALED).message
    for area in (frozenset({BIRCHWICK}), frozenset[str]()):
        with pytest.raises(WrongSender):
            check_sender(arrived, area)


# --- Other suites ---------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["none", "EdDSA", "HS256", "ed25519", "Ed448", "", None, 1])
def test_a_signature_header_with_another_algorithm_is_refused(alg: Any) -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(signed_payload(PAYLOAD, alg=alg)))


def test_an_unsigned_message_is_refused() -> None:
    header, payload, _ = SIGNED.split(".")
    none = b64url(json.dumps(jws_header() | {"alg": "none"}).encode())
    for text in (f"{header}.{payload}.", f"{none}.{payload}.", f"{header}.{payload}"):
        with pytest.raises((Malformed, BadSignature)):
            opened(to_birchwick(text))
    with pytest.raises(Malformed):
        opened(to_birchwick(PAYLOAD))


def test_a_mac_with_the_public_key_for_its_secret_is_refused() -> None:
    secret = OctKey.import_key(ALDERTONS.public.raw)
    header = jws_header() | {"alg": "HS256"}
    forged = jws.serialize_compact(header, PAYLOAD, secret, algorithms=["HS256"])
    with pytest.raises(Malformed):
        opened(to_birchwick(forged))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("alg", "dir"),
        ("alg", "ECDH-ES"),
        ("alg", "ECDH-ES+A128KW"),
        ("alg", "ECDH-1PU+A256KW"),
        ("alg", "RSA-OAEP"),
        ("alg", "A256KW"),
        ("alg", "PBES2-HS256+A128KW"),
        ("alg", "none"),
        ("enc", "A128GCM"),
        ("enc", "A256CBC-HS512"),
        ("enc", "none"),
        ("typ", "JWT"),
        ("typ", "commonhearth-message+jws"),
        ("typ", "COMMONHEARTH-SEALED+JWE"),
        ("kid", ""),
        ("kid", None),
        ("kid", ["x"]),
        ("epk", None),
        ("epk", {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}),
        ("epk", {"kty": "OKP", "crv": "X448", "x": "A" * 75}),
        ("epk", {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}),
        ("epk", {"kty": "OKP", "crv": "X25519", "x": "A" * 42}),
        ("epk", {"kty": "OKP", "crv": "X25519", "x": "A" * 43, "d": "A" * 43}),
    ],
)
def test_a_seal_of_another_suite_is_refused(member: str, value: Any) -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(SIGNED, {member: value}))


EXTRA = [
    {"zip": "DEF"},
    {"jku": "https://evil.example/keys"},
    {"x5u": "https://evil.example/cert"},
    {"x5c": ["AAAA"]},
    {"x5t": "AAAA"},
    {"jwk": ALDERTONS.public.jwk.as_dict()},
    {"p2c": 10_000_000},
    {"p2s": "AAAA"},
    {"apu": "AAAA"},
    {"apv": "AAAA"},
    {"crit": ["exp"], "exp": 1},
    {"crit": []},
    {"b64": False, "crit": ["b64"]},
    {"cty": "json"},
    {"iv": "AAAA", "tag": "AAAA"},
    {"ALG": "none"},
    {"": ""},
]


@pytest.mark.parametrize("extra", EXTRA, ids=lambda extra: ",".join(extra))
def test_a_header_with_another_member_is_refused(extra: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="seal's header"):
        opened(to_birchwick(SIGNED, extra))
    with pytest.raises(Malformed, match="signature's header"):
        opened(to_birchwick(signed_payload(PAYLOAD, **extra)))


def test_a_header_whose_members_stand_twice_is_refused() -> None:
    kid = BIRCHWICKS.public.kid.encode()
    usual = (
        b'"alg":"ECDH-ES+A256KW","enc":"A256GCM","typ":"commonhearth-sealed+jwe","kid":"%s"' % kid
    )
    assert opened(to_birchwick(SIGNED, b'{%s,"epk":EPK}' % usual))
    for header in (
        b'{"alg":"dir",%s,"epk":EPK}' % usual,
        b'{%s,"alg":"dir","epk":EPK}' % usual,
        b'{%s,"epk":EPK,"alg":"ECDH-ES+A256KW"}' % usual,
        b'{%s,"epk":EPK,"epk":EPK}' % usual,
        b'{%s, "epk":EPK}' % usual,
        b'{%s,"epk":EPK} ' % usual,
    ):
        with pytest.raises(Malformed):
            opened(to_birchwick(SIGNED, header))
    ours = json.dumps(jws_header(), separators=(",", ":")).encode()
    for header in (ours[:-1] + b',"alg":"Ed25519"}', b'{"alg":"none",' + ours[1:], ours + b" "):
        with pytest.raises(Malformed):
            opened(to_birchwick(compact_jws(header, PAYLOAD, ALDERTONS)))


def test_an_ephemeral_key_in_another_spelling_is_refused() -> None:
    header = json.loads(from_b64url(to_birchwick(SIGNED).decode().split(".")[0], "header"))
    x = header["epk"]["x"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = x[:-1] + letters[letters.index(x[-1]) | 1]
    assert twin != x
    with pytest.raises(Malformed):
        opened(to_birchwick(SIGNED, {"epk": header["epk"] | {"x": twin}}))


def test_a_seal_to_two_recipients_is_refused() -> None:
    general = jwe.GeneralJSONEncryption(
        {"enc": "A256GCM", "typ": "commonhearth-sealed+jwe"}, SIGNED.encode()
    )
    for holder in (ALDERTON, BIRCHWICK):
        public = key(holder, Purpose.SEALING).public
        general.add_recipient({"alg": "ECDH-ES+A256KW", "kid": public.kid}, public.jwk)
    algorithms = ["ECDH-ES+A256KW", "A256GCM"]
    both = jwe.encrypt_json(general, None, algorithms=algorithms)
    with pytest.raises(Malformed):
        opened(json.dumps(both).encode())
    one, other = SEALED.decode(), sealed(recipient=ALDERTON).decode()
    with pytest.raises(Malformed):
        opened(f"{one}.{other.split('.')[1]}".encode())


def test_a_seal_to_an_rsa_key_is_refused() -> None:
    rsa = RSAKey.generate_key(2048, auto_kid=False)
    header = {"alg": "RSA-OAEP", "enc": "A256GCM", "kid": BIRCHWICKS.public.kid}
    with pytest.raises(Malformed):
        opened(
            jwe.encrypt_compact(header, SIGNED, rsa, algorithms=["RSA-OAEP", "A256GCM"]).encode()
        )


def test_the_signature_of_rfc_8037_is_of_another_suite() -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(vectors("rfc8037")["ed25519"]["jws"]))


# --- One thing taken for another ------------------------------------------------------------------


def test_a_receipt_does_not_pass_for_a_message() -> None:
    text = signed_receipt(receipt(SIGNED, SEALED))
    with pytest.raises(Malformed):
        opened(to_birchwick(text))
    retyped = compact_jws(
        jws_header(BIRCHWICK, TYP),
        from_b64url(text.split(".")[1], "x"),
        key(BIRCHWICK, Purpose.SIGNING),
    )
    with pytest.raises(Malformed):
        opened(to_birchwick(retyped))


@pytest.mark.parametrize("typ", ["commonhearth-receipt+jws", "JWT", "", None, TYP.upper()])
def test_a_message_signed_under_another_type_is_refused(typ: Any) -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(signed_payload(PAYLOAD, typ=typ)))


def test_a_message_sealed_within_a_seal_is_refused() -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(SEALED))


def test_a_client_assertion_does_not_pass_for_a_message() -> None:
    access = key("alder", Purpose.ACCESS)
    claims = {"iss": "alder", "sub": "alder", "aud": "https://birch.example/token", "exp": 1}
    header = {"alg": "Ed25519", "typ": "JWT"}
    assertion = compact_jws(header, msgspec.json.encode(claims), access)
    with pytest.raises(Malformed):
        opened(to_birchwick(assertion))


def test_only_a_message_signing_key_signs() -> None:
    with pytest.raises(TypeError):
        sign_compact(TYP, PAYLOAD, key("alder", Purpose.ACCESS))


# --- What is signed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"v": 2},
        {"v": "1"},
        {"id": "0" * 31},
        {"id": "A" * 32},
        {"id": "0" * 32 + "\n"},
        {"id": 1},
        {"sender": "Alderton"},
        {"sender": ["E99000001", "E99000002"]},
        {"sender": ...},
        {"recipient": ...},
        {"recipient": [BIRCHWICK, ALDERTON]},
        {"sent": "2026-03-02T09:30:00"},
        {"sent": "2026-03-02T09:30:00+01:00"},
        {"sent": 1772443800},
        {"expires": None},
        {"expires": ...},
        {"expires": "never"},
        {"body": ...},
        {"cc": ALDERTON},
    ],
)
def test_a_message_with_a_member_of_another_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(signed_payload(with_member(PAYLOAD, **members))))


@pytest.mark.parametrize(
    "payload",
    [
        PAYLOAD + b"\n",
        PAYLOAD.replace(b":", b": ", 1),
        PAYLOAD.replace(b'"sender"', b'"sender":"E99000002","sender"'),
        PAYLOAD.replace(b'"recipient"', b'"recipient":"E99000001","recipient"'),
        PAYLOAD.replace(b'"v":1', b'"v":1.0'),
        PAYLOAD.replace(b"09:30:00Z", b"09:30:00+00:00"),
        PAYLOAD.replace(b"E99000001", b"\\u004599000001"),
        PAYLOAD.replace(b'"body":', b'"body": '),
        with_member(PAYLOAD, body="BODY").replace(b'"BODY"', b"[" * 5000 + b"]" * 5000),
        with_member(PAYLOAD, body="BODY").replace(b"BODY", b"\xff"),
        with_member(PAYLOAD, body="BODY").replace(b'"BODY"', b"{"),
        b"",
        b"null",
        b"[]",
    ],
)
def test_another_spelling_of_a_message_is_refused(payload: bytes) -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(signed_payload(payload)))


def test_a_message_that_no_reader_would_accept_is_not_signed() -> None:
    for made in (
        message(id="1"),
        message(recipient="Birchwick"),
        message(body=msgspec.Raw(b"\xff")),
    ):
        with pytest.raises(Malformed):
            signed(made)
    for time in (datetime(2026, 3, 2), NOW.astimezone(timezone(timedelta(hours=1)))):  # noqa: DTZ001
        with pytest.raises(ValueError, match="UTC"):
            message(sent=time)


def test_a_refusal_says_nothing_of_the_message() -> None:
    payload = with_member(PAYLOAD, **{"Robin Marsh": "Robin Marsh"})
    with pytest.raises(Malformed) as caught:
        opened(to_birchwick(signed_payload(payload)))
    assert "Robin" not in str(caught.value)


# --- When -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        (NOW - CLOCK_LEEWAY - timedelta(seconds=1), NotYet),
        (NOW - CLOCK_LEEWAY, None),
        (NOW, None),
        (message().expires, None),
        (message().expires + CLOCK_LEEWAY, None),
        (message().expires + CLOCK_LEEWAY + timedelta(seconds=1), Expired),
        (NOW - timedelta(days=3650), NotYet),
        (NOW + timedelta(days=3650), Expired),
    ],
)
def test_a_message_counts_from_its_sending_to_its_expiry(
    now: datetime, refusal: type[Exception] | None
) -> None:
    with pytest.raises(refusal) if refusal else nullcontext():
        check_time(message(), now)


@given(
    *2 * [st.datetimes(timezones=st.just(UTC)) | st.sampled_from(ENDS_OF_THE_CALENDAR)],
)
def test_times_at_the_ends_of_the_calendar_are_judged(sent: datetime, expires: datetime) -> None:
    made = message(sent=sent, expires=expires)
    valid = made.sent - NOW <= CLOCK_LEEWAY and NOW - made.expires <= CLOCK_LEEWAY
    try:
        check_time(made, NOW)
    except (Expired, NotYet):
        assert not valid
    else:
        assert valid


# --- Any message ----------------------------------------------------------------------------------


@given(
    number=st.integers(0, 2**128 - 1),
    sent=st.datetimes(timezones=st.just(UTC)),
    text=st.text(max_size=50),
)
def test_every_message_that_is_sealed_opens(number: int, sent: datetime, text: str) -> None:
    body = msgspec.Raw(json.dumps({"schema": "x/1", "text": text}).encode())
    made = message(id=f"{number:032x}", sent=sent, body=body)
    arrived = opened(sealed(made)).message
    assert msgspec.structs.replace(arrived, body=body) == made
    assert bytes(arrived.body) == bytes(body)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_within_a_seal_are_refused(plaintext: bytes) -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(plaintext))


@given(st.binary(max_size=300))
def test_any_bytes_within_a_signature_are_refused(payload: bytes) -> None:
    with pytest.raises(Malformed):
        opened(to_birchwick(signed_payload(payload)))


def test_keys_are_looked_up_by_what_the_message_claims() -> None:
    asked: list[tuple[str, str]] = []
    held: list[str] = []

    def sealing_key(kid: str) -> PrivateKey | None:
        held.append(kid)
        return BIRCHWICKS

    def find(gss: str, kid: str) -> None:
        asked.append((gss, kid))

    with pytest.raises(UnknownKey):
        open_message(SEALED, recipient=BIRCHWICK, sealing_key=sealing_key, signing_key=find)
    assert held == [BIRCHWICKS.public.kid]
    assert asked == [(ALDERTON, ALDERTONS.public.kid)]


def test_a_notice_is_a_message_like_any_other() -> None:
    assert isinstance(decode_body(bytes(opened(SEALED).message.body)), Notice)
    assert isinstance(opened(SEALED).message, Message)
