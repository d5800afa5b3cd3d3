"""Pages answer only to a browser on the same machine, while they have no accounts.

Three things have to hold, and each stops something that the others let through:

- the connection comes from a loopback address: nobody else on the network;
- it was asked for under a loopback name: no website that points its own name at 127.0.0.1 (DNS
  rebinding) so that its scripts may read the answer;
- nothing says that it was forwarded: a proxy on the same machine connects from loopback too. One
  that says nothing of itself and asks under a loopback name, as nginx does unless told otherwise,
  gives itself away by HTTP/1.0, which no browser speaks.
"""

import re
from ipaddress import ip_address

from flask import render_template, request
from flask.typing import ResponseReturnValue

_LOOPBACK_NAME = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?\Z", re.IGNORECASE)
_PROXIES_ADD = ("forwarded", "via", "x-real-ip")
_NO_BROWSER_S = ("HTTP/1.0", "HTTP/1")  # the same, as one server or another writes it


def why_not_loopback() -> str | None:
    """What about the current request is not of this machine; None when all of it is."""
    if not _is_loopback(request.remote_addr):
        return "The connection came from another machine."
    if not _LOOPBACK_NAME.match(request.headers.get("Host", "")):
        return "The address in the browser names another machine than this one."
    for name in request.headers.keys():  # noqa: SIM118 - headers are a list of pairs
        if name.lower() in _PROXIES_ADD or name.lower().startswith("x-forwarded-"):
            return "The request was passed on by a proxy."
    if request.environ.get("SERVER_PROTOCOL") in _NO_BROWSER_S:
        return "The request was passed on by a proxy."
    return None


def only_loopback() -> ResponseReturnValue | None:
    """Refuse a request that is not of this machine, with a page that says why."""
    if reason := why_not_loopback():
        return render_template("refused.html", reason=reason), 403
    return None


def _is_loopback(address: str | None) -> bool:
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False
