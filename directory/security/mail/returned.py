"""An email that a mail server sent back: a delivery status notification (RFC 3464), and of which.

Whoever knows a Message-ID could write one; only who was written to and the servers between know it.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from typing import Any

MOST_READ = 1024 * 1024
_RECEIPT = re.compile(r"<[0-9a-f]{32}@[^<>\s]{1,160}>")
_STATUS = re.compile(r"[45]\.\d{1,3}\.\d{1,3}")  # RFC 3463


@dataclass(frozen=True, slots=True)
class SentBack:
    """The Message-ID of an email that was not delivered, and why, in words."""

    receipt: str
    why: str


def read_sent_back(data: bytes) -> SentBack | None:
    """What a notification says; None where it is none, or says that an email was delivered or is
    late. Anybody can have written it.
    """
    if len(data) > MOST_READ:
        return None
    try:
        parts = _parts(message_from_bytes(data))
        status, receipt = _status(parts), _receipt(parts)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError):
        return None  # the standard library's reading of a hostile email
    if status is None or receipt is None:
        return None
    if status.startswith("5.1."):
        return SentBack(receipt, f"Their mail server knows no such address ({status})")
    return SentBack(receipt, f"Their mail server sent it back ({status})")


def _parts(message: Message) -> dict[str, Any]:
    """The parts of a report, by their kind (RFC 6522)."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return {}
    of: Any = message.get_payload()
    return {part.get_content_type(): part.get_payload() for part in of[:8]}


def _status(parts: dict[str, Any]) -> str | None:
    """Why the first recipient that failed did; a failure without a code is 5.0.0."""
    for block in parts.get("message/delivery-status") or ():
        if str(block.get("Action", "")).strip().lower() == "failed":
            found = _STATUS.search(str(block.get("Status", "")))
            return found[0] if found else "5.0.0"
    return None


def _receipt(parts: dict[str, Any]) -> str | None:
    """The Message-ID of what was sent back, whole or its headers alone."""
    if whole := parts.get("message/rfc822"):
        headers = whole[0]
    else:
        headers = message_from_string(str(parts.get("text/rfc822-headers", "")))
    found = _RECEIPT.fullmatch(str(headers.get("Message-ID", "")).strip())
    return found[0] if found else None
