"""What cannot be of a placement is told by row and field, in every way in, and the rest is kept."""

import csv
import io
import secrets
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from directory.app import create_app
from directory.placing.importing.models import sheet_mapping
from directory.placing.register.models import child, placement
from directory.placing.register.rows import kept_placements, open_children
from directory.records.publishing.withdrawing import retire_record
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role, Scope
from directory.security.systems.service import register
from federation import Node, reading, sequence, writing
from tests.api.systems import SystemClient
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, MEDWAY, a_home, consortium

ALL = f"/authorities/{KENT}/placements"
GONE = "SC200009"
GOOD: dict[str, Any] = {
    "identifier": "K-GOOD",
    "born_on": date(2012, 5, 1),
    "starts_on": date(2026, 11, 2),
    "area": LEEDS,
}
RULE = "Children Act 1989, section 105(1)"

# what is wrong, what is said of it, whether the row is kept, and the ways in which it can come
EVERY = ("form", "sheet", "return", "api")
CASES: dict[str, tuple[dict[str, Any], str, bool, tuple[str, ...]]] = {
    "starts before birth": (
        {"starts_on": date(2011, 1, 3)},
        "Start of it must be after the child was born",
        False,
        EVERY,
    ),
    "born tomorrow": (
        {"born_on": date(2027, 1, 1)},
        "Date of birth must be today or in the past",
        False,
        EVERY,
    ),
    "18 at the start": ({"born_on": date(2008, 11, 2)}, "18 or older at the start", False, EVERY),
    "18 by now": (
        {"born_on": date(2008, 11, 18)},
        "18 or older by now",
        True,
        ("sheet", "return", "api"),
    ),
    "ends before it starts": (
        {"ends_on": date(2026, 10, 1)},
        "The last day must not be before the first",
        False,
        ("sheet", "api"),
    ),
    "its episode ends before it starts": (
        {"ends_on": date(2026, 10, 1)},
        "The episode ends before it begins",
        False,
        ("return",),
    ),
    "expected to end before it starts": (
        {"expected_end": date(2026, 10, 1)},
        "Expected end must be on or after the day on which it starts",
        True,
        ("sheet", "api"),
    ),
    "a closed home": (
        {"urn": GONE},
        "taken out of the directory",
        True,
        ("sheet", "return", "api"),
    ),
    "a closed home, typed": ({"urn": GONE}, "taken out of the directory", False, ("form",)),
    "own area, but at a distance": (
        {"area": KENT, "relation": "at a distance", "correction": "It is far away"},
        "in the area of your own authority",
        False,
        ("form",),
    ),
    "an authority that there is not": (
        {"area": "E99999999"},
        "there is no authority of this code",
        True,
        ("api",),
    ),
    "an authority that there is not, in words": (
        {"area": "Nowhereshire"},
        "This is no authority of the area",
        True,
        ("sheet",),
    ),
    "an authority not in the consortium": (
        {"area": MEDWAY},
        "is not in the consortium",
        True,
        ("sheet", "return", "api"),
    ),
    "a recipient of no kind": (
        {"recipients": [{"kind": "neighbour", "name": "Nell"}]},
        "There is nobody of this kind",
        True,
        ("api",),
    ),
}
TABLE = [(way, name) for name, case in CASES.items() for way in case[3]]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    homes = {"leeds-node": [a_home(GONE, name="Gone House", authority=LEEDS)]}
    with consortium(tmp_path_factory.mktemp("consortium"), homes) as world:
        leeds = world.nodes["leeds-node"]
        with writing(leeds.node_db) as connection:
            retire_record(connection, leeds, operator("root"), f"home/{GONE}", "Closed")
        sequence(leeds)
        world.follow_all(world.reader, ["leeds-node"])
        yield world.reader


@pytest.fixture(scope="module")
def ways(node: Node) -> dict[str, Callable[..., str]]:
    app = create_app(node)
    return {
        "form": lambda *rows: _typed(app, *rows),
        "sheet": lambda *rows: _imported(app, "sheet", _sheet(*rows)),
        "return": lambda *rows: _imported(app, "episodes", *_return(*rows)),
        "api": lambda *rows: _given(app, node, *rows),
    }


