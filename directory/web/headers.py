"""Headers on every answer: what a browser may do with it.

Pages load style, script and image from here and nothing else, are never framed, and tell no other
site where a person came from: an address holds what was searched for.
"""

from flask import Flask, Response

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

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def send_security_headers(app: Flask) -> None:
    """Put the headers on every answer of an application, error pages and files included."""

    @app.after_request
    def _add(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response


def keep_out_of_caches(response: Response) -> Response:
    """For `after_request` of blueprints with pages: what members share is not left on disk."""
    response.headers["Cache-Control"] = "no-store"
    return response
