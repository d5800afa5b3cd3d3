"""Clauses of sections 1, 10 and 11: what becomes of a message that a member delivers.

They store a notice about nobody at the node that is tried: ask only a node that is not in use.
"""

from dataclasses import replace
from datetime import timedelta

import msgspec

from federation.conformance.clause import Broken, clause
from federation.conformance.forging import Draft, draft, notice
from federation.conformance.tokens import member, token
from federation.conformance.visit import Visit
from federation.peers import JOSE, MAX_ANSWER
from protocols.errors import ProtocolError
from protocols.keys import Purpose
from protocols.messages import sealed_digest, signed_digest
from protocols.receipts import Receipt, open_receipt


@clause("10.3/stored", for_members=True)
def stored(visit: Visit) -> None:
    """A sound message of a known schema is answered with a receipt that says `stored`."""
    one = sound(visit)
    deliver_sound(visit, one, one.sign())


@clause("10.3/stored-first", for_members=True)
def stored_first(visit: Visit) -> None:
    """The receipt comes from what was stored: the same message again, sealed as before or anew,
    gets the same receipt, and another message with its id is refused, `id-reused`. Who has not
    stored it can tell neither.
    """
    one = sound(visit)
    signed = one.sign()
    sealed = one.seal(signed)
    first = deliver_sound(visit, one, signed, sealed)
    for again in (sealed, one.seal(signed)):
        if _deliver(visit, again) != first:
            raise Broken("10.3/stored-first", "the same message got another receipt")
    other = one.but(body=notice("The same id, and other content."))
    is_refused("10.3/stored-first", visit, other, "id-reused")


@clause("11/receipt", for_members=True)
def receipt(visit: Visit) -> None:
    """A receipt is signed by the authority that received, and names the digests of what came and,
    when the seal was opened, of what was signed within.
    """
    one = sound(visit)
    signed = one.sign()
    sealed = one.seal(signed)
    _open(visit, _deliver(visit, sealed), sealed, signed)
    garbage = b"not.a.message.at.all"
    _open(visit, _deliver(visit, garbage), garbage, "")


@clause("1.1/one-spelling", for_members=True)
def one_spelling(visit: Visit) -> None:
    """A message with padding in its base64url is refused, `malformed`."""
    one = replace(sound(visit), padding=b"=")
    is_refused("1.1/one-spelling", visit, one, "malformed")


@clause("1.2/canonical", for_members=True)
def canonical(visit: Visit) -> None:
    """A message that is not canonical JSON is refused, `malformed`."""
    one = replace(sound(visit), closing=b" ")
    is_refused("1.2/canonical", visit, one, "malformed")


@clause("10.1/header", for_members=True)
def signed_header(visit: Visit) -> None:
    """The signature's header has its three members and no other, and `alg` is `Ed25519`."""
    for wrong in (("jku", "https://other.example/keys"), ("alg", "EdDSA")):
        one = replace(sound(visit), signed_header=(wrong,))
        is_refused("10.1/header", visit, one, "malformed")


@clause("10.2/header", for_members=True)
def sealed_header(visit: Visit) -> None:
    """The seal's header has its five members and no other: `zip` and `jku` are refused."""
    for wrong in (("zip", "DEF"), ("jku", "https://other.example/keys")):
        one = replace(sound(visit), sealed_header=(wrong,))
        is_refused("10.2/header", visit, one, "malformed")


@clause("10.3/sealing-key", for_members=True)
def sealing_key(visit: Visit) -> None:
    """A message that is sealed to another authority's key is refused, `unknown-key`."""
    ours = member(visit)
    other = ours.keys.authority_key(ours.sender, Purpose.SEALING).public
    is_refused("10.3/sealing-key", visit, replace(sound(visit), recipient=other), "unknown-key")


@clause("10.3/signing-key", for_members=True)
def signing_key(visit: Visit) -> None:
    """A message that is signed with a key that the charter does not name for its sender is
    refused, `unknown-key`.
    """
    ours = member(visit)
    other = replace(ours.keys.node_key(Purpose.WITNESS), purpose=Purpose.SIGNING)
    is_refused("10.3/signing-key", visit, replace(sound(visit), signer=other), "unknown-key")


