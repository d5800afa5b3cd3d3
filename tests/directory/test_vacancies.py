"""Vacancies: said by the provider, seen by commissioners, counted for a week, and kept nowhere."""

import io
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.providers.vacancies.board import read_board, vacancies_for
from directory.providers.vacancies.keeping import keep_vacancies
from directory.providers.vacancies.saying import put, said_here
from directory.providers.vouching.models import home_claim, provider_home
from directory.security.audit.models import audit_row
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, own_snapshot, reading, sequence, take_snapshot, writing
from federation.snapshots.issuing import renew_snapshot, served_snapshot
from protocols.charter import Member
from protocols.vacancies import Vacancy
from tests.directory.people import form_token, signed_in
from tests.directory.providers import staff_of
from tests.directory.visiting import row, words_of
from tests.directory.worlds import KENT, LEEDS, NOW, Consortium, a_home, consortium

PAGE = "/our-homes/vacancies"
ROWAN, OAK, ASH = "SC100001", "SC100003", "SC200001"
HOMES = {
    "kent-node": [
        a_home(ROWAN, name="Rowan House", places=4),
        a_home("SC100002", name="Elm House", places=3),
        a_home(OAK, name="Oak House", places=1),
    ],
    "leeds-node": [a_home(ASH, name="Ash House", authority=LEEDS, places=5)],
}
CLEO = Principal("person:c", "Cleo", frozenset({Grant(Role.COMMISSIONER, KENT)}))


@dataclass(frozen=True)
class Door:
    """Another node's snapshot, without the network between."""

    node: Node

    @property
    def member(self) -> Member:
        return self.node.member

    def snapshot(self, _held: int | None) -> str | None:
        kept = served_snapshot(self.node)
        return kept.text if kept else None


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    """Acorn, through Kent, runs three homes there and one in Leeds, as both have confirmed."""
    with consortium(tmp_path_factory.mktemp("nodes"), HOMES) as one:
        for urn, authority in ((ROWAN, KENT), ("SC100002", KENT), (OAK, KENT), (ASH, LEEDS)):
            confirm(one.reader, urn, authority)
        claim_in_leeds(one.nodes["leeds-node"])
        yield one


def confirm(node: Node, urn: str, authority: str) -> None:
    with writing(node.node_db) as connection:
        connection.execute(
            insert(provider_home).values(
                id=urn,
                through=KENT,
                provider="Acorn Care Ltd",
                urn=urn,
                authority=authority,
                state="confirmed",
                asked_by="Kim",
                asked_at=NOW,
            )
        )


def claim_in_leeds(node: Node) -> None:
    with writing(node.node_db) as connection:
        connection.execute(
            insert(home_claim).values(
                number=ASH,
                through=KENT,
                id=ASH,
                authority=LEEDS,
                provider="Acorn Care Ltd",
                urn=ASH,
                state="confirmed",
                asked_by="Kim",
                asked_at=NOW,
            )
        )


@pytest.fixture
def node(world: Consortium) -> Node:
    """Kent's node, of which nobody has said anything yet."""
    put(world.reader, dict.fromkeys(said_here(own_snapshot(world.reader))))
    return world.reader


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def staff(app: Flask, node: Node) -> FlaskClient:
    return staff_of(app, node)


@pytest.fixture
def cleo(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER)


def send(staff: FlaskClient, address: str = PAGE, **fields: object) -> TestResponse:
    token = {"csrf_token": form_token(staff, "/our-homes")}
    return staff.post(
        address, data={**token, **{k.replace("_of_", "-"): v for k, v in fields.items()}}
    )


def said(node: Node) -> dict[str, Vacancy]:
    return said_here(own_snapshot(node))


def later(node: Node, **by: int) -> Node:
    """The same node when some time has passed; its worker has been about."""
    then = replace(node, now=lambda: NOW + timedelta(**by))
    renew_snapshot(then)
    keep_vacancies(then)
    return then


