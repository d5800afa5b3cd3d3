"""Asking ClamAV's daemon about a file before anything reads it, over its socket.

The command is INSTREAM (clamd(8)): `zINSTREAM`, a NUL, and the file in chunks, each after its
length in four bytes, big-endian; a length of nothing ends it. What does not answer "OK" was not
found harmless.
"""

import socket
from pathlib import Path

from directory.providers.statements.importing.refusals import Refusal, Refused

_CHUNK = 64 * 1024
_PATIENCE_S = 30.0
_LONGEST_ANSWER = 1024
_HARMLESS = b"stream: OK"


def refuse_infected(data: bytes, where: Path) -> None:
    """Raise Refused where the scanner finds something, or does not say that it found nothing."""
    try:
        answer = _ask(data, where)
    except OSError:
        raise Refused(Refusal.NOT_SCANNED) from None
    if answer.endswith(b" FOUND"):
        raise Refused(Refusal.INFECTED)
    if answer != _HARMLESS:
        raise Refused(Refusal.NOT_SCANNED)


def _ask(data: bytes, where: Path) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as scanner:
        scanner.settimeout(_PATIENCE_S)
        scanner.connect(str(where))
        scanner.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            scanner.sendall(len(chunk).to_bytes(4) + chunk)
        scanner.sendall(bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
            part = scanner.recv(_LONGEST_ANSWER)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0").strip()
