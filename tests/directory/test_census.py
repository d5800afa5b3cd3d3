"""Leeds asks every home in its area how many live there: Acorn's, whose staff are in Kent, by its
node; the others by a link or on paper. What they answer is set against the register.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from typing import TypeAlias

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, update
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.arriving import receive
from directory.hosting.census.answers import take_answer
from directory.hosting.census.comparing import Difference, totals
from directory.hosting.census.mailing import MailHomes
from directory.hosting.census.models import census, census_asked, census_home, home_contact
from directory.hosting.homes.models import home_notice, home_resident
from directory.node.running.emailing import RETURNED
from directory.notices.models import received_notice
from directory.providers.vouching.models import home_claim, provider_home
from directory.records.unredacted.models import unredacted
from directory.security.mail.models import mail_out
from directory.security.mail.notify import NotifyMailer
from directory.security.mail.watching import WatchMail
from directory.security.rights.roles import Role
from directory.security.vault.service import Vault
from federation import reading, writing
from protocols.census import CensusAnswer, CensusCount, encode_census_body
from protocols.errors import Malformed
from protocols.messages import Message
from tests.databases import Databases
from tests.directory.notify_service import NotifyService, notify_service
from tests.directory.people import signed_in
from tests.directory.providers import OURS, staff_of
from tests.directory.test_home_notices import CLAIM, URN, World, post
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM, NOW, a_home, consortium

pytestmark = pytest.mark.both_databases(second_is_soak=True)
OTHER = "SC200002"
Notify: TypeAlias = tuple[NotifyService, NotifyMailer]
PAGE = f"/authorities/{LEEDS}/census"
HOMES = {
    "leeds-node": [
        a_home(URN, name="Ash House", places=4, authority=LEEDS, provider="Acorn Care Ltd"),
        a_home(OTHER, name="Elm House", places=4, authority=LEEDS),
    ]
}
DAYS = {"day": "20", "month": "11", "year": "2026"}
BEGIN = {f"as_at-{part}": value for part, value in DAYS.items()} | {
    f"answer_by-{part}": value for part, value in (DAYS | {"day": "30"}).items()
}
NUMBERS = {"authority-1": "Lewisham", "children-1": "2", "adults-1": "1"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, database_once: Databases) -> Iterator[World]:
    with consortium(tmp_path_factory.mktemp("consortium"), HOMES, database_once) as one:
        leeds = one.nodes["leeds-node"]
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
        duty = signed_in(create_app(leeds), Role.DUTY_OFFICER, LEEDS, name="Dora Duty")
        yield World(one, staff_of(create_app(one.reader), one.reader), duty, duty)


@pytest.fixture
def world(built: World) -> World:
    """No census, and nobody lives anywhere."""
    tables = (census, census_home, census_asked, home_resident, home_notice, received_notice)
    tables += (home_contact, mail_out, unredacted)
    for node in built.one.nodes.values():
        with writing(node.node_db) as connection:
            for table in tables:
                connection.execute(delete(table))
    return built


@pytest.fixture(scope="module")
def notify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notify]:
    with notify_service(tmp_path_factory.mktemp("notify")) as one:
        yield one


def begin(world: World) -> str:
    """Asks every home; gives the census's address."""
    there = post(world.duty, PAGE, PAGE, **BEGIN).location.partition("?")[0]
    world.deliver()
    return str(there)


def ours(there: str) -> str:
    return f"{OURS}/{CLAIM}/census/{there.rpartition('/')[2]}"


def link_of(world: World, there: str) -> str:
    made = post(world.duty, f"{there}/links", there).text
    (token,) = re.findall(r"/census/([\w-]{43})", made)
    return f"/census/{token}"


def by_link(world: World, link: str, **fields: str) -> tuple[FlaskClient, TestResponse]:
    browser = create_app(world.leeds).test_client()
    return browser, post(browser, link, link, **({"by": "Mo Manager"} | fields))


def test_every_home_is_asked_by_one_action_and_what_differs_from_the_register_is_shown(
    world: World,
) -> None:
    world.tell()
    world.notify()
    there = begin(world)
    assert "0 of 2 homes have answered" in words_of(world.duty.get(there))
    listed = words_of(world.staff.get(f"{OURS}/{CLAIM}/residents"))
    assert "Leeds asks how many lived here on 20 November 2026" in listed
    form = world.staff.get(ours(there)).text
    assert 'value="Lewisham"' in form  # filled in from the home's own list
    assert post(world.staff, ours(there), ours(there), **NUMBERS).status_code == 303
    world.deliver()
    shown = words_of(world.duty.get(there))
    assert "1 of 2 homes have answered" in shown
    assert "Ash House, URN SC200001 Lewisham 3 1 1" in shown
    post(world.staff, ours(there), ours(there), **(NUMBERS | {"children-1": "1", "adults-1": ""}))
    world.deliver()
    shown = words_of(world.duty.get(there))
    assert "Differs from the register: 0" in shown
    assert "1 agree" in shown


