"""What a notice's attachments are, as both sides keep it: sealed, for their keys stand in it."""

import msgspec

from protocols.attachments import Attachment

_list = msgspec.json.Decoder(tuple[Attachment, ...])


def encode_attachments(attachments: tuple[Attachment, ...]) -> bytes:
    """The bytes to seal."""
    return msgspec.json.encode(attachments)


def decode_attachments(data: bytes) -> tuple[Attachment, ...]:
    """Inverse of `encode_attachments`."""
    return _list.decode(data)