def test_what_a_provider_says_is_on_the_card_the_page_and_in_the_search(
    staff: FlaskClient, cleo: FlaskClient, node: Node
) -> None:
    assert "Vacancies Not said: ask the provider" in words_of(cleo.get("/homes"))
    day = (NOW + timedelta(days=9)).date().isoformat()
    whom = {"sex": "girls", "youngest": "10", "oldest": "14", "emergency": "yes"}
    row_of = {"beds": "2", "free_from": day, **whom}
    fields = {f"{name}_of_{ROWAN}": value for name, value in row_of.items()}
    answer = send(staff, **fields, beds_of_SC100002="0")
    assert answer.status_code == 303
    told = "2 beds from 29 November 2026, girls, 10 to 14 years, also in an emergency Said today."
    assert row(cleo.get(f"/homes/{ROWAN}"), "Vacancies") == told
    assert row(cleo.get("/homes/SC100002"), "Vacancies") == "None Said today."
    assert row(cleo.get(f"/homes/{OAK}"), "Vacancies") == "Ask the provider"
    assert "Has a vacancy (1)" in words_of(cleo.get("/homes"))
    found = words_of(cleo.get("/homes?vacancy=yes"))
    assert "1 home" in found
    assert told in found
    assert "Elm House" not in found


def test_no_provider_and_nobody_but_a_commissioner_sees_it(
    app: Flask, staff: FlaskClient, node: Node
) -> None:
    send(staff, beds_of_SC100001="2")
    others = [staff_of(app, node, "Birch Homes"), staff]
    others += [
        signed_in(app, one, None if one is Role.NODE_ADMINISTRATOR else KENT)
        for one in (Role.DUTY_OFFICER, Role.NODE_ADMINISTRATOR, Role.AUTHORITY_ADMINISTRATOR)
    ]
    for browser in others:
        for page in ("/homes", "/homes?vacancy=yes", f"/homes/{ROWAN}"):
            shown = words_of(browser.get(page))
            assert "Rowan House" in shown
            assert "2 beds" not in shown
            assert "Has a vacancy" not in shown
        assert "Oak House" in words_of(browser.get("/homes?vacancy=yes")), "it filters nothing"
    assert "Rowan House" not in words_of(others[0].get(PAGE)), "another provider's form"
    rival = Principal("person:r", "R", frozenset({Grant(Role.PROVIDER, KENT)}))
    with reading(node.replica) as replica:
        assert vacancies_for(replica, node, rival) is None
        with pytest.raises(NotAllowed):
            read_board(replica, node, rival)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("beds", "5", "registered for 4 children, not more"),
        ("beds", "-1", "Beds must be a whole number"),
        ("beds", "１", "Beds must be a whole number"),
        ("beds", "", "Enter how many beds are free"),
        ("free_from", "31/2/2027", "a real date"),
        ("free_from", "2036-01-01", "within a year"),
        ("sex", "<b>", "Choose girls, boys, or any"),
        ("oldest", "9", "must not be below the youngest"),
        ("youngest", "26", "from 0 to 25"),
        ("emergency", "perhaps", "yes or no"),
    ],
)
def test_a_mistake_is_shown_beside_its_field_and_the_rest_is_kept(
    staff: FlaskClient, node: Node, field: str, value: str, why: str
) -> None:
    row_of = {"beds": "2", "youngest": "10", field: value}
    fields = {f"{name}_of_{ROWAN}": typed for name, typed in row_of.items()}
    answer = send(staff, **fields, beds_of_SC100002="3")
    assert answer.status_code == 400
    assert f'href="#{field}-{ROWAN}"' in answer.text
    assert words_of(answer).count(why) == 2, "in the summary and beside the field"
    assert 'name="beds-SC100002" type="text" spellcheck="false" value="3"' in answer.text
    assert said(node) == {}


def test_of_a_home_with_one_place_nothing_can_be_said(staff: FlaskClient, node: Node) -> None:
    shown = staff.get(PAGE)
    assert "commissioners are told to ask you" in words_of(shown)
    assert f"beds-{OAK}" not in shown.text
    send(staff, **{f"beds_of_{OAK}": "1", f"beds_of_{ROWAN}": "1"})
    assert list(said(node)) == [ROWAN]
    put(node, {OAK: Vacancy(OAK, 1, NOW.date())})  # as a node would that keeps to no rule
    with reading(node.replica) as replica:
        assert list(read_board(replica, node, CLEO).said) == [ROWAN]


def test_it_is_out_of_date_after_a_week_and_one_click_confirms_it(
    staff: FlaskClient, node: Node
) -> None:
    send(staff, beds_of_SC100001="2")
    then = later(node, days=7)
    shown = signed_in(create_app(then), Role.COMMISSIONER)
    assert "Said 7 days ago: out of date" in row(shown.get(f"/homes/{ROWAN}"), "Vacancies")
    assert "Has a vacancy (0)" in words_of(shown.get("/homes"))
    again = staff_of(create_app(then), then)
    assert "Out of date" in words_of(again.get(PAGE))
    assert send(again, f"{PAGE}/unchanged").status_code == 303
    assert "Said today" in row(shown.get(f"/homes/{ROWAN}"), "Vacancies")
    assert "Has a vacancy (1)" in words_of(shown.get("/homes"))
    later(node, days=40)
    assert said(node) == {}, "what nobody confirms for four weeks is no longer said"


