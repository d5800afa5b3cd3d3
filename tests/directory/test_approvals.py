"""Nobody is placed elsewhere without the approval that the law asks for, and its steps before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.app import create_app
from directory.placing.approvals.answering import (
    answer,
    consultations,
    count_unanswered,
    read_consultation,
)
from directory.placing.approvals.consulting import consult, consultations_of
from directory.placing.approvals.errors import (
    AnsweredBefore,
    CannotConsult,
    NotApproved,
    NothingToApprove,
    StepsMissing,
)
from directory.placing.approvals.models import approval, received_consultation
from directory.placing.approvals.service import (
    decide,
    go_on_without,
    outcomes,
    record_step,
    require_approved,
    standing,
)
from directory.placing.register.service import add_child, add_placement, one_placement
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.privacy.retention.records import destroy_children
from directory.security.audit.models import audit_row
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, deliver_due, reading, writing
from protocols.notices import Contact
from tests.databases import Databases
from tests.directory.people import form_token, signed_in
from tests.directory.post import Door
from tests.directory.test_placement_pages import TYPED
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, MEDWAY, two_served

COLA = Principal("person:cola", "Cola", frozenset({Grant(Role.COMMISSIONER, KENT)}))
NOMI = Principal("person:nomi", "Nomi", frozenset({Grant(Role.NOMINATED_OFFICER, KENT)}))
DORA = Principal("person:dora", "Dora", frozenset({Grant(Role.DIRECTOR, KENT)}))
DUTY = Principal("person:dee", "Dee", frozenset({Grant(Role.DUTY_OFFICER, MEDWAY)}))
SUE = Contact("Sue", "Social worker", "01632 960 001")
DISTANT = Course(date(2026, 12, 1), "planned", area=MEDWAY, relation="at a distance")
WISHES, APPROPRIATE, RELATIVES, OFFICER = (
    "wishes",
    "most appropriate",
    "relatives",
    "reviewing officer",
)
WHY = {"reason": "To approve it, or to see whether it was approved", "reason_other": ""}


@pytest.fixture
def node(tmp_path: Path, database: Databases) -> Iterator[Node]:
    with two_served(tmp_path, database=database) as node:
        yield node


def place(node: Node, course: Course = DISTANT, care_plan: str | None = "To stay.") -> str:
    facts = PlacementFacts(
        "children's home",
        "7 Nowhere Lane, Zedtown",
        social_worker=SUE,
        why_most_suitable="Near the sister.",
        care_plan=care_plan,
    )
    child = ChildFacts("K-1", "Xanthippe", "Quill", date(2012, 5, 1))
    with writing(node.node_db) as connection:
        of = add_child(connection, node, COLA, KENT, child)
        return add_placement(connection, node, COLA, KENT, of, course, facts)


def record(node: Node, number: str, *steps: str) -> None:
    with writing(node.node_db) as connection:
        for step in steps:
            record_step(connection, node, COLA, KENT, number, step, "Xanthippe was asked on Monday")


def approve(node: Node, who: Principal, number: str) -> None:
    with writing(node.node_db) as connection:
        decide(connection, node, who, KENT, number, "approved", "It is the right place")


@pytest.mark.both_databases
def test_the_director_approves_at_a_distance_after_all_that_comes_before(node: Node) -> None:
    number = place(node)
    record(node, number, WISHES, APPROPRIATE, RELATIVES, OFFICER)
    with pytest.raises(StepsMissing, match="The area authority has been consulted"):
        approve(node, DORA, number)
    with writing(node.node_db) as connection:
        consult(connection, node, COLA, KENT, number)
    with pytest.raises(NotAllowed):
        approve(node, NOMI, number)
    with pytest.raises(NotAllowed):
        approve(node, COLA, number)
    approve(node, DORA, number)
    with writing(node.node_db) as connection:
        assert outcomes(connection, [number]) == {number: "approved"}
        require_approved(connection, node, COLA, KENT, number)
        assert "Xanthippe" not in str(connection.execute(select(approval)).all())
        assert "Xanthippe" not in str(connection.execute(select(audit_row)).all())
    with pytest.raises(NothingToApprove):
        approve(node, DORA, number)


@pytest.mark.parametrize("who", [NOMI, DORA])
def test_the_nominated_officer_or_the_director_approves_out_of_area(
    node: Node, who: Principal
) -> None:
    number = place(node, replace(DISTANT, relation="out of area"))
    record(node, number, WISHES, APPROPRIATE, RELATIVES, OFFICER, "area told")
    approve(node, who, number)
    with reading(node.node_db) as connection:
        kept = one_placement(connection, COLA, KENT, number)
        assert standing(connection, node, kept).outcome == "approved"


def test_an_emergency_defers_consultation_and_never_the_approval(node: Node) -> None:
    number = place(node, replace(DISTANT, emergency=True))
    with reading(node.node_db) as connection, pytest.raises(NotApproved):
        require_approved(connection, node, COLA, KENT, number, begins=True)
    with pytest.raises(StepsMissing, match="wishes and feelings"):
        approve(node, DORA, number)
    record(node, number, WISHES, APPROPRIATE)
    approve(node, DORA, number)


def test_what_goes_on_without_the_approval_has_a_reason_that_is_kept(node: Node) -> None:
    number = place(node)
    with writing(node.node_db) as connection:
        with pytest.raises(NotApproved):
            require_approved(connection, node, COLA, KENT, number)
        go_on_without(connection, node, COLA, KENT, number, "The director is ill")
        require_approved(connection, node, COLA, KENT, number)
        told = connection.scalars(select(audit_row.c.detail)).all()
    assert "goes on unapproved" in told


def test_nobody_approves_a_placement_in_the_own_area(node: Node) -> None:
    number = place(node, replace(DISTANT, area=KENT, relation="in area"))
    with pytest.raises(NothingToApprove):
        approve(node, DORA, number)
    with pytest.raises(NothingToApprove):
        record(node, number, WISHES)


@pytest.mark.both_databases
def test_the_area_authority_is_consulted_and_its_answer_comes_back(node: Node) -> None:
    number = place(node)
    with writing(node.node_db) as connection:
        asked = consult(connection, node, COLA, KENT, number)
    deliver_due(node, Door(node, node.member))
    with writing(node.node_db) as connection:
        assert count_unanswered(connection, DUTY, MEDWAY) == 1
        (one,) = consultations(connection, DUTY, MEDWAY)
        body, _ = read_consultation(connection, node, DUTY, MEDWAY, one.id, "To answer it")
        assert (one.id, body.care_plan) == (asked, "To stay.")
        assert "Regulation 11" in body.purpose or "regulation 11" in body.purpose
        kept = str(connection.execute(select(received_consultation)).all())
        assert "Xanthippe" not in kept
        answer(
            connection,
            node,
            DUTY,
            MEDWAY,
            asked,
            view="concerns",
            contact=Contact("Dee", "Duty officer", "01632 960 009"),
            said="The school is full.",
        )
        with pytest.raises(AnsweredBefore):
            answer(connection, node, DUTY, MEDWAY, asked, view="against", contact=SUE, said="No")
    deliver_due(node, Door(node, node.member))
    with reading(node.node_db) as connection:
        (told,) = consultations_of(connection, node, number)
    assert told.answer
    assert (told.answer.view, told.answer.said) == ("concerns", "The school is full.")


def test_a_consultation_says_what_the_register_lacks(node: Node) -> None:
    number = place(node, care_plan=None)
    with writing(node.node_db) as connection, pytest.raises(CannotConsult, match="the care plan"):
        consult(connection, node, COLA, KENT, number)
    elsewhere = place(node, replace(DISTANT, area="E08000035"))
    with writing(node.node_db) as connection, pytest.raises(CannotConsult, match="no member"):
        consult(connection, node, COLA, KENT, elsewhere)


def test_what_is_kept_of_an_approval_is_destroyed_with_the_child(node: Node) -> None:
    number = place(node)
    record(node, number, WISHES)
    with writing(node.node_db) as connection:
        consult(connection, node, COLA, KENT, number)
        of = one_placement(connection, COLA, KENT, number).child
        destroy_children(connection, node, [of])
        assert connection.execute(select(approval)).all() == []


def test_it_is_recorded_approved_and_answered_on_the_pages(node: Node) -> None:
    app, number = create_app(node), place(node)
    there = f"/authorities/{KENT}/placements/{number}"
    cola = signed_in(app, Role.COMMISSIONER, KENT, name="Cola")
    dora = signed_in(app, Role.DIRECTOR, KENT, name="Dora")
    duty = signed_in(app, Role.DUTY_OFFICER, MEDWAY, name="Dee")

    def said(client: object, address: str, page: str, **form: str) -> str:
        data = {"csrf_token": form_token(client, page), **WHY, **form}  # type: ignore[arg-type]
        return words_of(client.post(address, data=data))  # type: ignore[attr-defined]

    find = f"/authorities/{KENT}/placements/find"
    for step in (WISHES, APPROPRIATE, RELATIVES, OFFICER):
        assert "is kept" in said(cola, f"{there}/approval/step", find, step=step, text="Asked")
    assert "Say what was said" in said(cola, f"{there}/approval/step", find, step=WISHES)
    refused = said(dora, f"{there}/approval/decision", find, outcome="approved", why="Right")
    assert "Before it is approved, record" in refused
    assert "is asked" in said(cola, f"{there}/approval/consultation", find)
    deliver_due(node, Door(node, node.member))
    begun = said(cola, f"{there}/course", find, became="began")
    assert "has not approved this placement" in begun
    approved = said(dora, f"{there}/approval/decision", find, outcome="approved", why="Right")
    assert "Approved Right (Dora" in approved
    desk = f"/authorities/{MEDWAY}/consultations"
    with reading(node.node_db) as connection:
        (one,) = consultations(connection, DUTY, MEDWAY)
    open_ = {"reason": "To answer the placing authority"}
    page = f"{desk}/{one.id}"
    assert "Xanthippe" not in words_of(duty.get(desk))
    assert "Xanthippe" in said(duty, page, page, **open_)
    form = {"view": "concerns", "name": "Dee", "role": "Duty", "telephone": "01632 960 009"}
    assert "Say what the concerns are" in said(duty, f"{page}/answer", page, **open_, **form)
    form |= {"said": "The school is full."}
    assert "on its way" in said(duty, f"{page}/answer", page, **open_, **form)


def test_the_notice_names_the_consultation_and_its_receiver_sees_it(node: Node) -> None:
    app = create_app(node)
    cola = signed_in(app, Role.COMMISSIONER, KENT, name="Cola Commissioner")
    number = place(node)
    with writing(node.node_db) as connection:
        consultation = consult(connection, node, COLA, KENT, number)
    deliver_due(node, Door(node, node.member))
    with writing(node.node_db) as connection:
        go_on_without(connection, node, COLA, KENT, number, "The director is away")
    new = f"/authorities/{KENT}/notices/new"
    sent = cola.post(
        new,
        data={
            "csrf_token": form_token(cola, new),
            "form": "x" * 22,
            "step": "send",
            "placement": number,
            **{name: value for name, value in TYPED.items() if name != "urn"},
        },
    )
    assert sent.status_code == 303, words_of(sent)
    deliver_due(node, Door(node, node.member))
    dee = signed_in(app, Role.DUTY_OFFICER, MEDWAY, name="Dee")
    there = f"/authorities/{MEDWAY}/notices/received/{sent.location.split('/')[-2]}"
    why = {"reason": "The child is missing, or may be at risk", "reason_other": ""}
    shown = dee.post(there, data={"csrf_token": form_token(dee, there), **why})
    assert "You were consulted before, on" in words_of(shown)
    assert f"/authorities/{MEDWAY}/consultations/{consultation}" in shown.text
