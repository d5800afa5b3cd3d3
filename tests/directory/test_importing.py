"""Placements arrive from returns and spreadsheets; the same twice changes nothing."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace as struct_replaced
from openpyxl import Workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.placing.importing.models import import_draft, sheet_mapping
from directory.placing.importing.service import KEPT_FOR, end_drafts
from directory.placing.register.rows import kept_placements, open_children, open_placements
from directory.placing.register.service import change_child, change_placement
from directory.placing.register.values import ChildFacts, Kept, Recipient
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from directory.security.vault.models import data_key
from federation import Node, reading, writing
from tests.databases import Databases
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import row, words_of
from tests.directory.worlds import KENT, MEDWAY, NOW, two_served

IMPORT = f"/authorities/{KENT}/placements/import"
HEADING = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,HOME_POST,PL_POST,URN,PL_LA"
FIRST = (
    f"K-1,01/04/2026,S,C2,N1,K2,PR4,,,,ZZ9 9ZZ,SC100001,{MEDWAY}",
    f"K-1,01/02/2026,S,V2,N1,U4,PR1,01/04/2026,X1,,,,{KENT}",
    f"K-2,05/05/2026,S,C2,N1,K2,PR4,,,,,SC100001,{MEDWAY}",
    f"K-3,05/05/2026,S,C2,N1,T0,PR4,,,,,,{KENT}",
    f"K-4,31/02/2026,S,C2,N1,K2,PR4,,,,,,{KENT}",
)
HEADER = "CHILD,SEX,DOB\nK-1,F,01/05/2012\nK-2,M,02/06/2011\n"


@pytest.fixture
def node(tmp_path: Path, database: Databases) -> Iterator[Node]:
    with two_served(tmp_path, database=database) as node:
        yield node


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def cola(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER, KENT, name="Cola Commissioner")


def choose(client: FlaskClient, as_at: date = date(2026, 11, 20), **files: bytes) -> TestResponse:
    data: dict[str, object] = {"csrf_token": form_token(client, IMPORT)}
    data |= {f"as_at-{part}": str(getattr(as_at, part)) for part in ("day", "month", "year")}
    data |= {name: (io.BytesIO(content), "Xanthippe.csv") for name, content in files.items()}
    return client.post(IMPORT, data=data, follow_redirects=True)


def press(client: FlaskClient, there: str, **form: str) -> TestResponse:
    data = {"csrf_token": form_token(client, IMPORT), **form}
    return client.post(there, data=data, follow_redirects=True)


def a_return(*rows: str) -> bytes:
    return "\n".join((HEADING, *rows)).encode()


def register(node: Node) -> tuple[dict[str, ChildFacts], list[Kept]]:
    with reading(node.node_db) as connection:
        children = open_children(connection, node, KENT)
        return {one.identifier: one for one in children.values()}, kept_placements(connection)


@pytest.mark.both_databases
def test_a_return_is_shown_first_then_stored_and_twice_changes_nothing(
    cola: FlaskClient, node: Node
) -> None:
    shown = choose(cola, episodes=a_return(*FIRST), header=HEADER.encode())
    assert row(shown, "New placements") == "3"
    assert row(shown, "Rows left out: days away, and placed for adoption") == "1"
    assert "Row 6, Episodes, DECOM" in words_of(shown)
    assert register(node) == ({}, [])
    done = press(cola, shown.request.path)
    assert "It is imported" in words_of(done)
    children, placed = register(node)
    assert children["K-1"] == ChildFacts(
        "K-1", None, None, date(2012, 5, 1), "female", "section 31"
    )
    live = [one.course for one in placed if one.course.state == "live"]
    assert [(one.area, one.relation) for one in live] == [(MEDWAY, "out of area")] * 2
    (ended,) = (one.course for one in placed if one.course.state == "ended")
    assert (ended.ends_on, ended.relation) == (date(2026, 4, 1), "in area")
    again = choose(cola, episodes=a_return(*FIRST), header=HEADER.encode())
    assert "there is nothing to import" in words_of(again)
    assert row(again, "Placements that stay as they are") == "3"


def test_the_next_return_ends_and_changes_what_it_says(cola: FlaskClient, node: Node) -> None:
    press(cola, choose(cola, episodes=a_return(*FIRST)).request.path)
    later = a_return(
        f"K-1,01/04/2026,S,C2,N1,K2,PR4,01/10/2026,E8,,,SC100001,{MEDWAY}",
        f"K-2,01/09/2026,L,V2,N1,K2,PR4,,,,,SC100009,{MEDWAY}",  # the same placement goes on
    )
    shown = choose(cola, episodes=later)
    assert row(shown, "New placements") == "0"
    assert row(shown, "Placements that ended") == "1"
    assert "Changed URN" in words_of(shown)
    press(cola, shown.request.path)
    children, placed = register(node)
    assert children["K-2"].legal_status == "section 20"
    assert sorted(one.course.state for one in placed) == ["ended", "ended", "live"]
    old = choose(cola, episodes=a_return(FIRST[0]))
    assert row(old, "Placements that stay as they are") == "1"  # an end is not taken back


SPRING, AUTUMN = date(2026, 5, 31), date(2026, 9, 30)


def test_an_older_return_sets_nothing_back_and_what_it_left_is_listed(
    cola: FlaskClient, node: Node
) -> None:
    now = f"K-1,01/04/2026,S,C2,N1,K2,PR4,,,,,SC100001,{MEDWAY}"
    press(cola, choose(cola, AUTUMN, episodes=a_return(now)).request.path)
    before = register(node)
    old = (
        f"K-1,01/04/2026,S,V2,N1,U4,PR4,,,,,,{KENT}",
        f"K-1,01/02/2026,S,V2,N1,U4,PR4,,,,,,{KENT}",  # went on then, and is no more
        f"K-9,01/02/2026,S,V2,N1,U4,PR4,01/04/2026,E8,,,,{KENT}",  # ended: history is welcome
    )
    shown = choose(cola, SPRING, episodes=a_return(*old))
    words = words_of(shown)
    for thing in ("Area", "Setting", "Legal status"):
        assert f"{thing}: known as of 30 September 2026" in words
    assert "The placement: it went on then, and is not in what was said as of" in words
    assert row(shown, "Said otherwise here, and left as the register has it") == "4"
    press(cola, shown.request.path)
    children, placed = register(node)
    assert children["K-1"] == before[0]["K-1"]
    assert [one.course for one in placed if one.id == before[1][0].id] == [before[1][0].course]
    assert sorted(one.course.state for one in placed) == ["ended", "live"]
    newer = choose(cola, episodes=a_return(f"K-1,01/04/2026,S,C2,N1,U4,PR4,,,,,SC100001,{KENT}"))
    press(cola, newer.request.path)
    assert {one.course.area for one in register(node)[1]} == {KENT}


def test_what_was_corrected_by_hand_no_import_takes_back(cola: FlaskClient, node: Node) -> None:
    press(cola, choose(cola, AUTUMN, episodes=a_return(FIRST[0])).request.path)
    who = Principal("person:cola", "Cola", frozenset({Grant(Role.COMMISSIONER, KENT)}))
    with writing(node.node_db) as connection:
        (kept,) = kept_placements(connection)
        facts = open_placements(connection, node, [kept.id])[kept.id]
        right = struct_replaced(facts, setting="foster care")
        course = replace(kept.course, starts_on=date(2026, 4, 2))
        change_placement(connection, node, who, KENT, kept.id, course, right)
        child = open_children(connection, node, KENT)[kept.child]
        born = struct_replaced(child, legal_status="section 20")
        change_child(connection, node, who, KENT, kept.child, born)
    shown = choose(cola, episodes=a_return(FIRST[0]))
    assert "Setting: corrected by hand on 20 November 2026" in words_of(shown)
    assert "Legal status: corrected by hand" in words_of(shown)
    press(cola, choose(cola, episodes=a_return(FIRST[0].replace("SC100001", "SC1"))).request.path)
    children, (placed,) = register(node)
    assert children["K-1"].legal_status == "section 20"
    assert placed.course.starts_on == date(2026, 4, 2)
    with reading(node.node_db) as connection:
        facts = open_placements(connection, node, [placed.id])[placed.id]
    assert (facts.setting, facts.urn) == ("foster care", "SC1")


def test_a_return_is_of_no_day_before_one_that_it_tells_of(cola: FlaskClient) -> None:
    said = words_of(choose(cola, date(2026, 4, 30), episodes=a_return(*FIRST)))
    assert "The return tells of days after that" in said
    assert "must be today or in the past" in words_of(choose(cola, date(2027, 1, 1)))


def sheet(**columns: object) -> bytes:
    book = Workbook()
    assert book.active
    book.active.append(list(columns))
    book.active.append(list(columns.values()))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.both_databases
def test_a_sheet_is_imported_and_what_its_columns_mean_is_remembered(
    cola: FlaskClient, node: Node
) -> None:
    columns: dict[str, object] = {
        "LCS ID": "K-7",
        "Forename": "Xanthippe",
        "Born": date(2012, 5, 1),
        "Kind": "Children's home",
        "Host": "Medway",
        "Start": "01/11/2026",
        "Emergency": "Y",
        "Mother": "Moira Quill",
        "Her email": "moira@quill.example",
        "GP": "Dr Bones",
    }
    asked = choose(cola, sheet=sheet(**columns))
    assert "What the columns mean" in words_of(asked)
    fields = ["identifier", "given_name", "born_on", "setting", "area", "starts_on", "emergency"]
    fields += ["parent_1_name", "parent_1_email", "gp_name"]
    chosen = {field: str(at) for at, field in enumerate(fields)}
    wrong = press(cola, asked.request.path, **(chosen | {"identifier": ""}))
    assert "Choose the column that has: your identifier" in words_of(wrong)
    shown = press(cola, asked.request.path, **chosen)
    press(cola, shown.request.path)
    children, (placed,) = register(node)
    assert children["K-7"].given_name == "Xanthippe"
    assert children["K-7"].recipients == (
        Recipient("gp", "Dr Bones"),
        Recipient("parents", "Moira Quill", email="moira@quill.example"),
    )
    assert placed.course.emergency
    assert placed.course.area == MEDWAY
    with reading(node.node_db) as connection:
        facts = open_placements(connection, node, [placed.id])[placed.id]
        assert facts.setting == "children's home"
        assert len(connection.execute(select(sheet_mapping)).all()) == 1
    again = choose(cola, sheet=sheet(**columns))
    assert "there is nothing to import" in words_of(again)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("episodes", b"A,B\n1,2\n", "not the table Episodes"),
        ("episodes", b"\0\0", "not a CSV file"),
        ("sheet", b"PK\x03\x04 nonsense", "no workbook that can be read"),
        ("sheet", b"Only,headings\n", "no rows below its headings"),
    ],
)
def test_what_is_no_return_and_no_sheet_is_refused(
    cola: FlaskClient, name: str, content: bytes, said: str
) -> None:
    assert said in words_of(choose(cola, **{name: content}))


def test_what_was_read_is_its_readers_alone_and_thrown_away(
    app: Flask, cola: FlaskClient, node: Node
) -> None:
    there = choose(cola, episodes=a_return(*FIRST)).request.path
    other = signed_in(app, Role.COMMISSIONER, KENT, name="Other")
    assert "not here any more" in words_of(other.get(there))
    press(cola, f"{there}/throw-away")
    assert "not here any more" in words_of(cola.get(there))
    with reading(node.node_db) as connection:
        assert connection.execute(select(import_draft)).all() == []


def test_nothing_of_a_child_stands_in_an_address(cola: FlaskClient) -> None:
    shown = choose(cola, episodes=a_return(*FIRST))
    assert re.fullmatch(r"/authorities/\w+/placements/import/[0-9a-f]{32}", shown.request.path)


@pytest.mark.both_databases
def test_what_nobody_imports_is_destroyed_within_the_hour(cola: FlaskClient, node: Node) -> None:
    choose(cola, episodes=a_return(*FIRST))
    end_drafts(node)
    with reading(node.node_db) as connection:
        assert len(connection.execute(select(import_draft)).all()) == 1
    later = replace(node, now=lambda: NOW + KEPT_FOR)
    end_drafts(later)
    with reading(node.node_db) as connection:
        assert connection.execute(select(import_draft)).all() == []
        keys = select(data_key.c.record).where(data_key.c.record.like("import_draft/%"))
        assert connection.execute(keys).all() == []