def test_a_home_without_a_node_answers_by_a_link_or_on_paper(world: World) -> None:
    there = begin(world)
    assert "Elm House" in world.duty.get(f"{there}/forms").text
    link = link_of(world, there)
    _, answer = by_link(world, link, **NUMBERS)
    assert "Thank you. Leeds has the numbers." in words_of(answer)
    shown = words_of(world.duty.get(there))
    assert "Elm House, URN SC200002 Lewisham 3 0 0" in shown
    assert "Mo Manager" in shown
    (number,) = re.findall(rf"{there}/homes/(\w+)\">Elm", world.duty.get(there).text)
    page = f"{there}/homes/{number}"
    assert 'value="2"' in world.duty.get(page).text
    assert post(world.duty, page, page, **{"authority-1": "leeds", "children-1": "4"}).location
    assert "Dora Duty, for the home" in words_of(world.duty.get(there))


def test_homes_without_a_notice_say_themselves_who_lives_there_and_by_what(world: World) -> None:
    page = f"/authorities/{LEEDS}/homes-without-notice"
    shown = words_of(world.duty.get(page))
    assert shown.count("Never Nothing") == 2
    world.tell()
    there = begin(world)
    by_link(world, link_of(world, there), **{"authority-1": "Leeds", "children-1": "2"})
    shown = words_of(world.duty.get(page))
    told = "1 child of other authorities, by a notice of its own on 20 November 2026"
    assert f"Ash House Children's home 4 Never Not told {told} Elm House" in shown
    assert "Never None of other authorities, to a census on 20 November 2026" in shown
    post(world.staff, ours(there), ours(there), **NUMBERS)
    world.deliver()
    said = "Not told 3 children of other authorities, to a census on 20 November 2026"
    assert said in words_of(world.duty.get(page))
    world.notify()
    assert "Ash House" not in words_of(world.duty.get(page))


def test_a_link_ends_with_the_next_one_after_28_days_and_with_the_census(world: World) -> None:
    there = begin(world)
    first = link_of(world, there)
    second = link_of(world, there)
    browser = create_app(world.leeds).test_client()
    assert browser.get(first).status_code == 404
    assert browser.get(second).status_code == 200
    assert browser.get(f"/census/{'x' * 43}").status_code == 404
    with writing(world.leeds.node_db) as connection:
        connection.execute(update(census_home).values(link_ends_at=NOW))
    assert browser.get(second).status_code == 404
    third = link_of(world, there)
    post(world.duty, f"{there}/do/close", there)
    assert browser.get(third).status_code == 404
    assert "Closed on 20 November 2026" in words_of(world.duty.get(there))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"authority-1": "Narnia", "children-1": "1"}, "Row 1: choose the authority"),
        (NUMBERS | {"children-1": "-1"}, "numbers must be whole"),
        (NUMBERS | {"children-1": "1000"}, "numbers must be whole"),
        (NUMBERS | {"authority-2": "E09000023", "children-2": "1"}, "stands in another row"),
        (NUMBERS | {"by": ""}, "Enter your name"),
    ],
)
def test_numbers_that_cannot_be_read_are_not_taken(
    world: World, typed: dict[str, str], said: str
) -> None:
    there = begin(world)
    _, answer = by_link(world, link_of(world, there), **typed)
    assert answer.status_code == 400
    assert said in words_of(answer)
    assert "0 of 2 homes" in words_of(world.duty.get(there))


def test_reminders_reach_whoever_has_not_answered_and_a_second_census_waits(world: World) -> None:
    there = begin(world)
    again = post(world.duty, PAGE, there, **BEGIN)
    assert "A census is open already" in words_of(again)
    post(world.duty, f"{there}/do/remind", there)
    world.deliver()
    assert "asked by its node, reminded on 20 November 2026" in words_of(world.duty.get(there))
    assert world.staff.get(ours(there)).status_code == 200


def test_an_asking_and_its_reminder_may_come_at_once(world: World) -> None:
    there = post(world.duty, PAGE, PAGE, **BEGIN).location.partition("?")[0]
    for _ in range(3):
        post(world.duty, f"{there}/do/remind", there)
    world.deliver()
    assert world.staff.get(ours(there)).status_code == 200


def test_the_csv_has_the_comparison_and_no_formula_runs(world: World) -> None:
    there = begin(world)
    by_link(world, link_of(world, there), **NUMBERS)
    saved = post(world.duty, f"{there}/export", there)
    assert saved.text.splitlines()[1] == '"SC200002","Lewisham",3,0,0,"yes"'
    assert "census.csv" in saved.headers["Content-Disposition"]


