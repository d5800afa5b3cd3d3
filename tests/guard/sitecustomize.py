"""No test, and no process that a test starts, may reach past this machine.

Python imports a module of this name at start when it finds one on its path. `tests/conftest.py`
imports it, and puts its folder on PYTHONPATH for the processes that tests start. Chromium is not
Python: `tests/browser/conftest.py` holds it to the same rule.
"""

import ipaddress
import sys

LEFT_THE_MACHINE: list[str] = []
"""Every attempt, in words, so that a test fails even if the code under test caught the error."""


class LeftTheMachineError(RuntimeError):
    """A socket was asked for an address that is not this machine's own."""


def is_here(host: object) -> bool:
    """Whether `host`, a name or an address in text or bytes, is this machine by loopback."""
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in ("", "localhost") or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if not isinstance(address, tuple):  # a Unix socket's path, or none
            return
        host = address[0]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if not is_here(host):
        attempt = f"{event} to {host!r}"
        LEFT_THE_MACHINE.append(attempt)
        raise LeftTheMachineError(f"{attempt}: tests talk to this machine only")


sys.addaudithook(_watch)
