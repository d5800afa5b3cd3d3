"""How pages may be reached: at the node's public address, or else on its own machine alone.

HEARTH_PUBLIC_URL names the address under which a proxy on this machine passes pages on, over TLS.
Without it three things have to hold, and each stops something that the others let through:

- the connection comes from a loopback address: nobody else on the network;
- it was asked for under a loopback name: no website that points its own name at 127.0.0.1 (DNS
  rebinding) so that its scripts may read the answer;
- nothing says that it was forwarded: a proxy on the same machine connects from loopback too. One
  that says nothing of itself and asks under a loopback name, as nginx does unless told otherwise,
  gives itself away by HTTP/1.0, which no browser speaks.

Either way a session is wanted besides; see `directory.access`.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

PUBLIC_URL = "PUBLIC_URL"
"""Where the application keeps the address of its pages; None where it has none."""
_LOOPBACK_NAME = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?\Z", re.IGNORECASE)
_PROXIES_ADD = ("forwarded", "via", "x-real-ip")
_NO_BROWSER_S = ("HTTP/1.0", "HTTP/1")  # the same, as one server or another writes it


def behind_proxy(app: Flask, public_url: str | None) -> None:
    """Have an application believe the one proxy in front of it, if pages have a public address."""
    app.config[PUBLIC_URL] = public_url
    if public_url:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]


def why_not_reached() -> str | None:
    """Why a page does not answer the current request; None when it does."""
    public: str | None = current_app.config[PUBLIC_URL]
    if public is None:
        return why_not_this_machine()
    if request.scheme != "https" or _name(request.host) != urlsplit(public).hostname:
        return f"This node’s pages are at {public}."
    return None


def page_address(path: str) -> str:
    """The whole address of a page, for a link that is sent to somebody."""
    public: str | None = current_app.config[PUBLIC_URL]
    return (public or request.host_url.rstrip("/")) + path


def why_not_this_machine() -> str | None:
    """Why the current request is not taken for one of this machine's own; None when it is."""
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


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_loopback(address: str | None) -> bool:
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False
