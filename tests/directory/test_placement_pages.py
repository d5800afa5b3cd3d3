"""The pages of a placing authority's register: what is typed once is not typed again."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.notices.models import sent_notice
from directory.placing.register.models import child, placement
from directory.security.audit.models import audit_row
from directory.security.rights.roles import Role
from directory.security.rights.table import Action
from federation import Node, reading
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import row, title_of, words_of
from tests.directory.worlds import KENT, MEDWAY, two_served

ALL = f"/authorities/{KENT}/placements"
WHY = {"reason": "To keep the record of this placement right", "reason_other": ""}
TYPED = {
    "identifier": "K-1",
    "given_name": "Xanthippe",
    "family_name": "Quill",
    "born_on-day": "1",
    "born_on-month": "5",
    "born_on-year": "2012",
    "legal_status": "section 31",
    "setting": "children's home",
    "urn": "sc100001",
    "address": "7 Nowhere Lane, Zedtown",
    "area": MEDWAY,
    "starts_on-day": "1",
    "starts_on-month": "11",
    "starts_on-year": "2026",
    "emergency": "no",
    "short_breaks": "no",
    "social_worker_name": "Sue",
    "social_worker_telephone": "01632 960 001",
    "out_of_hours_name": "Night desk",
    "out_of_hours_telephone": "01632 960 002",
    "reviewing_officer_name": "Ira",
    "reviewing_officer_telephone": "01632 960 003",
    "assessment_of_needs": "Needs calm.",
    "why_most_suitable": "Near the sister.",
    "care_plan": "To stay until summer.",
}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with two_served(tmp_path) as node:
        yield node


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def cola(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER, KENT, name="Cola Commissioner")


def post(client: FlaskClient, there: str, /, **form: str) -> TestResponse:
    data = {"csrf_token": form_token(client, f"{ALL}/find"), **form}
    return client.post(there, data=data, follow_redirects=True)


def type_in(client: FlaskClient, **changed: str) -> str:
    """A placement that was typed; gives its address."""
    answer = post(client, f"{ALL}/new", **(TYPED | changed))
    assert "The placement is kept" in words_of(answer), words_of(answer)
    return answer.request.path


def hidden(answer: TestResponse) -> dict[str, str]:
    """The hidden fields of the form that leads to the notice."""
    form = re.search(r'<form[^>]*/notices/new".*?</form>', answer.text, flags=re.DOTALL)
    assert form
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return {name: html.unescape(value) for name, value in found if name != "csrf_token"}


def test_a_placement_is_typed_and_opened_for_a_reason(cola: FlaskClient, node: Node) -> None:
    there = type_in(cola)
    asked = cola.get(there)
    assert "Why do you open this record?" in words_of(asked)
    assert "Xanthippe" not in asked.text
    assert "Choose why you open" in words_of(post(cola, there))
    opened = post(cola, there, **WHY)
    assert "Xanthippe" in opened.text
    assert "Xanthippe" not in title_of(opened)
    assert row(opened, "How it lies") == "Out of area: in an adjoining authority"
    with reading(node.node_db) as connection:
        looks = select(func.count()).where(audit_row.c.action == Action.READ_PLACEMENTS)
        assert connection.scalar(looks) == 1


def test_the_list_says_what_is_due_and_names_nobody(cola: FlaskClient) -> None:
    type_in(cola)
    listed = cola.get(ALL)
    assert "Tell Medway: was due before 1 November 2026" in words_of(listed)
    assert "Xanthippe" not in listed.text
    assert "K-1" not in listed.text
    assert "There is none of that kind" in words_of(cola.get(f"{ALL}?show=ended"))


def test_a_child_is_found_by_a_part_of_the_name_for_a_reason(cola: FlaskClient) -> None:
    type_in(cola)
    assert "Choose why" in words_of(post(cola, f"{ALL}/find", words="quill"))
    found = post(cola, f"{ALL}/find", words="quill xan", **WHY)
    assert "K-1, Xanthippe Quill, born 1 May 2012" in words_of(found)
    assert "quill" not in found.request.url
    assert "Nobody of that" in words_of(post(cola, f"{ALL}/find", words="nobody", **WHY))


def test_the_notice_is_sent_without_typing_anything_twice(cola: FlaskClient, node: Node) -> None:
    there = type_in(cola)
    filled = hidden(post(cola, there, **WHY))
    new = f"/authorities/{KENT}/notices/new"
    checked = post(cola, new, step="check", **filled)
    assert "Check the notice before you send it" in words_of(checked)
    sent = post(cola, new, step="send", form="x" * 22, **filled)
    assert sent.status_code == 200
    with reading(node.node_db) as connection:
        told = connection.scalar(select(sent_notice.c.id))
        assert connection.scalar(select(placement.c.notice)) == told
    assert "Acknowledged" not in words_of(post(cola, there, **WHY))
    again = post(cola, new, step="send", form="y" * 22, **filled)
    assert "was sent before" in words_of(again)
    with reading(node.node_db) as connection:
        assert connection.scalar(select(func.count()).select_from(sent_notice)) == 1


def test_what_is_missing_for_the_notice_is_named(cola: FlaskClient) -> None:
    there = type_in(cola, care_plan="", reviewing_officer_name="", reviewing_officer_telephone="")
    words = words_of(post(cola, there, **WHY))
    assert "Enter the care plan" in words
    assert "Enter the independent reviewing officer’s name" in words


def test_a_relation_is_corrected_with_a_reason(cola: FlaskClient) -> None:
    there = type_in(cola)
    form = TYPED | WHY | {"relation": "at a distance", "step": "save"}
    assert "Say why it is not as the address tells" in words_of(
        post(cola, f"{there}/change", **form)
    )
    changed = post(cola, f"{there}/change", **form, correction="The river has no bridge")
    assert "At a distance" in row(changed, "How it lies")
    assert "The river has no bridge" in row(changed, "How it lies")


def test_a_second_placement_of_a_child_is_kept_with_the_same_child(
    cola: FlaskClient, node: Node
) -> None:
    type_in(cola)
    type_in(cola, **{"starts_on-day": "5"}, family_name="Quill-Marsh")
    with reading(node.node_db) as connection:
        assert connection.scalar(select(func.count()).select_from(child)) == 1
        assert connection.scalar(select(func.count()).select_from(placement)) == 2


def test_a_placement_begins_and_ends(cola: FlaskClient) -> None:
    there = type_in(cola, **{"starts_on-month": "12"})
    held = post(cola, f"{there}/course", became="began", **WHY)
    assert "The nominated officer has not approved this placement" in words_of(held)
    post(cola, f"{there}/approval/without", without="The officer was told by telephone", **WHY)
    began = post(cola, f"{there}/course", became="began", **WHY)
    assert row(began, "State") == "Live"
    early = {"ends_on-day": "1", "ends_on-month": "1", "ends_on-year": "2026"}
    refused = post(cola, f"{there}/course", became="ended", **WHY, **early)
    assert "must not be before the first" in words_of(refused)
    late = early | {"ends_on-year": "2027"}
    ended = post(cola, f"{there}/course", became="ended", ending="Home again", **WHY, **late)
    assert row(ended, "Ended") == "1 January 2027 Home again"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"born_on-year": "2027"}, "today or in the past"),
        ({"born_on-year": "2008"}, "18 or older"),
        ({"starts_on-year": "2011"}, "after the child was born"),
        ({"expected_end-day": "1", "expected_end-month": "1", "expected_end-year": "2026"}, "end"),
        ({"area": "E99999999"}, "Choose an authority from the list"),
        ({"social_worker_telephone": ""}, "enter the telephone number"),
    ],
)
def test_what_cannot_be_is_not_kept(
    cola: FlaskClient, node: Node, wrong: dict[str, str], said: str
) -> None:
    assert said in words_of(post(cola, f"{ALL}/new", **(TYPED | wrong)))
    with reading(node.node_db) as connection:
        assert connection.scalar(select(func.count()).select_from(placement)) == 0


def test_a_placement_of_another_authority_on_the_node_is_not_there(
    app: Flask, cola: FlaskClient
) -> None:
    number = type_in(cola).rpartition("/")[2]
    meg = signed_in(app, Role.COMMISSIONER, MEDWAY, name="Meg")
    there = f"/authorities/{MEDWAY}/placements"
    token = form_token(meg, f"{there}/find")
    answer = meg.post(f"{there}/{number}", data={"csrf_token": token, **WHY})
    assert answer.status_code == 404
