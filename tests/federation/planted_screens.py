"""Screens of who is no officer, with planted names typed into them: a partner's page, which a code
opens, and a provider's own, where a home tells who lives there and answers a census.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from secrets import token_hex
from typing import Any

import requests
from sqlalchemy import insert, select

from directory.country.reference.working_days import london_day
from directory.hosting.census.models import census_asked
from directory.hosting.homes.models import home_notice
from directory.hosting.partners.keeping import Particulars, add_partner, make_code
from directory.providers.vouching.models import home_claim, provider_home
from federation import Node, reading, writing
from tests.federation.forms import send_every_form
from tests.federation.processes import until
from tests.federation.worlds import KENT, LEEDS, WHO, World, home_record, publish, true_time

URN, CLAIM = "SC900007", "c" * 32
LIST = f"/our-homes/{CLAIM}/residents"
PATIENCE = 60.0
Post = Callable[..., requests.Response]


@dataclass(frozen=True)
class Planted:
    """What is typed: a child, everything that is planted, and how to find it in what is shown."""

    given: str
    family: str
    every: list[str]
    named_in: Callable[[bytes], set[str]]

    def shown(self, answer: requests.Response) -> set[str]:
        """Which planted names a page shows."""
        return self.named_in(html.unescape(answer.text).encode())


def keep_partner(node: Node) -> str:
    """Leeds has a school that may see the child's name; gives the code of its pages."""
    fields = ("given-name", "family-name")
    school = Particulars(
        *("virtual-school", "Virtual school", "0113 496 0001", "school@partner.example", None),
        *("To find a school place", "Children Act 2004 section 10", fields),
    )
    with writing(node.node_db) as connection:
        return make_code(
            connection, node, WHO, LEEDS, add_partner(connection, node, WHO, LEEDS, school)
        )


def open_as_partner(get: Post, post: Post, link: str, code: str, planted: Planted) -> None:
    """The school looks, guesses, forgets its name, and opens."""
    assert not planted.shown(get(link))
    wrong = post(link, {"name": "Tess Teacher", "code": planted.given})
    assert wrong.status_code == 400
    assert post(link, {"name": "", "code": planted.family}).status_code == 400
    opened = post(link, {"name": "Tess Teacher", "code": code})
    assert planted.shown(opened), "it can be read"


def run_home(world: World) -> None:
    """A home in Leeds that Acorn runs, through Kent."""
    publish(world["leeds"], home_record(URN, LEEDS, name="Ash House", provider="Acorn Care Ltd"))
    claim = {
        "through": KENT,
        "provider": "Acorn Care Ltd",
        "urn": URN,
        "authority": LEEDS,
        "state": "confirmed",
        "asked_by": "Kim",
        "asked_at": world["kent"].now(),
        "id": CLAIM,
    }
    with writing(world["kent"].node_db) as connection:
        connection.execute(insert(provider_home).values(claim))
    with writing(world["leeds"].node_db) as connection:
        connection.execute(insert(home_claim).values(**claim, number=token_hex(16)))


def tell_of_resident(world: World, get: Post, post: Post, planted: Planted) -> None:
    """A home tells who came to live there, and gets much wrong on the way."""
    until(lambda: get(LIST).status_code == 200, PATIENCE)
    came = london_day(true_time()) - timedelta(days=1)
    typed = {
        "given_name": planted.given,
        "family_name": planted.family,
        **_day("born_on", date(2012, 4, 9)),
        **_day("admitted_on", came),
        "placing_authority": KENT,
        "contact_name": "Wendy Worker",
        "contact_telephone": "01632 960101",
        "accommodated": "section 20",
        "order": "neither",
        "has_plan": "no",
        "officer_name": "Ivor Reviewer",
        "officer_telephone": "01632 960103",
    }
    there = f"{LIST}/new"
    for wrong in ({"placing_authority": planted.family}, {"born_on-year": planted.given}):
        assert post(there, {**typed, **wrong}, there).status_code == 400
    assert post(there, typed, there).status_code == 303
    until(lambda: _count(world["leeds"], home_notice), PATIENCE)
    assert planted.shown(get(LIST)), "its own list"
    walk(get, post, [LIST], planted)


def answer_census(
    world: World, duty: tuple[Post, Post], own: tuple[Post, Post], planted: Planted
) -> None:
    """Leeds asks how many live there; the home answers on its own page, and others by a link."""
    (ask, send), (get, post) = duty, own
    every, today = f"/authorities/{LEEDS}/census", london_day(true_time())
    begun = {**_day("as_at", today), **_day("answer_by", today + timedelta(days=7))}
    there = send(every, begun, every).headers["Location"].partition("?")[0]
    census = there.rpartition("/")[2]
    until(lambda: _count(world["kent"], census_asked), PATIENCE)
    page = f"/our-homes/{CLAIM}/census/{census}"
    wrong = post(page, {"authority-1": planted.family, "children-1": planted.given}, page)
    assert wrong.status_code == 400
    assert post(page, {"authority-1": "Kent", "children-1": "1"}, page).status_code == 303
    walk(get, post, [page], planted)
    for link in re.findall(r"/census/[\w-]{43}", send(f"{there}/links", {}, there).text):
        send(link, {"by": "Mo Manager", "authority-1": planted.given}, link)
    walk(ask, send, [there], planted)


def walk(get: Post, post: Post, start: list[str], planted: Planted) -> None:
    """Send every form below these pages, with what is planted in each field."""
    file = (f"{planted.given}.csv", f"CHILD,DECOM\r\n{planted.family}\r\n".encode())
    assert send_every_form(get, post, start, planted.every, file, most=30)


def _day(name: str, day: date) -> dict[str, str]:
    return {
        f"{name}-day": str(day.day),
        f"{name}-month": str(day.month),
        f"{name}-year": str(day.year),
    }


def _count(node: Node, table: Any) -> int:
    with reading(node.node_db) as connection:
        return len(connection.execute(select(table)).all())
