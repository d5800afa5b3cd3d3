"""Homes are weighed side by side, and the decision is kept with what was known at the time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.app import create_app
from directory.choosing.changes.noting import note_changes
from directory.choosing.shortlists.comparing import GONE
from directory.choosing.shortlists.errors import NoSuchShortlist, NotWeighed
from directory.choosing.shortlists.service import add_home, begin, decide, look, shortlists
from directory.choosing.shortlists.values import MOST_HOMES
from directory.choosing.shortlists.watching import WATCHED_AFTER, changes_on
from directory.records.ofsted.reading import Reading
from directory.records.ofsted.service import import_list
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import NOBODY, Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, reading, sequence, stage_retirement, writing
from tests.databases import Databases
from tests.directory.lists import home, write_list
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import HOMES, HOSTILE, title_of, words_of
from tests.directory.worlds import KENT, LEEDS, Consortium, a_home, consortium

COLA = Principal("person:cola", "Cola Commissioner", frozenset({Grant(Role.COMMISSIONER, KENT)}))
LENA = Principal("person:lena", "Lena Leeds", frozenset({Grant(Role.COMMISSIONER, LEEDS)}))
ALL = f"/authorities/{KENT}/shortlists"


@pytest.fixture
def world(tmp_path: Path, database: Databases) -> Iterator[Consortium]:
    with consortium(tmp_path, HOMES, database) as world:
        yield world


@pytest.fixture
def node(world: Consortium) -> Node:
    return world.reader


@pytest.fixture
def number(node: Node) -> str:
    """A shortlist with two homes."""
    with writing(node.node_db) as connection:
        made = begin(connection, node, COLA, KENT, "Search 14")
        add_home(connection, node, COLA, KENT, made, "SC100001", "Near school, quiet")
        add_home(connection, node, COLA, KENT, made, "2654321", "A place from Monday")
    return made


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def cola(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER, KENT, name="Cola Commissioner")


def post(client: FlaskClient, address: str, **form: object) -> str:
    token = form_token(client, ALL)
    return words_of(client.post(address, data={"csrf_token": token, **form}, follow_redirects=True))


@pytest.mark.both_databases
def test_what_is_known_stands_side_by_side_and_what_is_not_is_to_be_asked(
    node: Node, number: str
) -> None:
    with writing(node.node_db) as connection:
        kept, shown = look(connection, node, COLA, KENT, number)
    assert [one.urn for one in kept.weighed.options] == ["SC100001", "2654321"]
    assert shown.titles == ("Rowan House, URN SC100001", "Name not published, URN 2654321")
    told = {row.key: row.values for row in shown.rows}
    assert told["Provider"] == ("Acorn Care Ltd", "Not known")
    assert "Places" in shown.unknown[1]
    assert "Provider" in shown.unknown[1]
    assert "Provider" not in shown.unknown[0]


@pytest.mark.both_databases
def test_the_decision_is_kept_with_what_was_known_then(world: Consortium, number: str) -> None:
    node = world.reader
    with writing(node.node_db) as connection:
        why = "The only one with therapy"
        decide(connection, node, COLA, KENT, number, "SC100001", why, "I like dogs", ("SC100001",))
    world.publish("kent-node", [a_home("SC100001", name="Renamed House")])
    world.follow_all(node)
    with writing(node.node_db) as connection:
        kept, shown = look(connection, node, COLA, KENT, number)
    assert shown.titles[0] == "Rowan House, URN SC100001"
    decision = kept.weighed.decision
    assert decision
    assert (decision.chosen, decision.why, decision.offered) == ("SC100001", why, ("SC100001",))


def test_a_home_that_has_left_the_directory_is_shown_as_such(
    world: Consortium, number: str
) -> None:
    node = world.reader
    with writing(node.node_db) as connection:
        stage_retirement(connection, node, ["home/SC100001"])
    sequence(node)
    world.follow_all(node)
    with writing(node.node_db) as connection:
        _, shown = look(connection, node, COLA, KENT, number)
    assert shown.titles[0] == "URN SC100001"
    assert shown.unknown[0] == (GONE,)
    assert "Provider" in shown.unknown[1]


def test_nobody_else_sees_or_changes_a_shortlist(node: Node, number: str) -> None:
    for who, authority in ((NOBODY, KENT), (LENA, KENT)):
        with writing(node.node_db) as connection, pytest.raises(NotAllowed):
            look(connection, node, who, authority, number)
        with reading(node.node_db) as connection, pytest.raises(NotAllowed):
            shortlists(connection, node, who, authority)
    with writing(node.node_db) as connection, pytest.raises(NoSuchShortlist):
        look(connection, node, LENA, LEEDS, number)


def test_what_is_written_lies_sealed_and_every_look_is_in_the_audit(
    node: Node, number: str, cola: FlaskClient
) -> None:
    assert "Near school, quiet" in words_of(cola.get(f"{ALL}/{number}"))
    for file in node.folder.rglob("*"):
        assert not file.is_file() or b"Near school, quiet" not in file.read_bytes(), file
    governance = signed_in(cola.application, Role.GOVERNANCE_OFFICER, KENT)
    noted = words_of(governance.get(f"/authorities/{KENT}/audit"))
    assert f"shortlist/{number}" in noted
    assert "Weigh homes for a placement home/SC100001 added" in noted


@pytest.mark.parametrize("urn", ["SC999999", "nonsense!", "", "x" * 90, HOSTILE])
def test_a_home_that_is_not_there_is_not_added_and_what_was_typed_stays(
    cola: FlaskClient, number: str, urn: str
) -> None:
    said = post(cola, f"{ALL}/{number}/homes", urn=urn, why="A garden and a cat")
    assert "There is a problem" in said
    assert "A garden and a cat" in said


def test_a_reason_that_names_a_child_is_refused_with_the_place(
    cola: FlaskClient, number: str
) -> None:
    said = post(cola, f"{ALL}/{number}/homes", urn="SC100005", why="For him, born 17/05/2012")
    assert "date of birth" in said
    assert "A shortlist names no child" in said
    assert "NHS number" in post(cola, ALL, called="943 476 5919")


def test_no_more_homes_than_can_be_compared(node: Node, number: str) -> None:
    urns = [one.urn for one in HOMES["kent-node"] if one.urn.startswith("SC8")]
    with writing(node.node_db) as connection:
        for urn in urns[: MOST_HOMES - 2]:
            add_home(connection, node, COLA, KENT, number, urn, "Also")
        add_home(connection, node, COLA, KENT, number, urns[0], "Said anew")
        with pytest.raises(NotWeighed, match="12 homes are on this shortlist"):
            add_home(connection, node, COLA, KENT, number, "SC100005", "One more")


# --- What lists change about its homes ------------------------------------------------------------


def take(node: Node, folder: Path, day: str, *rows: list[str]) -> None:
    """Import Ofsted's list of a day."""
    listed = Reading(write_list(folder, *rows, banner=[f"Provider level as at {day}"]))
    with writing(node.node_db) as connection:
        result = import_list(
            connection,
            listed,
            file_name="list.csv",
            digest="0" * 64,
            now=node.now(),
            many_may_close=True,
        )
        note_changes(connection, result, listed.as_at, node.now())


