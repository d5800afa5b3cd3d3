"""Acorn in tests: a provider with staff through Kent, and homes there and in Leeds."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.providers.vouching.models import home_claim, provider_home
from directory.security.rights.roles import Role
from federation import Node, OwnLog, deliver_due, follow, sequence, writing
from tests.databases import Databases
from tests.directory.people import form_token, signed_in
from tests.directory.post import Door
from tests.directory.providers import OURS, staff_of
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, NOW, Consortium, a_home, consortium

HERE, THERE = "SC100001", "SC200001"
CLAIMS = {HERE: "a" * 32, THERE: "b" * 32}
HOMES = {
    "kent-node": [a_home(HERE, name="Rowan House", provider="Acorn Care Ltd")],
    "leeds-node": [a_home(THERE, name="Ash House", authority=LEEDS, provider="Acorn Care Ltd")],
}
NEEDS = "Children who have moved too often, and lost people whom they trusted."


@dataclass(frozen=True)
class World:
    one: Consortium
    staff: FlaskClient

    @property
    def kent(self) -> Node:
        return self.one.nodes["kent-node"]

    @property
    def leeds(self) -> Node:
        return self.one.nodes["leeds-node"]

    def deliver(self) -> None:
        deliver_due(self.kent, Door(self.leeds, self.kent.member))
        deliver_due(self.leeds, Door(self.kent, self.leeds.member))

    def publish(self) -> None:
        """What is staged on both nodes comes into their logs, and Kent follows them."""
        for node in (self.kent, self.leeds):
            sequence(node)
            follow(self.kent, node.member, OwnLog(node.node_db))

    def officer(self, node: Node) -> FlaskClient:
        return signed_in(create_app(node), Role.COMMISSIONER, area_of(node), name="Cleo Reader")

    def post(self, urn: str, path: str, **fields: str) -> TestResponse:
        there = f"{OURS}/{CLAIMS[urn]}"
        fields["csrf_token"] = form_token(self.staff, f"{there}/statement/dates")
        if path == "profile" and "mark" not in fields:
            page = self.staff.get(f"{there}/profile").text
            (fields["mark"],) = re.findall('name="mark" value="(.*?)"', page)
        return self.staff.post(f"{there}/{path}", data=fields)

    def hand_in(self, urn: str, text: str = NEEDS) -> TestResponse:
        """Write a section and both days, and hand it in."""
        day = {"day": "20", "month": "11", "year": "2026"}
        days = {f"{of}_on-{part}": day[part] for of in ("revised", "reviewed") for part in day}
        assert self.post(urn, "statement/sections/needs", text=text).status_code == 303
        assert self.post(urn, "statement/dates", **days).status_code == 303
        return self.post(urn, "statement/hand-in")

    def shown(self, urn: str) -> str:
        return words_of(self.staff.get(f"{OURS}/{CLAIMS[urn]}"))

    def decide(self, node: Node, what: str, **fields: str) -> TestResponse:
        officer, page = self.officer(node), f"/authorities/{area_of(node)}/releases"
        (number,) = re.findall(rf"{page}/(\w+)/{what}", officer.get(page).text)
        fields["csrf_token"] = form_token(officer, page)
        return officer.post(f"{page}/{number}/{what}", data=fields)


def area_of(node: Node) -> str:
    (area,) = node.member.area
    return area


@contextmanager
def acorn(folder: Path, database: Databases) -> Iterator[World]:
    """Acorn, through Kent, runs a home there and one in Leeds, as both have confirmed."""
    with consortium(folder, HOMES, database) as one:
        one.follow_all(one.nodes["leeds-node"])
        for urn, authority in ((HERE, KENT), (THERE, LEEDS)):
            confirm(one, urn, authority)
        yield World(one, staff_of(create_app(one.reader), one.reader))


def confirm(one: Consortium, urn: str, authority: str) -> None:
    said = {
        "through": KENT,
        "provider": "Acorn Care Ltd",
        "urn": urn,
        "authority": authority,
        "state": "confirmed",
        "asked_by": "Kim",
        "asked_at": NOW,
        "id": CLAIMS[urn],
    }
    with writing(one.reader.node_db) as connection:
        connection.execute(insert(provider_home).values(said))
    there = next(node for node in one.nodes.values() if authority in node.member.area)
    with writing(there.node_db) as connection:
        connection.execute(insert(home_claim).values(**said, number=token_hex(16)))