def test_a_hostile_answer_is_refused_and_one_that_was_overtaken_changes_nothing(
    world: World,
) -> None:
    there = begin(world)
    number = there.rpartition("/")[2]
    for sender, of, claim in ((LEWISHAM, number, CLAIM), (KENT, "f" * 32, CLAIM)):
        body = CensusAnswer(of, claim, (), "Mallory", NOW, purpose="x", lawful_basis="x")
        raw = msgspec.Raw(encode_census_body(body))
        message = Message(1, token_hex(16), sender, LEEDS, NOW, NOW, raw)
        with pytest.raises(Malformed), writing(world.leeds.node_db) as connection:
            receive(connection, world.leeds, message, NOW)
    known = {"area": LEEDS, "of": number, "claim": CLAIM, "through": KENT, "by": "Kim"}
    with writing(world.leeds.node_db) as connection:
        for minutes, children in ((5, 3), (1, 9)):
            at = NOW + timedelta(minutes=minutes)
            counts = [CensusCount(LEWISHAM, children)]
            assert take_answer(connection, world.leeds, **known, counts=counts, at=at)
    assert "Ash House, URN SC200001 Lewisham 3" in words_of(world.duty.get(there))


def test_numbers_are_the_areas_own_and_small_ones_are_told_to_nobody(world: World) -> None:
    there = begin(world)
    app = create_app(world.leeds)
    for role in (Role.PROVIDER, Role.AUTHORITY_ADMINISTRATOR, Role.GOVERNANCE_OFFICER):
        assert signed_in(app, role, LEEDS).get(there).status_code == 403
    lines = [
        Difference(URN, LEWISHAM, 7, 0, 0, is_own=False),
        Difference(OTHER, LEWISHAM, 5, 0, 0, is_own=False),
        Difference(OTHER, KENT, 4, 0, 0, is_own=False),
    ]
    assert totals(lines) == [(LEWISHAM, 10), (KENT, None)]


def test_answers_are_sealed(world: World) -> None:
    there = begin(world)
    by_link(world, link_of(world, there), **NUMBERS)
    with reading(world.leeds.node_db) as connection:
        (sealed,) = connection.scalars(
            census_home.select()
            .with_only_columns(census_home.c.counts)
            .where(census_home.c.urn == OTHER)
        )
    assert LEWISHAM.encode() not in sealed


def test_a_home_whose_address_is_known_is_asked_by_email_and_what_comes_back_is_shown(
    world: World, notify: Notify
) -> None:
    service, mailer = notify
    with writing(world.leeds.node_db) as connection:
        facts = msgspec.json.encode({"URN": OTHER, "Provider email address": "Elm@Homes.example"})
        sealed = Vault(connection, world.leeds).seal("unredacted", "facts", OTHER, facts)
        row = {"urn": OTHER, "authority_gss": LEEDS, "facts": sealed, "imported_at": NOW}
        connection.execute(insert(unredacted).values(row))
    there = begin(world)
    write = MailHomes(mailer, "http://localhost")
    write(world.leeds)
    write(world.leeds)
    to, subject, text = service.came.get_nowait()
    assert service.came.empty(), "once"
    assert to == "elm@homes.example"
    assert "by 30 November 2026" in text
    assert "elm" not in (subject + text).lower()
    page = words_of(world.duty.get(there))
    assert "a link was sent by email on 20 November 2026" in page
    assert "elm@homes" not in page.lower(), "it is of the list, and shown to nobody"
    first = text.partition("http://localhost")[2].split()[0]
    made = post(world.duty, f"{there}/links", there).text
    assert not re.findall(r"/census/[\w-]{43}", made), "the link that was sent goes on"

    (number,) = re.findall(rf"{there}/homes/(\w+)\">Elm", world.duty.get(there).text)
    home = f"{there}/homes/{number}"
    assert post(world.duty, home, home, email="no address").status_code == 400
    assert post(world.duty, home, home, email="nobody@elm.example").status_code == 303
    write(world.leeds)
    to, _, text = service.came.get_nowait()
    assert to == "nobody@elm.example"
    browser = create_app(world.leeds).test_client()
    assert browser.get(first).status_code == 404, "the next email ends the link before"
    later = replace(world.leeds, now=lambda: NOW + timedelta(minutes=2))
    WatchMail(mailer, RETURNED)(later)
    shown = words_of(world.duty.get(there))
    assert "the email did not arrive. Their mail server knows no such address" in shown

    post(world.duty, home, home, email="elm@elm.example")
    post(world.duty, f"{there}/do/remind", there)
    write(world.leeds)
    _, _, text = service.came.get_nowait()
    _, answer = by_link(world, text.partition("http://localhost")[2].split()[0], **NUMBERS)
    assert "Thank you" in words_of(answer)
    post(world.duty, f"{there}/do/remind", there)
    write(world.leeds)
    assert service.came.empty(), "who has answered is asked no more"


def test_an_email_that_waits_does_not_leave_once_the_census_is_closed(
    world: World, notify: Notify
) -> None:
    there = begin(world)
    (number,) = re.findall(rf"{there}/homes/(\w+)\">Elm", world.duty.get(there).text)
    post(world.duty, f"{there}/homes/{number}", there, email="elm@elm.example")
    MailHomes(None, "http://localhost")(world.leeds)
    assert "This node sends no email" in words_of(world.duty.get(there))
    post(world.duty, f"{there}/do/close", there)
    later = replace(world.leeds, now=lambda: NOW + timedelta(minutes=5))
    MailHomes(notify[1], "http://localhost")(later)
    assert notify[0].came.empty()
