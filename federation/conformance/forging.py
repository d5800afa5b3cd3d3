"""Messages to try a node with: sound ones, and such as no honest member sends.

They say that they are a trial and name no child.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import msgspec
from joserfc import jwe
from msgspec.json import Decoder

from federation.conformance.membership import Membership
from protocols.encoding import b64url, encode_canonical
from protocols.keys import PrivateKey, PublicKey, Purpose
from protocols.messages import Message
from protocols.notices import Child, Contact, Notice, Placement, encode_body

_message = Decoder(Message)

LIFE = timedelta(days=1)
_NOBODY = Contact("Conformance suite", "A trial of two nodes", "00000")


class _AnySeal(jwe.JWERegistry):
    max_ciphertext_length = 2**24


_ANY_SEAL = _AnySeal(algorithms=["ECDH-ES+A256KW", "A256GCM", "DEF"], strict_check_header=False)


@dataclass(frozen=True)
class Draft:
    """A message to be, and what is wrong with it: members of its two headers that are other than
    they should be, another key, something after what is signed or sealed.
    """

    message: Message
    signer: PrivateKey
    recipient: PublicKey
    signed_header: tuple[tuple[str, str], ...] = ()
    sealed_header: tuple[tuple[str, str], ...] = ()
    closing: bytes = b""
    padding: bytes = b""

    def sign(self) -> str:
        """The JWS."""
        header = {
            "alg": "Ed25519",
            "typ": "commonhearth-message+jws",
            "kid": self.signer.public.kid,
            **dict(self.signed_header),
        }
        payload = encode_canonical(self.message, _message, "message") + self.closing
        start = f"{b64url(msgspec.json.encode(header))}.{b64url(payload)}"
        return f"{start}.{b64url(self.signer.sign(start.encode()))}"

    def seal(self, signed: str) -> bytes:
        """The JWE over it."""
        header = {
            "alg": "ECDH-ES+A256KW",
            "enc": "A256GCM",
            "typ": "commonhearth-sealed+jwe",
            "kid": self.recipient.kid,
            **dict(self.sealed_header),
        }
        sealed = jwe.encrypt_compact(header, signed, self.recipient.jwk, registry=_ANY_SEAL)
        return sealed.encode() + self.padding

    def but(self, **changes: object) -> "Draft":
        """The same but for members of the message."""
        return replace(self, message=msgspec.structs.replace(self.message, **changes))


def draft(ours: Membership, now: datetime) -> Draft:
    """A sound message from our authority to theirs, with an id of its own."""
    keys = ours.charter.authority_keys(ours.recipient, Purpose.SEALING)
    message = Message(
        v=1,
        id=secrets.token_hex(16),
        sender=ours.sender,
        recipient=ours.recipient,
        sent=now.replace(microsecond=0),
        expires=now.replace(microsecond=0) + LIFE,
        body=notice("A trial of two nodes; it is about no child."),
    )
    return Draft(
        message,
        ours.signing_key(),
        next(iter(keys.values())),
    )


def notice(said: str) -> msgspec.Raw:
    """The body of a notice about nobody."""
    return msgspec.Raw(
        encode_body(
            Notice(
                child=Child("CONFORMANCE", "Nobody", "Nobody", date(2000, 1, 1)),
                placement=Placement("other", "Nowhere", date(2000, 1, 1)),
                social_worker=_NOBODY,
                out_of_hours=_NOBODY,
                reviewing_officer=_NOBODY,
                legal_status="other",
                assessment_of_needs=said,
                why_most_suitable=said,
                care_plan=said,
            )
        )
    )
