"""Headers on every answer: what a browser may do with it.

Pages load style, script and image from here and nothing else, are never framed, and tell no other
site where a person came from: an address holds what was searched for.
"""

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SAVED = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy for files that others have made: they are saved, and should one be opened in the
browser after all, it does nothing.
"""
TWO_YEARS_S = 63_072_000

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


_OTHERS = {name: HEADERS[name] for name in HEADERS if name != "Content-Security-Policy"}


def send_security_headers(app: Flask) -> None:
    """Put the headers on every answer of an application, error pages and files included.

    What does not say how long it may be kept is not kept. Over TLS the browser is told never to
    come without it again (RFC 6797).
    """

    @app.after_request
    def _add(response: Response) -> Response:
        if response.headers.get("Content-Security-Policy") != SAVED:
            response.headers["Content-Security-Policy"] = POLICY
        response.headers.update(_OTHERS)
        response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS_S}"
        return response


def keep_out_of_caches(response: Response) -> Response:
    """For `after_request` of blueprints with pages: what members share is not left on disk."""
    response.headers["Cache-Control"] = "no-store"
    return response
