"""A statement of purpose is written, checked, released by a second person, and read by members."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.homes.history import home_history
from directory.intake.screening.service import screen
from directory.providers.statements.desks import Desk
from directory.providers.statements.drafts import Draft, keep_draft, read_draft, save_section
from directory.providers.statements.errors import ChangedMeanwhile, NotReady
from directory.providers.statements.handing_in import checked, hand_in_statement
from directory.providers.statements.published import all_versions, current_statements
from directory.providers.statements.schedule import PARAGRAPHS
from directory.providers.statements.taking_out import without
from directory.records.publishing.withdrawing import erase_record, retire_record
from directory.records.release.difference import Kind, difference
from directory.records.release.held import held_records
from directory.records.release.service import release
from directory.security.rights.principal import Principal, operator
from directory.security.rights.roles import Role
from federation import Node, OwnLog, finish_erasure, follow, reading, sequence, writing
from protocols.errors import Malformed
from protocols.records import decode_record, encode_record
from tests.databases import Databases
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, NOW, Consortium, a_home, a_statement, consortium

URN = "SC100001"
DESK = Desk(KENT, URN)
ADA, BEA = operator("ada"), operator("bea")
TODAY = NOW.date()
PAGE = f"/authorities/{KENT}/statements"
NEEDS = "Children who have moved too often, and lost people whom they trusted. They need time."
HOMES = {
    "kent-node": [a_home(URN, name="Rowan House", places=4)],
    "leeds-node": [a_home("SC100005", authority=LEEDS)],
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Consortium]:
    with consortium(tmp_path, HOMES) as one:
        yield one


@pytest.fixture
def node(world: Consortium) -> Node:
    return world.reader


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER, KENT, name="Cleo Writer")


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    fields["csrf_token"] = form_token(client, f"{PAGE}/{URN}/dates")
    return client.post(f"{PAGE}/{URN}/{path}", data=fields)


def drafted(node: Node, texts: dict[str, str], who: Principal = ADA, **known: object) -> None:
    days: dict[str, object] = {"revised_on": TODAY, "reviewed_on": TODAY}
    draft = Draft(sections=texts, **{**days, **known})  # type: ignore[arg-type]
    with writing(node.node_db) as connection:
        keep_draft(connection, node, who, DESK, draft)


def handed_in(node: Node) -> bool:
    """Whether it is published at once."""
    with writing(node.node_db) as connection:
        return hand_in_statement(connection, node, ADA, DESK)


def released(node: Node) -> None:
    with writing(node.node_db) as connection:
        for held in held_records(connection, node, BEA, KENT):
            release(connection, node, BEA, KENT, held.id)
    sequence(node)
    follow(node, node.member, OwnLog(node.node_db))


def published(node: Node, texts: dict[str, str], **known: object) -> None:
    drafted(node, texts, **known)
    handed_in(node)
    released(node)


def raw(node: Node) -> bytes:
    return b"".join(one.read_bytes() for one in node.folder.glob("*.db*"))


# --- Writing --------------------------------------------------------------------------------------


def test_a_section_is_saved_as_it_is_written_and_sealed(officer: FlaskClient, node: Node) -> None:
    shown = words_of(officer.get(f"{PAGE}/{URN}"))
    assert "Rowan House, URN SC100001 Statement of purpose" in shown
    assert shown.count("Not written") == len(PARAGRAPHS)
    answer = post(officer, "sections/needs", text=f"  {NEEDS}\r\nXylophones. ", then="next")
    assert answer.location == f"{PAGE}/{URN}/sections/ethos?saved=before"
    with reading(node.node_db) as connection:
        draft = read_draft(connection, node, ADA, DESK)
    assert draft.sections == {"needs": f"{NEEDS}\nXylophones."}
    assert b"ylophone" not in raw(node)
    assert "Needs of the children Written" in words_of(officer.get(f"{PAGE}/{URN}"))
    assert f"URN {URN} , draft , last saved by Cleo Writer" in words_of(officer.get(PAGE))


def test_what_does_not_apply_is_said_so_where_the_schedule_has_a_case(officer: FlaskClient) -> None:
    post(officer, "sections/role-models", text="x", absent="yes", then="back")
    post(officer, "sections/needs", text=NEEDS, absent="yes", then="back")
    post(officer, "sections/schooling", text="They go to local schools.", then="back")
    shown = words_of(officer.get(f"{PAGE}/{URN}"))
    assert "Staff of one sex Does not apply" in shown
    assert "Needs of the children Written" in shown
    assert "Curriculum, where the home is a school Not needed" in shown


def test_two_who_write_at_once_keep_what_both_wrote(node: Node) -> None:
    def save(who: Principal, matter: str, text: str, mark: str | None = None) -> None:
        with writing(node.node_db) as connection:
            save_section(
                connection,
                node,
                who,
                DESK,
                matter,
                text,
                instead_of=mark,  # type: ignore[arg-type]
            )

    before = "e3b0c44298fc1c14"  # the mark of nothing
    save(ADA, "needs", NEEDS, before)
    save(BEA, "ethos", "Patience.", before)
    with pytest.raises(ChangedMeanwhile):
        save(BEA, "needs", "Others.", before)
    with reading(node.node_db) as connection:
        sections = read_draft(connection, node, ADA, DESK).sections
    assert sections == {"needs": NEEDS, "ethos": "Patience."}


def test_what_somebody_else_saved_meanwhile_stands_beside_what_was_typed(
    officer: FlaskClient, node: Node
) -> None:
    mark = re.search(r'name="mark" value="(\w+)"', officer.get(f"{PAGE}/{URN}/sections/needs").text)
    assert mark
    drafted(node, {"needs": "Theirs."})
    answer = post(officer, "sections/needs", text="Mine.", mark=mark[1], then="next")
    assert answer.status_code == 409
    assert "What somebody else has saved Theirs." in words_of(answer)
    assert ">Mine.</textarea>" in answer.text


def test_too_long_a_text_is_refused_beside_its_field_and_kept(officer: FlaskClient) -> None:
    answer = post(officer, "sections/needs", text="x" * 20_001, then="next")
    assert answer.status_code == 400
    assert 'href="#text"' in answer.text
    assert "x" * 20_001 in answer.text
    assert post(officer, "sections/needs", text="x" * 500_000).status_code == 413


def test_mark_up_in_a_text_is_text(officer: FlaskClient, node: Node) -> None:
    hostile = "<script>alert(1)</script><b>We</b> care. {{ 7*7 }}"
    published(node, {"needs": hostile})
    drafted(node, {"needs": hostile + " At LS1 4AP."})
    for path in (f"{PAGE}/{URN}/sections/needs", f"/homes/{URN}/statement"):
        page = officer.get(path).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page


def test_a_home_elsewhere_or_nowhere_has_no_statement_here(officer: FlaskClient) -> None:
    for urn in ("SC100005", "SC999999", "x", "A" * 21):
        assert officer.get(f"{PAGE}/{urn}").status_code == 404
    answer = officer.get(f"{PAGE}?urn=SC100005")
    assert answer.status_code == 404
    assert "There is no home with the URN SC100005 in this area" in words_of(answer)
    assert officer.get(f"{PAGE}?urn=sc100001").location == f"{PAGE}/{URN}"
    assert officer.get(f"{PAGE}/{URN}/sections/weather").status_code == 404
    assert officer.get("/homes/SC100001/statement").status_code == 404


# --- Checking -------------------------------------------------------------------------------------


def test_what_leads_to_the_door_is_named_with_its_place_and_taken_out(
    officer: FlaskClient, node: Node
) -> None:
    text = "A calm house opposite the park, at LS1 4AP. Buses run to town."
    answer = post(officer, "sections/location", text=text, then="next")
    assert answer.location.endswith("/sections/location?saved=found")
    shown = words_of(officer.get(answer.location))
    assert "“opposite the park”, characters 14 to 30: an address or a place on the map" in shown
    assert "“LS1 4AP”, characters 36 to 42: an address" in shown
    assert "Location Take something out" in words_of(officer.get(f"{PAGE}/{URN}"))
    with writing(node.node_db) as connection, pytest.raises(NotReady):
        hand_in_statement(connection, node, ADA, DESK)
    post(officer, "sections/location/out")
    with reading(node.node_db) as connection:
        left = read_draft(connection, node, ADA, DESK).sections["location"]
    assert left == "A calm house, at. Buses run to town."


@given(st.text("LS1 4AP opposite the park,.", max_size=80))
def test_nothing_is_found_where_it_was_taken_out_again_and_again(text: str) -> None:
    for _ in range(20):
        if not (found := screen(text)):
            return
        text = without(text, found)
    pytest.fail(text)


def test_what_the_schedule_asks_for_and_is_missing_stale_or_changed_is_named(node: Node) -> None:
    published(node, {"needs": NEEDS, "ethos": "Our aims are kept."}, revised_on=TODAY)
    said = {
        "needs": NEEDS + " And care.",
        "accommodation": "Four rooms for boys aged 8.",
        "schooling": "Local schools.",
    }
    old = TODAY - timedelta(days=366)
    drafted(node, said, revised_on=old, reviewed_on=old, not_applicable=["role-models"])
    with reading(node.node_db) as connection:
        draft, found = checked(connection, node, ADA, DESK)
    absent = {one.matter for one in PARAGRAPHS} - {*said, "curriculum", "role-models"}
    assert {one.matter for one in found.missing} == absent
    assert found.doubtful == {
        "accommodation": ["how it has been adapted to children’s needs", "sleeping accommodation"]
    }
    assert ["more than a year ago" in one for one in found.stale] == [True]
    assert [one.partition(" since")[0] for one in found.changed] == [
        "“Needs of the children” was changed",
        "“Ethos and outcomes” was taken out",
        "“Accommodation” was added",
        "“Going to school” was added",
    ]
    assert draft.revised_on == old


def test_what_changed_about_the_home_since_the_revision_is_named(
    world: Consortium, node: Node
) -> None:
    drafted(node, {"needs": NEEDS})
    object.__setattr__(node, "now", lambda: NOW + timedelta(days=3))
    world.publish("kent-node", [a_home(URN, name="Rowan House", places=6)])
    world.follow_all(node, ["kent-node"])
    with reading(node.replica) as connection:
        history = home_history(connection, URN)
    with reading(node.node_db) as connection:
        _, found = checked(connection, node, ADA, DESK, history)
    (said,) = found.changed
    assert "registered places of the home was 4 when this was revised, and is 6 now" in said


def test_days_that_cannot_be_are_refused_beside_their_field(officer: FlaskClient) -> None:
    def days(revised: date, reviewed: date) -> TestResponse:
        parts = {
            f"{name}-{part}": str(getattr(value, part))
            for name, value in (("revised_on", revised), ("reviewed_on", reviewed))
            for part in ("day", "month", "year")
        }
        return post(officer, "dates", **parts)

    tomorrow = TODAY + timedelta(days=1)
    assert "The review must be today or in the past" in words_of(days(TODAY, tomorrow))
    answer = days(TODAY, TODAY - timedelta(days=1))
    assert (answer.status_code, 'href="#reviewed_on-day"' in answer.text) == (400, True)
    assert days(TODAY, TODAY).status_code == 303
    assert "Revised on 20 November 2026" in words_of(officer.get(f"{PAGE}/{URN}"))


# --- Publishing -----------------------------------------------------------------------------------


def test_it_waits_for_a_second_person_and_is_then_read_on_every_node(
    officer: FlaskClient, world: Consortium, node: Node
) -> None:
    drafted(node, {"needs": NEEDS})
    answer = post(officer, "hand-in")
    assert "A second person now reads what is new" in words_of(officer.get(answer.location))
    assert "No statement of purpose is published" in words_of(officer.get(f"/homes/{URN}"))
    waiting = words_of(officer.get(f"/authorities/{KENT}/releases"))
    assert f"Statement of purpose, URN {URN} Waiting" in waiting
    assert f"Needs of the children Nothing yet {NEEDS}" in waiting
    assert "You handed this in" in waiting
    released(node)
    shown = words_of(officer.get(f"/homes/{URN}/statement"))
    assert f"Needs of the children {NEEDS}" in shown
    assert "Asked for, and not said Ethos and outcomes; Accommodation;" in shown
    assert f'href="/homes/{URN}/statement"' in officer.get(f"/homes/{URN}").text
    other = world.nodes["leeds-node"]
    follow(other, node.member, OwnLog(node.node_db))
    with reading(other.replica) as connection:
        assert [one.log.node for one in current_statements(connection, URN)] == ["kent-node"]


def test_versions_stand_with_a_readable_difference(officer: FlaskClient, node: Node) -> None:
    published(node, {"needs": NEEDS})
    published(node, {"needs": NEEDS.replace("time", "much time"), "ethos": "Patience."})
    page = officer.get(f"/homes/{URN}/statement/versions")
    shown = words_of(page)
    assert "They need [new: much ] time." in shown
    assert "Ethos and outcomes [new: Patience. ]" in shown
    assert shown.count("Current") == 1
    drafted(node, {"needs": NEEDS.replace("time", "patience"), "ethos": "Patience."})
    handed_in(node)
    waiting = officer.get(f"/authorities/{KENT}/releases").text
    assert "<del>" in waiting


def test_a_review_that_changes_no_words_needs_nobody(node: Node) -> None:
    published(node, {"needs": NEEDS}, revised_on=TODAY - timedelta(days=9))
    drafted(node, {"needs": NEEDS}, revised_on=TODAY - timedelta(days=9))
    assert handed_in(node)


def test_a_statement_in_the_log_of_another_is_set_aside(world: Consortium, node: Node) -> None:
    world.say("leeds-node", a_statement(URN, {"needs": "Not theirs to say."}))
    with reading(node.replica) as connection:
        assert current_statements(connection, URN) == []
        assert len(all_versions(connection, URN)) == 1


@pytest.mark.both_databases(second_is_soak=True)
def test_with_a_home_goes_its_statement_and_what_is_being_written(
    tmp_path: Path, database: Databases
) -> None:
    with consortium(tmp_path, HOMES, database) as one:
        node = one.reader
        published(node, {"needs": "Zebras live here."})
        drafted(node, {"needs": "Zebus live here."})
        with writing(node.node_db) as connection:
            retire_record(connection, node, ADA, f"statement/{URN}", "It is out of date")
        sequence(node)
        one.follow_all(node, ["kent-node"])
        with reading(node.replica) as connection:
            assert current_statements(connection, URN) == []
            assert len(all_versions(connection, URN)) == 1
        with writing(node.node_db) as connection:
            named = erase_record(connection, node, ADA, f"home/{URN}", "It names the street")
        assert finish_erasure(node, named)
        with reading(node.replica) as connection:
            assert all_versions(connection, URN) == []
        with reading(node.node_db) as connection:
            assert read_draft(connection, node, ADA, DESK) == Draft()
        if database.kind == "sqlite":
            assert b"Zebras live" not in raw(node)


def test_what_has_to_be_done_is_shown_until_it_is_done(officer: FlaskClient, node: Node) -> None:
    old = TODAY - timedelta(days=340)
    published(node, {"needs": NEEDS}, revised_on=old, reviewed_on=old)
    assert "Statements of purpose 2 to be seen to, 1 overdue" in words_of(officer.get("/"))
    shown = words_of(officer.get(PAGE))
    assert "Ofsted is to be sent the revised statement by 12 January 2026: overdue" in shown
    assert "The statement is to be reviewed by 15 December 2026" in shown
    day = {f"told_on-{part}": str(getattr(TODAY, part)) for part in ("day", "month", "year")}
    future = {**day, "told_on-year": "2030"}
    assert post(officer, "ofsted", **future).status_code == 400
    assert post(officer, "ofsted", **day).status_code == 303
    assert "Ofsted is to be sent" not in words_of(officer.get(PAGE))
    assert "Ofsted was sent it on 20 November 2026" in words_of(officer.get(f"{PAGE}/{URN}"))


def test_a_draft_is_destroyed_and_what_is_published_stays(officer: FlaskClient, node: Node) -> None:
    published(node, {"needs": NEEDS})
    drafted(node, {"needs": "Others."})
    assert post(officer, "discard").status_code == 303
    with reading(node.node_db) as connection:
        assert read_draft(connection, node, ADA, DESK).sections == {"needs": NEEDS}


# --- The parts ------------------------------------------------------------------------------------

words = st.text("ab c.\n", max_size=60)


@given(words, words)
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(one.text for one in pieces if one.kind is not Kind.NEW) == before
    assert "".join(one.text for one in pieces if one.kind is not Kind.GONE) == after
    assert all(one.text for one in pieces)


def test_a_record_has_the_matters_in_the_schedules_order_each_once() -> None:
    good = a_statement(URN, {"needs": NEEDS, "ethos": "Patience."})
    assert decode_record(encode_record(good)) == good
    for bad in (
        a_statement(URN, {"ethos": "x", "needs": "y"}),
        a_statement(URN, {"needs": "y"}, not_applicable=("needs",)),
        a_statement(URN, {"needs": "y"}, not_applicable=("ethos", "needs")),
        a_statement(URN, {"needs": "y"}, reviewed_on=date(2026, 11, 1)),
        a_statement(URN, {}),
        a_statement(URN, {"needs": " "}),
        a_statement(URN, {"needs": "a\u202eb"}),
        a_statement(URN, {"weather": "x"}),
    ):
        with pytest.raises(Malformed):
            encode_record(bad)
