"""The second factor: codes by time (TOTP, RFC 6238), and recovery codes for when they fail.

A code is taken once, within one step of 30 seconds of its time. A recovery code has 80 random bits,
so that a plain digest of it gives nothing away.
"""

import base64
import hashlib
import hmac
import io
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
import segno
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from directory.security.people.models import person, recovery_code

STEP_S = 30
RECOVERY_CODES = 10
_SECRET_SIZE = 20  # bytes, as RFC 4226 section 4 recommends
_RECOVERY_SIZE = 10
_ISSUER = "Commonhearth"
_CODE = re.compile("[0-9]{6}")


def new_secret() -> bytes:
    """A secret to share with a person's authenticator."""
    return secrets.token_bytes(_SECRET_SIZE)


def typed_secret(secret: bytes) -> str:
    """A secret in base32, in groups of four, for those who type it."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def code_at(secret: bytes, when: datetime) -> str:
    """The code of a moment."""
    return _totp(secret).at(when)


def qr_svg(secret: bytes, email: str, node: str) -> bytes:
    """The secret as a picture for an authenticator to read: an SVG document."""
    address = _totp(secret).provisioning_uri(name=f"{email} ({node})", issuer_name=_ISSUER)
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, border=4, light="white")
    return drawn.getvalue()


def step_of(secret: bytes, typed: str, now: datetime) -> int | None:
    """The time step whose code was typed, of those that may be now; None if it is no code."""
    typed = "".join(typed.split())
    if not _CODE.fullmatch(typed):
        return None
    here = int(now.timestamp()) // STEP_S
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(_totp(secret).generate_otp(step), typed):
            return step
    return None


def use_code(connection: Connection, who: str, secret: bytes, typed: str, now: datetime) -> bool:
    """Whether a person's code is right and was never used; it never will be again."""
    step = step_of(secret, typed, now)
    if step is None:
        return False
    used = connection.execute(
        update(person)
        .where(person.c.id == who, or_(person.c.totp_step.is_(None), person.c.totp_step < step))
        .values(totp_step=step)
    )
    return used.rowcount == 1


def replace_recovery_codes(connection: Connection, who: str) -> Sequence[str]:
    """Ten new codes of a person, to be shown once; older ones count no more."""
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    connection.execute(delete(recovery_code).where(recovery_code.c.person == who))
    connection.execute(
        insert(recovery_code), [{"person": who, "digest": digest_of(who, code)} for code in codes]
    )
    return codes


def use_recovery_code(connection: Connection, who: str, typed: str) -> bool:
    """Whether it is a code of the person's; it never will be again."""
    used = connection.execute(
        delete(recovery_code).where(
            recovery_code.c.person == who, recovery_code.c.digest == digest_of(who, typed)
        )
    )
    return used.rowcount == 1


def count_recovery_codes(connection: Connection, who: str) -> int:
    """How many of a person's codes are left."""
    left = select(func.count()).select_from(recovery_code).where(recovery_code.c.person == who)
    return connection.scalar(left) or 0


def _totp(secret: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(base64.b32encode(secret).decode(), interval=STEP_S)


def new_recovery_code() -> str:
    """A random code, in groups of four."""
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_SIZE)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def digest_of(who: str, code: str) -> bytes:
    """What is kept of a person's recovery code, however it is typed."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"recovery code\0{who}\0{plain}".encode()).digest()
