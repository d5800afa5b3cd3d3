"""Every form of every page that can be reached, filled in with the same words and sent."""

import html
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import cycle
from typing import Any

import requests

Post = Callable[..., requests.Response]


@dataclass
class Form:
    """A form that is posted: where to, and what stands in it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The links of a page, and its forms that are posted, filled in with `words`."""

    def __init__(self, here: str, words: Iterator[str]) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._here, self._words = here, words
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        name = known.get("name", "")
        if tag == "a":
            self.links.append(known.get("href", ""))
        elif tag == "form":
            posted = known.get("method", "").lower() == "post"
            self._form = Form(html.unescape(known.get("action") or self._here)) if posted else None
            if self._form:
                self.forms.append(self._form)
        elif self._form and tag == "option" and self._select and known.get("value"):
            self._form.fields[self._select] = known["value"]
        elif self._form and name:
            self._select = name if tag == "select" else ""
            self._fill(tag, name, known)

    def _fill(self, tag: str, name: str, known: dict[str, str]) -> None:
        assert self._form
        kind = known.get("type", "text")
        if kind == "file":
            self._form.files.append(name)
        elif tag == "button" or kind in ("hidden", "radio", "checkbox", "submit"):
            self._form.fields[name] = known.get("value", "")
        elif part := re.search(r"-(day|month|year)$", name):
            self._form.fields[name] = {"day": "17", "month": "5", "year": "2012"}[part[1]]
        else:
            self._form.fields[name] = next(self._words)


def send_every_form(
    get: Callable[..., requests.Response],
    post: Post,
    start: list[str],
    words: list[str],
    file: tuple[str, bytes],
    most: int,
) -> int:
    """Walk from some pages along links below them, and send each form once; gives how many."""
    filling, seen, sent = cycle(words), set[str](), 0
    waiting = deque[Any](start)
    while waiting and len(seen) < most:
        one = waiting.popleft()
        path = one if isinstance(one, str) else one.action
        key = f"{isinstance(one, str)} {re.sub('[0-9a-f]{32}', '*', path.partition('?')[0])}"
        if key in seen or not path.startswith(tuple(start)):
            continue
        seen.add(key)
        if isinstance(one, str):
            answer = get(path)
        else:
            files = dict.fromkeys(one.files, file) or None
            answer = post(path, one.fields, None, files=files)
            sent += 1
        if "html" in answer.headers.get("Content-Type", ""):
            page = Page(path, filling)
            page.feed(answer.text)
            waiting.extend(page.forms)
            waiting.extend(page.links)
        if there := answer.headers.get("Location"):
            waiting.append(there)
    return sent
