"""Clauses of section 10.5: chunks that a member delivers, and the message that names them.

They store a notice about nobody with a file about nothing: ask only a node that is not in use.
"""

import secrets
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

from federation.conformance.clause import Broken, clause
from federation.conformance.forging import Draft
from federation.conformance.messages import answered, deliver_sound, is_refused, sound
from federation.conformance.tokens import token
from federation.conformance.visit import Visit
from federation.peers import MAX_ANSWER
from federation.serving import OCTETS
from protocols.attachments import (
    KEY_SIZE,
    Attachment,
    attachment_context,
    chunk_digest,
    seal_attachment,
)
from protocols.encoding import b64url, decode_json
from protocols.errors import Malformed

_FILE = b"%PDF-1.4\n% A trial of two nodes; it is about no child.\n%%EOF\n"


class _Missing(Struct):
    missing: Annotated[list[str], Meta(max_length=500)]


_missing = Decoder(_Missing)


@clause("10.5/chunk", for_members=True)
def chunk(visit: Visit) -> None:
    """A chunk is answered 200, also when it comes again, and 400 when its bytes have another
    digest than it is delivered under.
    """
    bytes_of_it = secrets.token_bytes(100)
    _takes(visit, bytes_of_it)
    _takes(visit, bytes_of_it)
    status = _put(visit, chunk_digest(b"other bytes"), bytes_of_it)
    if status != 400:
        raise Broken("10.5/chunk", f"other bytes are answered {status}")


@clause("10.5/missing", for_members=True)
def missing(visit: Visit) -> None:
    """A message of which a chunk has not come is answered 409, with the chunk's digest in
    `missing`, and gets its receipt when it comes again after the chunk.
    """
    one, (only,) = _with_file(sound(visit))
    signed = one.sign()
    sealed = one.seal(signed)
    status, text = answered(visit, sealed)
    if status != 409:
        raise Broken("10.5/missing", f"answered {status} before the chunk has come")
    try:
        said = decode_json(text.encode(), _missing, "answer").missing
    except Malformed as error:
        raise Broken("10.5/missing", str(error)) from error
    if said != [chunk_digest(only)]:
        raise Broken("10.5/missing", "names other chunks as missing than the one that is")
    _takes(visit, only)
    deliver_sound(visit, one, signed, sealed)


@clause("10.5/opens", for_members=True)
def opens(visit: Visit) -> None:
    """A message with a file that does not open in its place is refused, `malformed`."""
    one, (only,) = _with_file(sound(visit), place=1)
    _takes(visit, only)
    is_refused("10.5/opens", visit, one, "malformed")


def _with_file(one: Draft, place: int = 0) -> tuple[Draft, list[bytes]]:
    """A message with one file, which is sealed for a place in it, and the file's chunks."""
    key = secrets.token_bytes(KEY_SIZE)
    context = attachment_context(one.message.sender, one.message.id, place)
    chunks = list(seal_attachment(key, context, [_FILE]))
    digests = tuple(map(chunk_digest, chunks))
    file = Attachment("trial.pdf", "application/pdf", len(_FILE), b64url(key), digests)
    return one.but(attachments=(file,)), chunks


def _takes(visit: Visit, sealed: bytes) -> None:
    if (status := _put(visit, chunk_digest(sealed), sealed)) != 200:
        raise Broken("10.5/chunk", f"a chunk is answered {status}")


def _put(visit: Visit, digest: str, sealed: bytes) -> int:
    headers = {"Content-Type": OCTETS}
    return visit.ask("PUT", f"chunks/{digest}", sealed, headers, MAX_ANSWER, token(visit)).status


ATTACHMENTS = (chunk, missing, opens)
