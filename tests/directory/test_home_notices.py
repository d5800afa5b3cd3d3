"""A home tells the authority of its area who lives there; it is matched with what the placing
authority says, and whoever owes a notice is asked for it. Acorn's staff are in Kent, the home and
its area in Leeds, and Lewisham places the children.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from secrets import token_hex

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select, update
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.arriving import receive
from directory.hosting.entering.service import enter_notices
from directory.hosting.homes.likeness import Said, compare
from directory.hosting.homes.models import (
    home_notice,
    home_resident,
    kept_apart,
    resident_asked,
    resident_asking,
)
from directory.hosting.homes.schemas import a_notice
from directory.hosting.homes.taking import MOST_A_DAY, stays_told
from directory.notices.arriving import receive as receive_before
from directory.notices.models import received_notice
from directory.providers.vouching.answering import learn_answer
from directory.providers.vouching.models import home_claim, provider_home
from directory.security.audit.models import audit_row
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, deliver_due, reading, writing
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.notices import Child, Contact, Notice, Placement, encode_body
from protocols.residents import HomeNotice, Resident, ResidentAnswer, encode_resident_body
from tests.databases import Databases
from tests.directory.entered import came
from tests.directory.people import form_token, signed_in
from tests.directory.post import Door
from tests.directory.providers import OURS, staff_of
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM, NOW, Consortium, a_home, consortium

pytestmark = pytest.mark.both_databases(second_is_soak=True)
URN, CLAIM = "SC200001", "b" * 32
HOMES = {"leeds-node": [a_home(URN, name="Ash House", authority=LEEDS, provider="Acorn Care Ltd")]}
LIST, AREA = f"{OURS}/{CLAIM}/residents", f"/authorities/{LEEDS}/home-notices"
PLACING = f"/authorities/{LEWISHAM}/placements-asked"
CHILD = ("Zebedee", "Quillfeather")
INBOX = f"/authorities/{LEEDS}/notices/received"
WHY = {"reason": "other", "reason_other": "Is she one of ours?"}
TYPED = {
    "given_name": CHILD[0],
    "family_name": CHILD[1],
    **{"born_on-day": "9", "born_on-month": "4", "born_on-year": "2012"},
    **{"admitted_on-day": "18", "admitted_on-month": "11", "admitted_on-year": "2026"},
    "placing_authority": LEWISHAM,
    "contact_name": "Wendy Worker",
    "contact_telephone": "01632 960101",
    "accommodated": "section 20",
    "order": "neither",
    "has_plan": "yes",
    "plan_authority": LEWISHAM,
    "officer_name": "Ivor Reviewer",
    "officer_telephone": "01632 960103",
}
DAY_BEFORE = {"day": "17", "month": "11", "year": "2026"}
CALL = Contact("Wendy Worker", "Social worker", "01632 960101")


@dataclass(frozen=True)
class World:
    one: Consortium
    staff: FlaskClient
    duty: FlaskClient
    placing: FlaskClient

    @property
    def kent(self) -> Node:
        return self.one.nodes["kent-node"]

    @property
    def leeds(self) -> Node:
        return self.one.nodes["leeds-node"]

    @property
    def lewisham(self) -> Node:
        return self.one.nodes["lewisham-node"]

    def deliver(self) -> None:
        for node, there in (
            (self.kent, self.leeds),
            (self.leeds, self.kent),
            (self.lewisham, self.leeds),
        ):
            deliver_due(node, Door(there, node.member))
        deliver_due(self.leeds, Door(self.lewisham, self.leeds.member))
        deliver_due(self.lewisham, Door(self.leeds, self.lewisham.member))

    def tell(self, **changes: str) -> TestResponse:
        answer = post(self.staff, f"{LIST}/new", f"{LIST}/new", **(TYPED | changes))
        self.deliver()
        return answer

    def stay(self) -> str:
        with reading(self.kent.node_db) as connection:
            return str(connection.scalar(select(home_resident.c.id)))

    def told(self) -> str:
        with reading(self.leeds.node_db) as connection:
            return str(connection.scalar(select(home_notice.c.number)))

    def notify(self, **changes: object) -> str:
        """Lewisham's notice of the child, as Leeds' inbox takes it in; gives its id."""
        body = msgspec.Raw(encode_body(a_placement(**changes)))
        drawn = token_hex(16)
        message = Message(1, drawn, LEWISHAM, LEEDS, NOW, NOW, body)
        with writing(self.leeds.node_db) as connection:
            receive(connection, self.leeds, message, NOW)
        return drawn

    def area(self, show: str = "") -> str:
        return words_of(self.duty.get(f"{AREA}?show={show}"))

    def settle(self, what: str) -> TestResponse:
        return post(self.duty, f"{AREA}/{self.told()}/{what}", f"{AREA}/{self.told()}")


def post(browser: FlaskClient, address: str, page: str, **fields: str) -> TestResponse:
    return browser.post(address, data={"csrf_token": form_token(browser, page), **fields})


def a_placement(**changes: object) -> Notice:
    facts = {
        "given_name": CHILD[0],
        "family_name": CHILD[1],
        "born_on": date(2012, 4, 9),
        "starts_on": date(2026, 11, 18),
        **changes,
    }
    starts_on = facts.pop("starts_on")
    return Notice(
        Child("KID-90210", **facts),  # type: ignore[arg-type]
        Placement("children's home", "1 Crooked Billet", starts_on, URN),  # type: ignore[arg-type]
        *(CALL, CALL, CALL),
        "section 20",
        *("Needs.", "Why.", "Plan."),
    )


def a_stay(**changes: object) -> HomeNotice:
    members = {
        "resident": Resident(*CHILD, date(2012, 4, 9)),
        "admitted_on": date(2026, 11, 18),
        "placing_authority": LEWISHAM,
        "placing_contact": CALL,
        "accommodated": "section 20",
        "order": "neither",
        "has_plan": False,
    }
    made = a_notice(
        members, sender=KENT, claim=CLAIM, stay=token_hex(16), told_by="Mallory", told_at=NOW
    )
    return msgspec.structs.replace(made, **changes)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, database_once: Databases) -> Iterator[World]:
    with consortium(tmp_path_factory.mktemp("consortium"), HOMES, database_once) as one:
        leeds, lewisham = one.nodes["leeds-node"], one.nodes["lewisham-node"]
        one.follow_all(leeds)
        claim = {
            "through": KENT,
            "provider": "Acorn Care Ltd",
            "urn": URN,
            "authority": LEEDS,
            "state": "confirmed",
            "asked_by": "Kim",
            "asked_at": NOW,
            "id": CLAIM,
        }
        with writing(one.reader.node_db) as connection:
            connection.execute(insert(provider_home).values(claim))
        with writing(leeds.node_db) as connection:
            connection.execute(insert(home_claim).values(**claim, number=token_hex(16)))
        yield World(
            one,
            staff_of(create_app(one.reader), one.reader),
            signed_in(create_app(leeds), Role.DUTY_OFFICER, LEEDS, name="Dora Duty"),
            signed_in(create_app(lewisham), Role.COMMISSIONER, LEWISHAM, name="Cleo Reader"),
        )


@pytest.fixture
def world(built: World) -> World:
    """Nobody lives anywhere, and the provider runs the home."""
    tables = (home_resident, home_notice, kept_apart, resident_asking, resident_asked)
    for node in built.one.nodes.values():
        with writing(node.node_db) as connection:
            for table in (*tables, received_notice):
                connection.execute(delete(table))
            connection.execute(update(provider_home).values(state="confirmed", answered_at=None))
            connection.execute(update(home_claim).values(state="confirmed"))
    return built


# --- From the home to the desk of its area --------------------------------------------------------


def test_an_admission_and_a_discharge_reach_the_area_and_stand_at_once_without_a_notice(
    world: World,
) -> None:
    assert world.tell().status_code == 303
    assert "signed receipt on 20 November 2026" in words_of(world.staff.get(LIST))
    listed = world.area()
    assert "Told by the home, and by no placing authority: 1" in listed
    assert "Ash House, URN SC200001. Lives there since 18 November 2026" in listed
    assert not any(name in world.duty.get(AREA).text for name in CHILD)
    assert not any("&lt;" in page.text for page in (world.duty.get(AREA), world.staff.get(LIST)))
    shown = words_of(post(world.duty, f"{AREA}/{world.told()}", f"{AREA}/{world.told()}", **WHY))
    for said in (
        *("Zebedee Quillfeather", "9 April 2012", "Wendy Worker 01632 960101", "Ivor Reviewer"),
        *("Yes, under section 20: by agreement", "Yes, held by Lewisham"),
    ):
        assert said in shown
    assert "Homes have told of 1 child of whom no authority has" in words_of(world.duty.get(INBOX))
    register = post(world.duty, "/register", "/register", **WHY)
    assert "In Leeds homes have told of 1 child" in words_of(register)
    missing = post(world.duty, "/register", "/register", **WHY, words="quill 9/4/2012")
    assert "Ash House, URN SC200001: there since 18 November 2026" in words_of(missing)
    assert not any(name in missing.text for name in CHILD)
    somebody_else = post(world.duty, "/register", "/register", **WHY, words="quill 8/4/2012")
    assert "Told by a home alone" not in somebody_else.text
    left = post(world.staff, f"{LIST}/{world.stay()}/discharge", f"{LIST}/new")
    assert left.status_code == 303
    world.deliver()
    assert "Lived there from 18 November 2026 to 20 November 2026" in world.area()
    assert "Here from 18 November 2026 to 20 November 2026" in words_of(world.staff.get(LIST))
    assert "Homes have told of" not in words_of(world.duty.get(INBOX))  # who has left


def test_the_list_is_the_homes_own_and_each_look_is_noted(world: World) -> None:
    world.tell()
    before = audited(world.kent)
    world.staff.get(LIST)
    assert len(audited(world.kent)) == len(before) + 1
    app = create_app(world.kent)
    for role in set(Role) - {Role.OPERATOR, Role.PROVIDER}:
        answer = signed_in(app, role, KENT).get(LIST)
        assert answer.status_code in (303, 403)
        assert CHILD[1] not in answer.text
    assert staff_of(app, world.kent, "Rival Ltd").get(LIST).status_code == 404
    assert not any(name in str(audited(world.kent)) for name in CHILD)


def audited(node: Node) -> list[object]:
    with reading(node.node_db) as connection:
        rows = select(audit_row.c.action, audit_row.c.record, audit_row.c.detail)
        return [tuple(row) for row in connection.execute(rows)]


def test_a_child_of_the_areas_own_is_told_of_to_nobody_and_a_grown_up_is(world: World) -> None:
    world.tell(placing_authority=LEEDS)
    assert "Need not be told" in words_of(world.staff.get(LIST))
    assert "Told by the home, and by no placing authority: 0" in world.area()
    world.tell(**{"born_on-year": "2007", "family_name": "Elder"})
    assert "Told by the home, and by no placing authority: 1" in world.area()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"admitted_on-year": "2027"}, "must be today or in the past"),
        ({"born_on-year": "2026", "born_on-month": "11", "born_on-day": "19"}, "must be after"),
        ({"born_on-year": "1950"}, "older than 30"),
        ({"plan_authority": "Narnia"}, "Choose an authority from the list"),
        ({"contact_name": ""}, "Enter whom to call at the placing authority"),
        (
            {f"discharged_on-{part}": text for part, text in DAY_BEFORE.items()},
            "must be after the admission",
        ),
        ({"officer_telephone": ""}, "Enter both name and telephone number"),
        ({"placing_authority": "Narnia"}, "Choose an authority from the list"),
    ],
)
def test_what_cannot_be_is_not_told(world: World, changes: dict[str, str], said: str) -> None:
    answer = world.tell(**changes)
    assert answer.status_code == 400
    assert said in words_of(answer)
    assert "by no placing authority: 0" in world.area()


def test_what_was_written_is_destroyed_when_the_provider_runs_the_home_no_longer(
    world: World,
) -> None:
    world.tell()
    with writing(world.kent.node_db) as connection:
        known = {"through": KENT, "authority": LEEDS, "claim": CLAIM, "reason": "Sold"}
        at = NOW + timedelta(days=1)
        assert learn_answer(connection, world.kent, **known, state="ended", answered_at=at)
    with reading(world.kent.node_db) as connection:
        assert connection.scalars(select(home_resident.c.id)).all() == []
    assert world.staff.get(LIST).status_code == 404


def test_a_node_of_the_release_before_refuses_it_and_the_home_is_told_to_call(world: World) -> None:
    before = replace(world.leeds, receive=receive_before)
    post(world.staff, f"{LIST}/new", f"{LIST}/new", **TYPED)
    deliver_due(world.kent, Door(before, world.kent.member))
    assert "Call Leeds today" in words_of(world.staff.get(LIST))


# --- A sender that keeps to no rule ---------------------------------------------------------------


def arrive(world: World, said: HomeNotice | ResidentAnswer, sender: str = KENT) -> None:
    raw = msgspec.Raw(encode_resident_body(said))
    message = Message(1, token_hex(16), sender, LEEDS, NOW, NOW, raw)
    with writing(world.leeds.node_db) as connection:
        receive(connection, world.leeds, message, NOW)


def test_a_hostile_sender_is_refused_and_what_overtook_is_kept(world: World) -> None:
    one = a_stay()
    arrive(world, one)
    later = NOW + timedelta(minutes=5)
    left = msgspec.structs.replace(one, told_at=later, discharged_on=date(2026, 11, 19))
    arrive(world, left)
    arrive(world, one)  # again, and late
    with reading(world.leeds.node_db) as connection:
        assert connection.scalars(select(home_notice.c.ended_on)).all() == [date(2026, 11, 19)]
    for said, sender in (
        (a_stay(), LEWISHAM),  # whose claim it is not
        (a_stay(claim="f" * 32), KENT),
        (a_stay(discharged_on=date(2020, 1, 1)), KENT),
        (ResidentAnswer("f" * 32, "follows", "M", NOW, purpose="x", lawful_basis="x"), LEWISHAM),
    ):
        with pytest.raises(Malformed):
            arrive(world, said, sender)
    with writing(world.leeds.node_db) as connection:
        connection.execute(update(home_claim).values(state="ended"))
    with pytest.raises(Malformed):
        arrive(world, a_stay())


def test_nobody_fills_the_table(world: World) -> None:
    for _ in range(MOST_A_DAY):
        arrive(world, a_stay())
    with pytest.raises(Malformed):
        arrive(world, a_stay())


# --- Two notices of one child ---------------------------------------------------------------------


def test_the_same_child_is_matched_by_the_rule_whichever_notice_comes_first(world: World) -> None:
    world.tell(given_name="zebedée", **{"admitted_on-day": "19"})  # spelt otherwise, a day apart
    notice = world.notify()
    assert "Told by both: 1" in world.area()
    assert f"notice {notice[:4]}".upper() in world.area("matched").upper()
    other = world.notify(given_name="Ottoline")
    assert "by the placing authority, and not by the home: 1" in world.area()
    world.tell(given_name="Ottoline")
    assert "Told by both: 2" in world.area()
    assert other[:4].upper() in world.area("matched").upper()


def test_a_probable_match_is_confirmed_by_one_click_and_undone_by_another(world: World) -> None:
    world.notify()
    world.tell(given_name="Zeb")
    assert "Probably the same child: 1" in world.area()
    assert "What differs: name" in world.area()
    address = f"{AREA}/{world.told()}"
    both = words_of(post(world.duty, address, address, **WHY))
    assert "Zeb Quillfeather" in both
    assert "The placing authority says Identifier KID-90210" in both
    assert world.settle("confirm").status_code == 303
    assert "The same child as in notice" in world.area("matched")
    assert "Dora Duty on 20 November 2026" in world.area("matched")
    assert world.settle("confirm").status_code == 400  # it is settled
    assert world.settle("apart").status_code == 303
    shown = world.area()
    assert "Probably" not in shown
    assert "by no placing authority: 1" in shown
    assert "and not by the home: 1" in shown


def test_an_end_that_one_of_them_alone_has_told_is_shown(world: World) -> None:
    world.notify()
    world.tell()
    assert "the other does not" not in world.area()
    post(world.staff, f"{LIST}/{world.stay()}/discharge", f"{LIST}/new")
    world.deliver()
    assert "One says that it is over, the other does not: 1" in world.area()
    assert "The placing authority has told of no end" in world.area()


def test_what_is_entered_by_hand_is_matched_at_once_also_without_a_day_of_birth(
    world: World,
) -> None:
    world.tell()
    entered = partial(came, *CHILD, placing=LEWISHAM, urn=URN, starts_on=date(2026, 11, 17))
    dora = Principal("person:d", "Dora", frozenset({Grant(Role.DUTY_OFFICER, LEEDS)}))
    with writing(world.leeds.node_db) as connection:
        enter_notices(connection, world.leeds, dora, LEEDS, [entered()])
    assert "Probably the same child: 1" in world.area()
    assert "What differs: day of birth" in world.area()
    with writing(world.leeds.node_db) as connection:
        enter_notices(connection, world.leeds, dora, LEEDS, [entered(born=date(2012, 4, 9))])
    assert "Told by both: 1" in world.area()
    assert "and not by the home: 1" in world.area()


def test_a_stay_told_by_mistake_is_taken_back_and_both_sides_see_that_it_was(world: World) -> None:
    world.notify()
    world.tell()
    assert "Told by both: 1" in world.area()
    page = f"{LIST}/{world.stay()}/take-back"
    assert "Take back what was told of Zebedee Quillfeather" in words_of(world.staff.get(page))
    assert post(world.staff, page, page).status_code == 400  # what was wrong has to be said
    assert post(world.staff, page, page, mistake="another home").status_code == 303
    world.deliver()
    ours = words_of(world.staff.get(LIST))
    assert "Taken back They live in another home" in ours
    assert "Has come back" not in ours
    listed = world.area()
    assert "Taken back by the home: 1" in listed
    assert "and not by the home: 1" in listed  # whose notice stands alone again
    assert "The home took it back on 20 November 2026" in world.area("withdrawn")
    opened = post(world.duty, f"{AREA}/{world.told()}", f"{AREA}/{world.told()}", **WHY)
    assert "They live in another home" in words_of(opened)
    for there in (page, f"{LIST}/{world.stay()}"):
        assert "Tell of them anew" in words_of(world.staff.get(there))
    gone = post(world.staff, f"{LIST}/{world.stay()}/discharge", f"{LIST}/new")
    assert gone.status_code == 400
    detail = [row[2] for row in audited(world.kent) if "taken back" in str(row[2])]
    assert detail == [f"taken back: another home, {LEEDS} is told"]
    assert world.tell().status_code == 303  # anew
    assert "Told by both: 1" in world.area()


def test_what_is_known_is_typed_once(world: World) -> None:
    world.tell()
    asked = world.staff.get(f"{LIST}/new").text
    assert re.search(r'name="admitted_on-day"[^>]* value="20"', asked)  # today
    world.tell(given_name="Ottoline", contact_name="", contact_telephone="", plan_authority="")
    with reading(world.leeds.node_db) as connection:
        found = [one for _, one in stays_told(connection, world.leeds, LEEDS)]
    assert [one.placing_contact.name for one in found] == ["Wendy Worker"] * 2
    assert {one.plan_authority for one in found} == {LEWISHAM}
    post(world.staff, f"{LIST}/{world.stay()}/discharge", f"{LIST}/new")
    again = world.staff.get(f"{LIST}/new?again={world.stay()}").text
    assert 'value="Quillfeather"' in again


def test_a_list_of_dozens_is_paged(world: World) -> None:
    row = {"through": KENT, "area": LEEDS, "claim": CLAIM, "urn": URN, "body": b""}
    row |= {"placing_authority": LEWISHAM, "starts_on": NOW.date(), "told_at": NOW}
    with writing(world.leeds.node_db) as connection:
        connection.execute(
            insert(home_notice),
            [
                {**row, "number": f"{at:032x}", "stay": f"{at:032x}", "received_at": NOW}
                for at in range(60)
            ],
        )
    assert "by no placing authority: 60" in world.area()
    assert "See all 60" in world.area()
    assert world.duty.get(AREA).text.count("Ask the placing authority") == 10
    last = world.duty.get(f"{AREA}?show=alone&page=3").text
    assert last.count("Ask the placing authority") == 10


def said(**changes: object) -> Said:
    known = Said(LEWISHAM, *CHILD, date(2012, 4, 9), date(2026, 11, 18), URN)
    return replace(known, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({}, "certain"),
        ({"given_name": "QUILLFEATHER", "family_name": "Zébedee"}, "certain"),
        ({"starts_on": date(2026, 11, 21)}, "certain"),
        ({"starts_on": date(2026, 11, 22)}, "probable"),
        ({"urn": None}, "probable"),
        ({"born_on": None}, "probable"),
        ({"born_on": None, "family_name": "Quilfeather"}, None),
        ({"family_name": "Quilfeather"}, "probable"),
        ({"born_on": date(2012, 9, 4)}, "probable"),
        ({"born_on": date(2013, 4, 9)}, "probable"),
        ({"born_on": date(2013, 5, 9)}, None),
        ({"born_on": date(2013, 4, 9), "family_name": "Quilfeather"}, None),
        ({"given_name": "Rosalind"}, None),  # a twin
        ({"placing_authority": KENT}, None),
        ({"starts_on": date(2026, 6, 1)}, None),
    ],
)
def test_what_is_certain_probable_and_another_child(
    changes: dict[str, object], match: str | None
) -> None:
    found = compare(said(), said(**changes))
    assert (found.match if found else None) == match


def test_two_that_are_equally_certain_wait_for_a_person(world: World) -> None:
    world.notify()
    world.notify()
    world.tell()
    assert "What differs: several alike" in world.area()


# --- Whoever owes a notice is asked ---------------------------------------------------------------


def test_the_placing_authority_is_asked_without_a_name_and_answers(world: World) -> None:
    world.tell()
    number = world.told()
    asked = post(world.duty, f"{AREA}/placing/{number}/ask", f"{AREA}/{number}")
    assert "done=asked" in asked.location
    world.deliver()
    page = words_of(world.placing.get(PLACING))
    assert "Leeds asks for a notice" in page
    (here,) = set(re.findall(rf"{PLACING}/(\w+)", world.placing.get(PLACING).text))
    shown = words_of(post(world.placing, f"{PLACING}/{here}", f"{PLACING}/{here}", **WHY))
    assert "Z. Q." in shown
    assert "9 April 2012" in shown
    assert not any(name in shown for name in CHILD)
    answer = post(world.placing, f"{PLACING}/{here}/unknown", f"{PLACING}/{here}")
    assert answer.status_code == 303
    world.deliver()
    assert "They answered that they know of no such child: Cleo Reader" in world.area()


def test_the_home_is_asked_without_a_name_and_answers(world: World) -> None:
    notice = world.notify()
    asked = post(
        world.duty, f"{AREA}/home/{notice}/ask", f"/authorities/{LEEDS}/notices/received/{notice}"
    )
    assert "done=asked" in asked.location
    world.deliver()
    page = world.staff.get(LIST)
    assert "Lewisham says that it placed a child here on 18 November 2026" in words_of(page)
    assert not any(name in page.text for name in CHILD)
    (number,) = set(re.findall(rf"{LIST}/asked/(\w+)/unknown", page.text))
    assert post(world.staff, f"{LIST}/asked/{number}/unknown", LIST).status_code == 303
    world.deliver()
    assert "They answered that they know of no such child: Sam Sample" in world.area()


def test_who_has_no_node_is_asked_by_a_letter_that_names_nobody(world: World) -> None:
    world.one.suspend("lewisham-node")
    world.tell()
    number = world.told()
    asked = post(world.duty, f"{AREA}/placing/{number}/ask", f"{AREA}/{number}")
    letter = world.duty.get(asked.location)
    assert "Ask Lewisham by letter or email" in words_of(letter)
    assert not any(name in letter.text for name in (*CHILD, "2012"))
    assert "Asked by letter by Dora Duty" in world.area()