@clause("10.3/signature", for_members=True)
def signature(visit: Visit) -> None:
    """A message whose signature does not verify is refused, `bad-signature`."""
    one = sound(visit)
    start, _, _ = one.sign().rpartition(".")
    _, _, other = one.but(id="0" * 32).sign().rpartition(".")
    is_refused("10.3/signature", visit, one, "bad-signature", f"{start}.{other}")


@clause("10.3/recipient", for_members=True)
def recipient(visit: Visit) -> None:
    """A message that is signed for another authority, and sealed to this one, is refused,
    `not-for-us`.
    """
    one = sound(visit).but(recipient=member(visit).sender)
    is_refused("10.3/recipient", visit, one, "not-for-us")


@clause("10.3/expired", for_members=True)
def expired(visit: Visit) -> None:
    """A message that is more than five minutes past its time is refused, `expired`."""
    past = visit.now().replace(microsecond=0) - timedelta(minutes=6)
    one = sound(visit).but(sent=past - timedelta(days=1), expires=past)
    is_refused("10.3/expired", visit, one, "expired")


@clause("10.3/not-yet", for_members=True)
def not_yet(visit: Visit) -> None:
    """A message that was sent more than five minutes from now gets 503 and no receipt."""
    later = visit.now().replace(microsecond=0) + timedelta(minutes=30)
    one = sound(visit).but(sent=later, expires=later + timedelta(days=1))
    status, _ = answered(visit, one.seal(one.sign()))
    if status != 503:
        raise Broken("10.3/not-yet", f"answered {status}")


@clause("10.3/schema", for_members=True)
def schema(visit: Visit) -> None:
    """A message with a body of an unknown schema is refused, `unknown-schema`."""
    body = msgspec.Raw(b'{"schema":"nobody-knows-this/1"}')
    is_refused("10.3/schema", visit, sound(visit).but(body=body), "unknown-schema")


def sound(visit: Visit) -> Draft:
    """A message that is to be stored."""
    return draft(member(visit), visit.now())


def answered(visit: Visit, sealed: bytes) -> tuple[int, str]:
    """The status and text with which the inbox answers a message."""
    path = f"inbox/{member(visit).recipient}"
    answer = visit.ask("POST", path, sealed, {"Content-Type": JOSE}, MAX_ANSWER, token(visit))
    return answer.status, answer.body.decode("ascii", errors="replace")


def _deliver(visit: Visit, sealed: bytes) -> str:
    status, text = answered(visit, sealed)
    if status != 200:
        raise Broken("11/receipt", f"answered {status} instead of a receipt")
    return text


def deliver_sound(visit: Visit, one: Draft, signed: str, sealed: bytes | None = None) -> str:
    """The receipt for a message, which says that it is stored; Broken otherwise."""
    sealed = sealed or one.seal(signed)
    text = _deliver(visit, sealed)
    said = _open(visit, text, sealed, signed)
    if said.outcome != "stored":
        raise Broken("10.3/stored", f"refused: {said.reason}")
    return text


def is_refused(name: str, visit: Visit, one: Draft, reason: str, signed: str | None = None) -> None:
    """Raise Broken for the clause `name` unless a message is refused for this reason."""
    signed = signed or one.sign()
    sealed = one.seal(signed)
    said = _open(visit, _deliver(visit, sealed), sealed, signed)
    if said.reason != reason:
        raise Broken(name, f"answered {said.reason or said.outcome} instead of {reason}")


def _open(visit: Visit, text: str, sealed: bytes, signed: str) -> Receipt:
    ours = member(visit)
    try:
        return open_receipt(
            text,
            by=ours.recipient,
            keys=ours.charter.authority_keys(ours.recipient, Purpose.SIGNING),
            sealed=sealed_digest(sealed),
            signed=signed_digest(signed),
        )
    except ProtocolError as error:
        raise Broken("11/receipt", str(error)) from error


MESSAGES = (
    *(stored, stored_first, receipt, one_spelling, canonical, signed_header, sealed_header),
    *(sealing_key, signing_key, signature, recipient, expired, not_yet, schema),
)
