"""How answers go out: with a validator of their content, links to other pages, and no longer kept
than they may be.
"""

from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response, request

from federation import Refused
from protocols.problems import Problem

SHARED = "private, no-cache"
"""What members share may lie in a caller's own cache, and is asked about before it is used."""
PERSONAL = "no-store"
OPEN = "public, max-age=60"
"""What is public may lie in anybody's cache for a minute, and is then asked about."""


def answer(content: object, caching: str = SHARED, status: int = 200) -> Response:
    """An answer in JSON."""
    return respond(msgspec.json.encode(content), "application/json", caching, status)


def respond(body: bytes, media_type: str, caching: str, status: int = 200) -> Response:
    """An answer. What may be kept has a strong validator and answers 304 where it holds."""
    response = Response(body, status, content_type=media_type)
    response.headers["Cache-Control"] = caching
    if caching != PERSONAL:
        response.set_etag(sha256(body).hexdigest()[:32])
        response.make_conditional(request.environ)
    return response


def with_links(response: Response, page: int, pages: int) -> Response:
    """The answer with links to the first, last and neighbouring pages (RFC 8288)."""
    links = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
    response.headers["Link"] = ", ".join(
        f'<{_address(number)}>; rel="{rel}"'
        for rel, number in links.items()
        if 1 <= number <= pages
    )
    return response


def page_of(everything: list[Any], page: int, page_size: int) -> tuple[list[Any], dict[str, int]]:
    """One page of a list, and what stands around it. Refuses a page that there is not."""
    around = page_around(len(everything), page, page_size)
    start = (page - 1) * page_size
    return everything[start : start + page_size], around


def page_around(total: int, page: int, page_size: int) -> dict[str, int]:
    """What stands around a page of a list of so many. Refuses a page that there is not."""
    pages = max(1, -(-total // page_size))
    if page > pages:
        no_such_page(pages)
    return {"total": total, "page": page, "pages": pages}


def no_such_page(pages: int) -> None:
    """Refuse a page beyond the last."""
    raise Refused(Problem.NOT_FOUND, f"There is no such page; the last one is {pages}.")


def _address(page: int) -> str:
    return f"{request.path}?{urlencode({**request.args.to_dict(), 'page': page})}"