@pytest.mark.parametrize(("way", "name"), TABLE, ids=[f"{way}: {name}" for way, name in TABLE])
def test_what_cannot_be_is_told_and_the_rest_is_kept(
    node: Node, ways: dict[str, Callable[..., str]], way: str, name: str
) -> None:
    with writing(node.node_db) as connection:
        for table in (placement, child, sheet_mapping):
            connection.execute(delete(table))
    wrong, said, kept, _ = CASES[name]
    bad = GOOD | {"identifier": "K-BAD"} | wrong
    told = ways[way](bad, GOOD)
    assert said in told
    if name == "18 at the start" and way != "form":
        assert RULE in told
    with reading(node.node_db) as connection:
        children = open_children(connection, node, KENT)
        there = {children[one.child].identifier: one for one in kept_placements(connection)}
    assert there.keys() == ({"K-BAD", "K-GOOD"} if kept else {"K-GOOD"})
    assert there["K-GOOD"].course.area == LEEDS


def _typed(app: Flask, *rows: dict[str, Any]) -> str:
    client = signed_in(app, Role.COMMISSIONER, KENT, name="Cola Commissioner")
    said = ""
    for one in rows:
        form = {"setting": "foster care", "emergency": "no", "short_breaks": "no"}
        for field, value in one.items():
            if isinstance(value, date):
                parts = ("day", "month", "year")
                form |= {f"{field}-{part}": str(getattr(value, part)) for part in parts}
            else:
                form[field] = value
        data = {"csrf_token": form_token(client, f"{ALL}/find"), **form}
        said += words_of(client.post(f"{ALL}/new", data=data, follow_redirects=True))
    return said


def _imported(app: Flask, kind: str, file: bytes, header: bytes = b"") -> str:
    client = signed_in(app, Role.COMMISSIONER, KENT, name="Cola Commissioner")
    there = f"{ALL}/import"
    files = {kind: (io.BytesIO(file), "file.csv")}
    if header:
        files["header"] = (io.BytesIO(header), "header.csv")
    as_at = {"as_at-day": "20", "as_at-month": "11", "as_at-year": "2026"}
    data = {"csrf_token": form_token(client, there), **as_at, **files}
    shown = client.post(there, data=data, follow_redirects=True)
    token = {"csrf_token": form_token(client, there)}
    if shown.request.path.endswith("/columns"):
        fields = file.decode().splitlines()[0].split(",")
        chosen = {field: str(at) for at, field in enumerate(fields)}
        shown = client.post(shown.request.path, data=token | chosen, follow_redirects=True)
    done = client.post(shown.request.path, data=token, follow_redirects=True)
    assert "It is imported" in words_of(done)
    return words_of(done)


def _sheet(*rows: dict[str, Any]) -> bytes:
    fields = list(dict.fromkeys(field for one in rows for field in one))
    text = io.StringIO()
    written = csv.DictWriter(text, fields)
    written.writeheader()
    written.writerows(rows)
    return text.getvalue().encode()


def _return(*rows: dict[str, Any]) -> tuple[bytes, bytes]:
    episodes = ["CHILD,DECOM,RNE,LS,CIN,PLACE,DEC,REC,URN,PL_LA"]
    header = ["CHILD,SEX,DOB"]
    for one in rows:
        ended = f"{one['ends_on']:%d/%m/%Y},E8" if "ends_on" in one else ","
        begins = f"{one['identifier']},{one['starts_on']:%d/%m/%Y},S,C2,N1,K2"
        episodes.append(f"{begins},{ended},{one.get('urn', '')},{one['area']}")
        header.append(f"{one['identifier']},F,{one['born_on']:%d/%m/%Y}")
    return "\n".join(episodes).encode(), "\n".join(header).encode()


def _given(app: Flask, node: Node, *rows: dict[str, Any]) -> str:
    with writing(node.node_db) as connection:
        who = operator("root")
        scopes = (Scope.PLACEMENTS_WRITE,)
        known = register(connection, node, who, authority=KENT, name="Cases", scopes=scopes)
    answer = SystemClient(app, *known).post(
        ALL,
        json={
            "placements": [
                {
                    field: value.isoformat() if isinstance(value, date) else value
                    for field, value in one.items()
                }
                for one in rows
            ]
        },
        headers={"Idempotency-Key": secrets.token_hex(16)},
    )
    assert answer.status_code == 201, answer.text
    troubles: list[dict[str, str]] = answer.get_json()["troubles"]
    assert {one["placement"] for one in troubles} == {1}
    return " ".join(f"{one['field']}: {one['reason']}" for one in troubles)
