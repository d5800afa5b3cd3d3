"""Strict base64, and JSON into closed types. One value has one accepted spelling."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from msgspec.json import Decoder

from protocols.errors import Malformed

T = TypeVar("T")
# What msgspec quotes in its messages, of the input above all: a child's name, or a terminal escape.
_QUOTED = re.compile(
    r"(unknown field|[Ii]nvalid (?:enum )?value|matching regex) .*?"
    r"( - at `\$[A-Za-z0-9_.\[\]]*`)?\Z",
    re.DOTALL,
)


def b64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def from_b64(text: str, what: str) -> bytes:
    """Inverse of `b64`; raises Malformed for any other spelling of the same bytes."""
    return _strict(text, what, base64.b64decode, b64)


def b64url(data: bytes) -> str:
    """URL-safe base64 without padding (RFC 7515 appendix C)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64url(text: str, what: str) -> bytes:
    """Inverse of `b64url`; raises Malformed for padding, white space or stray trailing bits."""
    return _strict(
        text, what, lambda raw: base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4)), b64url
    )


def decode_json(data: bytes, kind: Decoder[T], what: str) -> T:
    """Decode JSON with the decoder of a closed type, made when its module is loaded: msgspec works
    a type out when it is first used, and a thread that comes meanwhile takes what is half done for
    the whole, and crashes the process.

    Raises Malformed naming `what` and the offending path, and repeating nothing of the input.
    """
    try:
        str(data, "utf-8")  # msgspec does not look into strings that it skips
        return kind.decode(data)
    except UnicodeDecodeError:
        raise Malformed(f"{what}: not UTF-8") from None
    except (msgspec.DecodeError, RecursionError) as error:
        reason = _QUOTED.sub(r"\1\2", str(error))
        raise Malformed(f"{what}: {reason}") from None


def decode_canonical(data: bytes, kind: Decoder[T], what: str) -> T:
    """Like `decode_json`, but only the one spelling that `msgspec.json.encode` gives is accepted.

    Members stand in the order of the specification, without white space, without duplicates and
    without members that carry their default.
    """
    value = decode_json(data, kind, what)
    if msgspec.json.encode(value) != data:
        raise Malformed(f"{what}: not in canonical form")
    return value


def encode_canonical(value: T, kind: Decoder[T], what: str) -> bytes:
    """Inverse of `decode_canonical`; raises Malformed for a value that nobody would accept."""
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        raise Malformed(f"{what}: holds half of a surrogate pair") from None
    decode_canonical(data, kind, what)
    return data


def require_utc(*times: datetime) -> None:
    """Raise ValueError, which a decoder turns into Malformed, for a time that is not in UTC."""
    if any(time.utcoffset() != timedelta(0) for time in times):
        raise ValueError("a time is not in UTC")


def _strict(
    text: str, what: str, decode: Callable[[bytes], bytes], encode: Callable[[bytes], str]
) -> bytes:
    try:
        data = decode(text.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise Malformed(f"{what}: not base64") from error
    if encode(data) != text:
        raise Malformed(f"{what}: not canonical base64")
    return data