@pytest.mark.both_databases
def test_what_a_list_changes_about_its_homes_is_told_until_somebody_has_seen_it(
    node: Node, number: str, cola: FlaskClient, tmp_path: Path
) -> None:
    take(node, tmp_path, "31 March 2025", home("SC100001"), home("2654321"), home("SC100005"))
    assert "Nothing waits for you." in words_of(cola.get("/"))
    worse = {"Overall_experiences_and_progress_of_children_and_young_people": "Inadequate"}
    take(node, tmp_path, "30 April 2025", home("SC100001", Places="9", **worse))

    assert "1 with homes that changed" in words_of(cola.get("/"))
    assert "2 homes changed" in words_of(cola.get(ALL))
    page = cola.get(f"{ALL}/{number}")
    said = words_of(page).partition("Mark as seen")[0]
    assert "now Inadequate" in said
    assert "Places: 3 before, now 9." in said
    assert "No longer on the list." in said
    assert "SC100005" not in said, "it is on no shortlist"

    newest = page.text.partition('name="newest"')[0].rpartition('value="')[2].partition('"')[0]
    assert "Marked as seen" in post(cola, f"{ALL}/{number}/changes-seen", newest=newest)
    assert "homes that changed" not in words_of(cola.get("/"))
    assert "Changed since" not in words_of(cola.get(f"{ALL}/{number}"))
    assert "3 not yet seen" in words_of(cola.get("/")), "the inbox of all homes is another's work"

    take(node, tmp_path, "31 May 2025", home("SC100001", Places="4", **worse))
    assert "1 home changed" in words_of(cola.get(ALL)), "what comes later is told again"


def test_of_a_decided_shortlist_the_chosen_home_is_watched_for_a_while(
    node: Node, number: str, tmp_path: Path
) -> None:
    take(node, tmp_path, "31 March 2025", home("SC100001"), home("2654321"))
    with writing(node.node_db) as connection:
        decide(connection, node, COLA, KENT, number, "SC100001", "It fits", "", ())
    take(node, tmp_path, "30 April 2025", home("SC100001", Places="9"))
    with reading(node.node_db) as connection:
        [kept] = shortlists(connection, node, COLA, KENT)
        [found] = changes_on(connection, node, [kept]).values()
        assert [one.urn for one in found] == ["SC100001"]
        assert kept.decided_at
        long_ago = replace(kept, decided_at=kept.decided_at - WATCHED_AFTER - timedelta(days=1))
        assert changes_on(connection, node, [long_ago]) == {}


# --- The pages ------------------------------------------------------------------------------------


def test_from_a_home_to_a_decision_and_back(cola: FlaskClient) -> None:
    assert "Kent has no shortlist yet." in words_of(cola.get(ALL))
    home = cola.get("/homes/SC100001").text
    assert f"{ALL}?home=SC100001" in home
    begun = cola.post(
        ALL,
        data={"csrf_token": form_token(cola, ALL), "called": "Search 15", "home": "SC100001"},
    )
    assert 'value="SC100001"' in cola.get(begun.location).text
    one = begun.location.partition("?")[0]
    assert "on the shortlist" in post(cola, f"{one}/homes", urn="sc100001", why="Kind and near")
    assert "Choose the home" in post(cola, f"{one}/decision", because="Why not")
    decided = post(
        cola,
        f"{one}/decision",
        chosen="SC100001",
        because="It has therapy",
        child_said="Likes the cat",
        offered="SC100001",
    )
    assert "Decided Rowan House, URN SC100001" in decided
    assert "Likes the cat" in decided
    assert "Add a home" not in decided
    assert "has taken the decision" in post(cola, f"{one}/homes", urn="SC100005", why="Too late")
    assert "say why" in post(cola, f"{one}/open-again", reason="no")
    assert "open again" in post(cola, f"{one}/open-again", reason="The home said no")
    assert "taken off" in post(cola, f"{one}/homes/SC100001/take-off")
    assert "Search 15" in words_of(cola.get(ALL))


def test_there_is_no_page_for_another_s_shortlist_or_none(cola: FlaskClient) -> None:
    answer = cola.get(f"{ALL}/{'0' * 32}")
    assert answer.status_code == 404
    assert title_of(answer).startswith("Page not found")
