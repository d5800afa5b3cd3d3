"""What lists change about homes waits for each authority until somebody there has seen it."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.app import create_app
from directory.choosing.changes.noting import note_changes
from directory.choosing.changes.service import changes, count_changes, mark_seen, put_back
from directory.choosing.changes.values import Area, ChangeFilter, HomeChange
from directory.nodes import opened
from directory.records.ofsted.reading import Reading
from directory.records.ofsted.service import import_list
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import NOBODY, Grant, Principal, operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.databases import Databases
from tests.directory.command_line import at, make_consortium, succeed
from tests.directory.lists import home, write_list
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import HOSTILE, words_of
from tests.directory.worlds import KENT, LEEDS, MEDWAY, consortium, two_served

PAGE = f"/authorities/{KENT}/changes"
COLA = Principal("person:cola", "Cola Commissioner", frozenset({Grant(Role.COMMISSIONER, KENT)}))
MINA = Principal("person:mina", "Mina Medway", frozenset({Grant(Role.COMMISSIONER, MEDWAY)}))
FIRST = (
    home("9000001", Name="Wren House"),
    home("9000002", Local_authority="Leeds"),
    home("9000003", Local_authority="Medway"),
)


def take(node: Node, folder: Path, day: str, *rows: list[str]) -> int:
    """Import a list as `hearth import ofsted` does; gives how many homes it changed."""
    listed = Reading(write_list(folder, *rows, banner=[f"Provider level as at {day}"]))
    with writing(node.node_db) as connection:
        now = datetime.now(UTC)
        result = import_list(
            connection,
            listed,
            file_name="list.csv",
            digest="0" * 64,
            now=now,
            many_may_close=True,
        )
        return note_changes(connection, result, listed.as_at, now)


def waiting(
    node: Node,
    who: Principal = COLA,
    authority: str = KENT,
    *,
    seen: bool = False,
    area: Area = "everywhere",
) -> list[HomeChange]:
    wanted = ChangeFilter(seen=seen, area=area)
    with reading(node.node_db) as connection:
        found = changes(connection, node, who, authority, wanted)
        assert sum(count_changes(connection, node, who, authority, wanted).values()) == len(found)
    return found


@pytest.fixture
def node(tmp_path: Path, database: Databases) -> Iterator[Node]:
    with consortium(tmp_path / "nodes", {}, database) as world:
        yield world.reader


@pytest.fixture
def changed(node: Node, tmp_path: Path) -> Node:
    """A second list: one home closed, one changed, one new, and an agency that is no home."""
    take(node, tmp_path, "31 March 2024", *FIRST)
    later = (
        home("9000001", Name="Wren House", Places="5", **JUDGED),
        home("9000003", Local_authority="Medway"),
        home("9000004", Local_authority="Leeds", Name="Lark House"),
        home("9000005", Provision_type="Independent Fostering Agency"),
        home("9000006", Local_authority="Leeds"),
    )
    assert take(node, tmp_path, "31 March 2025", *later) == 4
    return node


JUDGED = {"Overall_experiences_and_progress_of_children_and_young_people": "Inadequate"}


@pytest.mark.both_databases
def test_a_list_s_changes_wait_in_the_order_stated(changed: Node) -> None:
    found = waiting(changed)
    assert [(one.urn, one.kind) for one in found] == [
        ("9000002", "closed"),
        ("9000001", "changed"),
        ("9000004", "new"),
        ("9000006", "new"),
    ]
    said = {(one.what, one.before, one.after) for one in found[1].differences}
    assert said == {("judgement", "Good", "Inadequate"), ("places", 3, 5)}


def test_the_first_list_changes_nothing_that_anybody_knew(node: Node, tmp_path: Path) -> None:
    assert take(node, tmp_path, "31 March 2024", *FIRST) == 0
    assert take(node, tmp_path, "31 March 2024", *FIRST) == 0
    assert waiting(node) == []


def test_a_home_that_is_listed_again_is_said_to_be_back(changed: Node, tmp_path: Path) -> None:
    take(changed, tmp_path, "31 March 2026", *FIRST)
    assert ("9000002", "back") in {(one.urn, one.kind) for one in waiting(changed)}


def test_a_provider_s_name_that_is_only_spelt_otherwise_is_no_change(
    node: Node, tmp_path: Path
) -> None:
    take(node, tmp_path, "31 March 2024", home())
    spelt = {"Organisation_which_owns_the_provider": "PAPER HERON CARE LTD."}
    assert take(node, tmp_path, "31 March 2025", home(**spelt)) == 0


def test_what_one_authority_has_seen_waits_for_another(tmp_path: Path) -> None:
    with two_served(tmp_path / "both") as node:
        take(node, tmp_path, "31 March 2024", *FIRST)
        take(node, tmp_path, "31 March 2025", *FIRST[1:], home("9000009"))
        closed, new = waiting(node)
        with writing(node.node_db) as connection:
            assert mark_seen(connection, node, COLA, KENT, [closed.id, closed.id, 77]) == 1
            assert mark_seen(connection, node, COLA, KENT, [closed.id]) == 0, "seen already"
        assert waiting(node) == [new]
        assert waiting(node, MINA, MEDWAY) == [closed, new]
        (seen,) = waiting(node, seen=True)
        assert (seen.id, seen.seen_by) == (closed.id, "Cola Commissioner")
        with writing(node.node_db) as connection:
            put_back(connection, COLA, KENT, closed.id)
        assert waiting(node) == [closed, new]


def test_changes_are_narrowed_to_our_area_and_those_that_adjoin_it(
    changed: Node, tmp_path: Path
) -> None:
    near = (*FIRST[:1], home("9000003", Local_authority="Medway", Places="9"))
    take(changed, tmp_path, "31 March 2026", *near)
    assert {one.urn for one in waiting(changed, area="here")} == {"9000001"}
    assert {one.urn for one in waiting(changed, area="near")} == {"9000001", "9000003"}
    assert "9000002" in {one.urn for one in waiting(changed)}


def test_nobody_sees_or_marks_what_their_role_does_not_open(changed: Node) -> None:
    for who in (NOBODY, MINA):
        with pytest.raises(NotAllowed):
            waiting(changed, who)
        with writing(changed.node_db) as connection, pytest.raises(NotAllowed):
            mark_seen(connection, changed, who, KENT, [1])
        with writing(changed.node_db) as connection, pytest.raises(NotAllowed):
            put_back(connection, who, KENT, 1)


def test_the_command_that_imports_a_list_notes_what_it_changed(tmp_path: Path) -> None:
    make_consortium(tmp_path)
    row = home("9000001", Local_authority="Leeds", Places="9")
    (tmp_path / "later").mkdir()
    listed = write_list(tmp_path / "later", row, banner=["Provider level as at 31 March 2026"])
    succeed("import", "ofsted", listed, "--yes", at(tmp_path, "leeds"))
    with opened(tmp_path / "leeds") as node:
        found = waiting(node, operator("ada"), LEEDS)
    assert ("9000001", "changed") in {(one.urn, one.kind) for one in found}


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture
def app(changed: Node) -> Flask:
    return create_app(changed)


@pytest.fixture
def cola(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER, KENT, name="Cola Commissioner")


def test_the_page_says_what_changed_and_since_which_list(cola: FlaskClient) -> None:
    said = words_of(cola.get(PAGE))
    assert "Wren House, URN 9000001" in said
    assert "Ofsted judgement: Good before, now Inadequate." in said
    assert "Leeds. List of 31 March 2025." in said
    assert "All kinds (4)" in said
    assert "4 not yet seen" in words_of(cola.get("/"))


def test_the_ticked_are_marked_and_put_back(cola: FlaskClient, changed: Node) -> None:
    first, second, *_ = waiting(changed)
    token = form_token(cola, PAGE)
    form = {"csrf_token": token, "change": [str(first.id), str(second.id), "x", "9" * 40]}
    answer = cola.post(PAGE, data=form, follow_redirects=True)
    assert "2 changes marked as seen" in words_of(answer)
    assert [one.id for one in waiting(changed, seen=True)] == [first.id, second.id]
    seen = words_of(cola.get(f"{PAGE}?show=seen"))
    assert "Seen by Cola Commissioner" in seen
    back = {"csrf_token": token, "change": str(first.id)}
    answer = cola.post(f"{PAGE}/put-back?show=seen", data=back, follow_redirects=True)
    assert "It waits to be seen again." in words_of(answer)
    assert first.id in {one.id for one in waiting(changed)}


def test_all_that_was_shown_is_marked_and_nothing_that_came_since(
    cola: FlaskClient, changed: Node, tmp_path: Path
) -> None:
    page = cola.get(f"{PAGE}?kind=new").text
    button = re.search(r'<button[^>]*value="(\d+)"[^>]*name="newest"', page)
    assert button
    take(changed, tmp_path, "31 March 2026", *FIRST, home("9000009"))
    form = {"csrf_token": form_token(cola, PAGE), "newest": button[1]}
    answer = cola.post(f"{PAGE}?kind=new", data=form, follow_redirects=True)
    assert "2 changes marked as seen" in words_of(answer)
    assert {one.urn for one in waiting(changed) if one.kind == "new"} == {"9000009"}


def test_the_table_has_a_row_for_each_difference_of_what_is_narrowed(cola: FlaskClient) -> None:
    answer = cola.get(f"{PAGE}.csv?kind=changed")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["URN"], row["What"], row["Before"], row["Now"]) for row in rows] == [
        ("9000001", "Ofsted judgement", "Good", "Inadequate"),
        ("9000001", "Places", "3", "5"),
    ]
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "asked",
    ["kind=none&area=moon&show=x", "page=-1", "page=99999", "marked=<b>", "kind=" + HOSTILE],
)
def test_nonsense_in_the_address_shows_the_page(cola: FlaskClient, asked: str) -> None:
    answer = cola.get(f"{PAGE}?{asked}")
    assert answer.status_code == 200
    assert "Wren House" in words_of(answer)


def test_when_everything_is_seen_the_page_says_so(cola: FlaskClient, changed: Node) -> None:
    with writing(changed.node_db) as connection:
        mark_seen(connection, changed, COLA, KENT, [one.id for one in waiting(changed)])
    assert "There is nothing that nobody has seen." in words_of(cola.get(PAGE))
    assert "Nothing waits for you." in words_of(cola.get("/"))
    assert "Nothing fits." in words_of(cola.get(f"{PAGE}?kind=back"))