def test_nothing_of_it_is_in_a_log_a_database_or_the_audit(staff: FlaskClient, node: Node) -> None:
    before = sequence(node)
    send(staff, beds_of_SC100001="3", sex_of_SC100001="boys")
    first = served_snapshot(node)
    assert first is not None
    send(staff, beds_of_SC100001="1")
    sequence(node)
    payload = (first.text or "").split(".")[1].encode()
    files = [one for one in node.folder.rglob("*") if one.is_file()]
    kept = {one: one.read_bytes() for one in files}
    assert not [one for one, data in kept.items() if payload in data], (
        "of the first nothing is left"
    )
    spelt = urlsafe_b64encode(b'"beds":').strip(b"=")
    for one, data in kept.items():
        if one.parent.name != "snapshots":
            assert b'"beds"' not in data, one
            assert spelt not in data, one
            assert b"vacancies/1" not in data, one
    assert sequence(node) == before, "the log has not grown"
    with reading(node.node_db) as connection:
        rows = connection.execute(
            select(audit_row.c.record, audit_row.c.detail).where(
                audit_row.c.action == "say which of a provider's own homes have a vacancy"
            )
        ).all()
    assert {tuple(one) for one in rows} == {("", "")}, "that it was said, and not of which home"


def test_a_spreadsheet_goes_down_and_comes_up_again(staff: FlaskClient, node: Node) -> None:
    send(staff, beds_of_SC100001="2", sex_of_SC100001="boys")
    down = staff.get(f"{PAGE}/vacancies.csv").get_data(as_text=True)
    assert '"SC100001","Rowan House",4,"2","","boys","","",""' in down
    assert OAK not in down
    up = down.replace('"2","","boys"', '"1","9/12/2026","girls"')
    assert upload(staff, up.encode()).status_code == 303
    assert (said(node)[ROWAN].beds, said(node)[ROWAN].sex) == (1, "girls")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["URN", "Beds free", "Emergency"])
    sheet.append([ROWAN, 4, "yes"])
    saved = io.BytesIO()
    book.save(saved)
    assert upload(staff, saved.getvalue()).status_code == 303
    assert (said(node)[ROWAN].beds, said(node)[ROWAN].emergency) == (4, True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "must have the headings URN and Beds free"),
        (b"URN,Beds free\r\n", "Choose a file with a row for a home"),
        (b"PK\x03\x04 no archive", "no workbook that can be read"),
        (b"\x00\x01\x02", "neither CSV nor a workbook"),
        (b"Home,Beds\r\nRowan,2\r\n", "must have the headings URN and Beds free"),
        (b"URN,Beds free\r\nSC100001,1\r\nSC100001,2\r\n", "stands in the file twice"),
        (b"URN,Beds free\r\nSC200009,1\r\n", "No homes of yours of which vacancies are said"),
        (b"URN,Beds free\r\nSC100001,9\r\n", "registered for 4 children, not more"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_reason(
    staff: FlaskClient, node: Node, content: bytes, why: str
) -> None:
    answer = upload(staff, content)
    assert answer.status_code == 400
    assert words_of(answer).count(why) == 2
    assert said(node) == {}


def upload(staff: FlaskClient, content: bytes) -> TestResponse:
    return send(staff, f"{PAGE}/file", file=(io.BytesIO(content), "vacancies.csv"))


def test_of_a_home_elsewhere_it_counts_when_the_node_there_says_so(
    staff: FlaskClient, world: Consortium, node: Node
) -> None:
    send(staff, **{f"beds_of_{ASH}": "2"})
    leeds = world.nodes["leeds-node"]
    world.follow_all(leeds)
    take_snapshot(leeds, Door(node))  # type: ignore[arg-type]
    assert counted(leeds) == [], "the word of a node that does not serve the area"
    keep_vacancies(leeds)
    assert counted(leeds) == [ASH]
    take_snapshot(node, Door(leeds))  # type: ignore[arg-type]
    assert counted(node) == [ASH]


def counted(node: Node) -> list[str]:
    who = Principal("person:c", "Cleo", frozenset({Grant(Role.COMMISSIONER, KENT)}))
    with reading(node.replica) as replica:
        return sorted(read_board(replica, node, who).said)
