"""What visitors of the pages find in the tests, and how the tests read a page as people do."""

import html
import re

from werkzeug.test import TestResponse

from directory.homes.query import PAGE_SIZE
from tests.directory.worlds import LEEDS, a_home, described, judged

HOSTILE = """<script>alert("1")</script>' onmouseover="x" {{ 7*7 }} \\"""
HOMES = {
    "kent-node": [
        a_home(
            "SC100001",
            name="Rowan House",
            provider="Acorn Care Ltd",
            places=4,
            judgement=judged("Good", protection="Outstanding"),
            description=described("Calm and kind.", "mental-health", "autism", sex="girls"),
        ),
        a_home("2654321", status="Suspended"),
        a_home("SC100005", places=3),
        a_home("SAMPLE-E10000016-001", short_breaks_only=True),
        a_home(
            "SC100006",
            name=HOSTILE,
            provider=HOSTILE,
            description=described(HOSTILE, "autism"),
        ),
        a_home("SC100007", provision="Secure children's home"),
        a_home("SC100008", name="=HYPERLINK(1)"),
        *(a_home(f"SC8{number:05}") for number in range(PAGE_SIZE)),
    ],
    "leeds-node": [a_home("SC100005", authority=LEEDS, places=6, name="Ash House")],
}


def words_of(answer: TestResponse) -> str:
    """What stands on a page, without its mark-up."""
    shown = re.sub(r"<(script|style|title)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", shown)).split())


def title_of(answer: TestResponse) -> str:
    found = re.search(r"<title>(.*?)</title>", answer.text, flags=re.DOTALL)
    assert found
    return html.unescape(found[1])


def row(answer: TestResponse, key: str) -> str:
    """The value beside a key of a summary list."""
    found = re.search(
        rf"<dt[^>]*>{re.escape(key)}</dt>\s*<dd[^>]*>(.*?)</dd>", answer.text, flags=re.DOTALL
    )
    assert found, f"{key} is not on the page"
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found[1])).split())
