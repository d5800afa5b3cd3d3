"""A provider's staff write what their homes publish, hand it in wherever those stand, and read what
became of it: here in Kent, and in Leeds on another node, whose words are not believed either.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex

import msgspec
import pytest
from sqlalchemy import select

from directory.app import create_app
from directory.arriving import receive
from directory.notices.arriving import receive as receive_notice
from directory.providers.handins import admitting
from directory.providers.handins.models import own_hand_in, provider_draft
from directory.providers.vouching.models import provider_home
from directory.providers.vouching.running import RunHome
from directory.providers.vouching.staff import Workplace
from directory.records.publishing.service import PROFILE_SOURCE, PROVIDER_SOURCE
from directory.records.release.held import held_records
from directory.records.release.models import held_record
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, OwnLog, deliver_due, follow, reading, writing
from protocols.errors import Malformed
from protocols.handins import (
    HandIn,
    HandInAnswer,
    HandInBody,
    HandInWithdrawal,
    StatementTold,
    encode_hand_in_body,
)
from protocols.kinds import Source
from protocols.messages import Message
from protocols.profiles import Answer, Profile
from protocols.records import Home, encode_record
from protocols.statements import Statement
from tests.databases import Databases
from tests.directory.acorn import CLAIMS, HERE, NEEDS, THERE, World, acorn, area_of
from tests.directory.people import form_token, signed_in
from tests.directory.post import Door
from tests.directory.providers import OURS, staff_of
from tests.directory.visiting import words_of
from tests.directory.worlds import (
    KENT,
    LEEDS,
    LEWISHAM,
    NOW,
    a_home,
    a_statement,
)

TODAY = NOW.date()


@pytest.fixture
def world(tmp_path: Path, database: Databases) -> Iterator[World]:
    with acorn(tmp_path, database) as one:
        yield one


def waiting(node: Node) -> list[str]:
    with reading(node.node_db) as connection:
        held = held_records(connection, node, operator("ada"), area_of(node))
    return [one.handed_in_name for one in held if one.returned_at is None]


def profile(urn: str = THERE, authority: str = LEEDS, **known: object) -> Profile:
    source = Source(PROVIDER_SOURCE, TODAY)
    made = Profile(urn, authority, source, summary="We sing.", answers=(Answer("adhd", "yes"),))
    return msgspec.structs.replace(made, **known)


def arrive(
    world: World,
    record: bytes | Home | Profile | Statement,
    *,
    claim: str = CLAIMS[THERE],
    sender: str = KENT,
    number: str = "",
    after: int = 0,
) -> str:
    """What a node that keeps to no rule sends, taken in as Leeds' inbox does; gives its id."""
    data = record if isinstance(record, bytes) else encode_record(record)
    body = encode_hand_in_body(HandIn(claim, "Mallory", msgspec.Raw(data)))
    drawn = number or token_hex(16)
    at = world.leeds.now() + timedelta(minutes=after)
    message = Message(1, drawn, sender, LEEDS, at, at, msgspec.Raw(body))
    with writing(world.leeds.node_db) as connection:
        receive(connection, world.leeds, message, at)
    return drawn


# --- Here and elsewhere, one workplace ------------------------------------------------------------


def test_what_is_handed_in_here_is_released_by_an_officer_and_the_staff_see_the_version(
    world: World,
) -> None:
    assert "Statement of purpose Nothing handed in" in world.shown(HERE)
    answer = world.hand_in(HERE)
    assert "A second person now reads what is new" in words_of(world.staff.get(answer.location))
    assert "Waits for release Handed in by Sam Sample" in world.shown(HERE)
    page = words_of(world.officer(world.kent).get(f"/authorities/{KENT}/releases"))
    assert "By Sam Sample, Acorn Care Ltd" in page
    assert world.decide(world.kent, "release").status_code == 303
    assert "Published Handed in by Sam Sample" in world.shown(HERE)
    assert "Not in this node’s copy of the log yet" in world.shown(HERE)
    world.publish()
    assert "Version 1 of kent-node, 20 November 2026 at 09:30, what members read now" in (
        world.shown(HERE)
    )
    assert NEEDS in words_of(world.staff.get(f"/homes/{HERE}/statement"))


@pytest.mark.both_databases(second_is_soak=True)
def test_what_is_handed_in_elsewhere_goes_there_and_its_outcome_comes_back(world: World) -> None:
    world.hand_in(THERE)
    assert "On its way to Leeds" in world.shown(THERE)
    world.deliver()
    assert "Waits for release" in world.shown(THERE)
    assert waiting(world.leeds) == ["Sam Sample, Acorn Care Ltd, through Kent"]
    assert world.decide(world.leeds, "return", reason="Say more\nof the staff.").status_code == 303
    world.deliver()
    assert "Returned Handed in by Sam Sample" in world.shown(THERE)
    assert "Say more of the staff." in world.shown(THERE)
    assert "Returned" in words_of(world.staff.get(OURS))
    assert "Our homes 1 came back" in words_of(world.staff.get("/"))
    world.hand_in(THERE, NEEDS + " Staff stay for years.")
    world.deliver()
    assert world.decide(world.leeds, "release").status_code == 303
    world.deliver()
    world.publish()
    shown = world.shown(THERE)
    assert "Version 1 of leeds-node" in shown
    assert shown.index("Published") < shown.index("Returned")
    assert "Staff stay for years." in words_of(world.staff.get(f"/homes/{THERE}/statement"))
    with reading(world.kent.node_db) as connection:
        kept = connection.execute(select(own_hand_in.c.outcome, own_hand_in.c.record)).all()
    assert [(row.outcome, bool(row.record)) for row in kept if row.outcome == "published"] == [
        ("published", False)
    ], "what is published is in the log alone, which can be made to destroy it"


def test_a_profile_is_a_draft_first_and_answers_by_code_are_published_at_once(
    world: World,
) -> None:
    page = f"{OURS}/{CLAIMS[THERE]}/profile"
    typed = {"met-adhd": "yes", "youngest": "9", "summary": "Born 3 March 2012."}
    assert world.post(THERE, "profile", **typed, draft="yes").location.endswith("done=draft")
    shown = world.staff.get(page)
    assert "Born 3 March 2012.</textarea>" in shown.text
    assert "Draft saved by Sam Sample" in words_of(shown)
    overtaken = world.post(THERE, "profile", **typed, mark="another’s", draft="yes")
    assert overtaken.status_code == 400
    assert "A colleague has saved or handed in something" in words_of(overtaken)
    refused = world.post(THERE, "profile", **typed)
    assert refused.status_code == 400
    assert 'href="#summary"' in refused.text
    typed |= {"oldest": "14", "summary": ""}
    assert world.post(THERE, "profile", **typed).location.endswith("done=handed-in")
    with reading(world.kent.node_db) as connection:
        assert connection.scalars(select(provider_draft.c.kind)).all() == []
    world.deliver()
    world.publish()
    assert "in its provider’s own words" in words_of(world.staff.get(f"/homes/{THERE}"))
    assert "Published" in world.shown(THERE)
    assert re.search('name="youngest"[^>]* value="9"', world.staff.get(page).text)


def test_a_node_that_knows_no_hand_ins_says_so(world: World) -> None:
    before = replace(world.leeds, receive=receive_notice)  # as 0.1.0 receives
    world.hand_in(THERE)
    deliver_due(world.kent, Door(before, world.kent.member))
    assert "The node of Leeds cannot take this yet: ask them" in world.shown(THERE)


def test_what_has_to_be_done_about_a_statement_is_shown_to_the_staff_of_the_home(
    world: World,
) -> None:
    old = date(2025, 11, 1)
    said = a_statement(THERE, {"needs": NEEDS}, authority=LEEDS, revised_on=old, reviewed_on=old)
    world.one.say("leeds-node", said)
    for shown in (words_of(world.staff.get(OURS)), world.shown(THERE)):
        assert "Ofsted is to be sent the revised statement by 29 November 2025: overdue" in shown
        assert "The statement is to be reviewed by 1 November 2026: overdue" in shown
    assert "Our statements of purpose 2 to be seen to, 2 overdue" in words_of(world.staff.get("/"))
    day = {"told_on-day": "2", "told_on-month": "11", "told_on-year": "2025"}
    assert world.post(THERE, "statement/ofsted", **day).status_code == 303
    assert "Ofsted is to be sent" not in words_of(world.staff.get(OURS))


def test_that_ofsted_was_sent_a_statement_is_told_to_the_other_side_of_the_claim(
    world: World,
) -> None:
    revised = date(2026, 11, 1)
    said = a_statement(
        THERE, {"needs": NEEDS}, authority=LEEDS, revised_on=revised, reviewed_on=revised
    )
    world.one.say("leeds-node", said)
    follow(world.leeds, world.leeds.member, OwnLog(world.leeds.node_db))
    officer, page = world.officer(world.leeds), f"/authorities/{LEEDS}/statements/{THERE}"
    day = {"told_on-day": "2", "told_on-month": "11", "told_on-year": "2026"}
    assert world.post(THERE, "statement/ofsted", **day).status_code == 303
    ours = f"{OURS}/{CLAIMS[THERE]}/statement"
    assert "On its way to Leeds" in words_of(world.staff.get(ours))
    world.deliver()
    assert "On its way to Leeds" not in words_of(world.staff.get(ours))
    assert "Ofsted was sent it on 2 November 2026" in words_of(officer.get(page))
    day |= {"told_on-day": "3", "csrf_token": form_token(officer, f"{page}/dates")}
    assert officer.post(f"{page}/ofsted", data=day).status_code == 303
    world.deliver()
    assert "Ofsted was sent it on 3 November 2026" in words_of(world.staff.get(ours))
    for body, sender in (
        (StatementTold("c" * 32, revised, revised, "Mallory"), KENT),
        (StatementTold(CLAIMS[THERE], revised, revised, "Mallory"), LEWISHAM),
        (StatementTold(CLAIMS[THERE], revised, date(2999, 1, 1), "Mallory"), KENT),
    ):
        with pytest.raises(Malformed):
            tell(world, body, sender)


def test_a_node_that_cannot_be_told_of_it_or_take_it_back_says_so(world: World) -> None:
    revised = date(2026, 11, 1)
    said = a_statement(
        THERE, {"needs": NEEDS}, authority=LEEDS, revised_on=revised, reviewed_on=revised
    )
    world.one.say("leeds-node", said)
    world.hand_in(THERE, NEEDS + " Staff stay for years.")
    world.deliver()
    withdraw(world)
    day = {"told_on-day": "2", "told_on-month": "11", "told_on-year": "2026"}
    world.post(THERE, "statement/ofsted", **day)
    before = replace(world.leeds, receive=receive_notice)  # as 0.1.0 receives
    deliver_due(world.kent, Door(before, world.kent.member))
    assert "cannot take it back yet: ask them to return it" in world.shown(THERE)
    ours = words_of(world.staff.get(f"{OURS}/{CLAIMS[THERE]}/statement"))
    assert "The node of Leeds cannot take this note yet: tell them yourself." in ours
    assert waiting(world.leeds), "and an officer there decides it as ever"


# --- Taken back -----------------------------------------------------------------------------------


@pytest.mark.both_databases(second_is_soak=True)
def test_what_waits_is_withdrawn_here_and_there_and_can_be_handed_in_again(world: World) -> None:
    for urn, node in ((HERE, world.kent), (THERE, world.leeds)):
        world.hand_in(urn)
        world.deliver()
        assert len(waiting(node)) == 1
        withdraw(world, urn)
        world.deliver()
        assert waiting(node) == []
        assert "Withdrawn Handed in by Sam Sample" in world.shown(urn)
        assert "/withdraw" not in world.staff.get(f"{OURS}/{CLAIMS[urn]}").text
        assert world.hand_in(urn).status_code == 303
        world.deliver()
        assert len(waiting(node)) == 1


def test_a_withdrawal_that_overtakes_what_it_takes_back_is_heeded_and_a_late_one_changes_nothing(
    world: World,
) -> None:
    tell(world, HandInWithdrawal(CLAIMS[THERE], "d" * 32), KENT)
    arrive(world, profile(), number="d" * 32, after=1)
    assert waiting(world.leeds) == []
    world.hand_in(THERE)
    world.deliver()
    world.decide(world.leeds, "release")
    withdraw(world)
    world.deliver()
    assert "Published" in world.shown(THERE)
    assert "it was answered before your withdrawal came" in world.shown(THERE)
    with pytest.raises(Malformed):
        tell(world, HandInWithdrawal("c" * 32, "d" * 32), KENT)
    world.hand_in(THERE, NEEDS + " Again.")
    world.deliver()
    with reading(world.kent.node_db) as connection:
        newest = connection.scalars(select(own_hand_in.c.id)).all()[-1]
    with pytest.raises(Malformed):
        tell(world, HandInWithdrawal(CLAIMS[THERE], newest), LEWISHAM)
    assert len(waiting(world.leeds)) == 1, "another authority takes nothing back"


def withdraw(world: World, urn: str = THERE) -> None:
    page = f"{OURS}/{CLAIMS[urn]}"
    there = re.findall(rf"{page}/handed-in/\w+/withdraw", world.staff.get(page).text)[0]
    assert "Withdraw: Statement of purpose" in words_of(world.staff.get(there))
    token = form_token(world.staff, there)
    assert world.staff.post(there, data={"csrf_token": token}).status_code == 303


def tell(world: World, body: HandInBody, sender: str) -> None:
    """What a node that keeps to no rule sends, taken in as Leeds' inbox does."""
    at, raw = world.leeds.now(), msgspec.Raw(encode_hand_in_body(body))
    with writing(world.leeds.node_db) as connection:
        message = Message(1, token_hex(16), sender, LEEDS, at, at, raw)
        receive(connection, world.leeds, message, at)


# --- Who may, and what is kept --------------------------------------------------------------------


def test_nobody_but_the_staff_of_the_home_s_provider_reaches_it(world: World) -> None:
    app = create_app(world.kent)
    rival = staff_of(app, world.kent, "Birch Homes")
    officer = signed_in(app, Role.COMMISSIONER, KENT)
    with writing(world.kent.node_db) as connection:
        connection.execute(
            provider_home.update().where(provider_home.c.urn == HERE).values(state="ended")
        )
    for page in ("", "/profile", "/statement", "/statement/file", "/statement/sections/needs"):
        assert rival.get(f"{OURS}/{CLAIMS[THERE]}{page}").status_code == 404
        assert officer.get(f"{OURS}/{CLAIMS[THERE]}{page}").status_code == 403
        assert world.staff.get(f"{OURS}/{CLAIMS[HERE]}{page}").status_code == 404, (
            "no longer theirs"
        )
    token = form_token(rival, OURS)
    for page in ("/profile", "/statement/hand-in", "/statement/discard"):
        sent = rival.post(f"{OURS}/{CLAIMS[THERE]}{page}", data={"csrf_token": token})
        assert sent.status_code == 404


def test_a_home_that_changes_hands_takes_drafts_and_what_waits_with_it(world: World) -> None:
    world.hand_in(THERE)
    world.deliver()
    officer, page = world.officer(world.leeds), f"/authorities/{LEEDS}/providers"
    (number,) = re.findall(r"claims/(\w+)/refuse", officer.get(page).text)
    token = form_token(officer, f"{page}/invite")
    said = {"csrf_token": token, "reason": "Sold\nin January."}
    officer.post(f"{page}/claims/{number}/refuse", data=said)
    assert waiting(world.leeds) == []
    arrive(world, profile())
    assert waiting(world.leeds) == [], "from a node that has not heard of it"
    world.deliver()
    with reading(world.kent.node_db) as connection:
        assert connection.scalars(select(provider_draft.c.claim)).all() == []
        assert connection.scalars(select(own_hand_in.c.id)).all() == []
    assert "Ended" in words_of(world.staff.get(OURS))


def test_the_officers_draft_and_the_provider_s_are_apart_and_neither_overtakes_what_waits(
    world: World,
) -> None:
    officer, page = world.officer(world.kent), f"/authorities/{KENT}/statements/{HERE}"
    world.hand_in(HERE)
    assert NEEDS not in officer.get(f"{page}/sections/needs").text
    token = form_token(officer, f"{page}/dates")
    days = {
        f"{which}_on-{part}": value
        for which in ("revised", "reviewed")
        for part, value in (("day", "19"), ("month", "11"), ("year", "2026"))
    }
    officer.post(f"{page}/sections/needs", data={"csrf_token": token, "text": "The authority’s."})
    officer.post(f"{page}/dates", data={"csrf_token": token, **days})
    officer.post(f"{page}/hand-in", data={"csrf_token": token})
    assert "takes the place of yours" in world.shown(HERE)
    answer = world.hand_in(HERE, NEEDS + " Still.")
    assert answer.status_code == 409
    assert "has a version of its own that waits for release" in words_of(answer)
    assert waiting(world.kent) == ["Cleo Reader"]


def test_what_was_written_is_sealed_and_each_step_is_in_the_audit(world: World) -> None:
    world.hand_in(THERE, "Xylophones for everybody.")
    world.deliver()
    for node in (world.kent, world.leeds):
        raw = b"".join(one.read_bytes() for one in node.folder.glob("*.db*"))
        assert b"ylophone" not in raw
    world.decide(world.leeds, "release")
    world.deliver()
    steps = {}
    for node in (world.kent, world.leeds):
        with reading(node.node_db) as connection:
            rows = connection.execute(select(audit_row).order_by(audit_row.c.seq)).all()
        steps[node.name] = [(row.who, row.action, row.authority) for row in rows]
    assert ("node:leeds-node", "receive what became of a record that was handed in", KENT) in (
        steps["kent-node"]
    )
    assert "write what a provider's own homes publish" in [one[1] for one in steps["kent-node"]]
    assert ("node:kent-node", "hand in a record for publication", LEEDS) in steps["leeds-node"]


# --- Hostile senders ------------------------------------------------------------------------------

REFUSED = {
    "no claim": (profile(), {"claim": "c" * 32}, "has not confirmed"),
    "another's claim": (profile(), {"sender": LEWISHAM}, "has not confirmed"),
    "a claim to a home in Kent": (profile(), {"claim": CLAIMS[HERE]}, "has not confirmed"),
    "another home": (profile("SC200002"), {}, "another home than the one that was claimed"),
    "another area": (profile(THERE, KENT), {}, "another home than the one that was claimed"),
    "a home's record": (a_home(THERE, authority=LEEDS), {}, "profiles and statements of purpose"),
    "an unknown kind": (b'{"schema":"charm/1"}', {}, "cannot read it"),
    "no canonical form": (encode_record(profile()).replace(b",", b", ", 1), {}, "cannot read it"),
    "too long": (b'"' + b"x" * 65_536 + b'"', {}, "longer than a record"),
    "as if the authority said so": (
        profile(source=Source(PROFILE_SOURCE, TODAY)),
        {},
        "own words",
    ),
    "the future": (profile(source=Source(PROVIDER_SOURCE, date(2999, 1, 1))), {}, "in the future"),
    "a child": (profile(summary="The boy was born on 3 March 2012."), {}, "characters"),
    "the door": (profile(summary="Opposite the park, at LS1 4AP."), {}, "characters"),
}


def test_what_a_hostile_node_hands_in_is_refused_with_a_reason_that_goes_back(
    world: World,
) -> None:
    for what, (record, known, why) in REFUSED.items():
        number = arrive(world, record, **known)  # type: ignore[arg-type]
        assert waiting(world.leeds) == [], what
        if "sender" not in known:
            handed_in(world, number)
            world.deliver()
            with reading(world.kent.node_db) as connection:
                mine = select(own_hand_in.c.outcome).where(own_hand_in.c.id == number)
                assert connection.scalar(mine) == "refused", what
            assert why in world.shown(THERE), what


def handed_in(world: World, number: str) -> None:
    """As if Kent's own pages had let it through."""
    from directory.providers.handins.own import keep_hand_in

    with writing(world.kent.node_db) as connection:
        keep_hand_in(
            connection,
            world.kent,
            operator("ada"),
            hand_in=number,
            home=RunHome(CLAIMS[THERE], Workplace(KENT, "Acorn Care Ltd"), THERE, LEEDS),
            kind="profile",
            content=encode_record(profile()),
            is_record=True,
        )


def test_no_more_is_taken_of_one_home_in_a_day_than_its_staff_could_write(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admitting, "MOST_A_DAY", 3)
    for number in range(4):
        arrive(world, profile(staff=number, summary=None))
    with reading(world.leeds.node_db) as connection:
        actions = connection.scalars(select(audit_row.c.action)).all()
    assert actions.count("refuse a record that was handed in") == 1
    later = replace(world.leeds, now=lambda: NOW + timedelta(days=1, minutes=1))
    object.__setattr__(world.leeds, "now", later.now)
    arrive(world, profile(staff=99, summary=None))
    with reading(world.leeds.node_db) as connection:
        actions = connection.scalars(select(audit_row.c.action)).all()
    assert actions.count("refuse a record that was handed in") == 1


def test_the_same_message_twice_waits_once_and_an_answer_that_was_overtaken_changes_nothing(
    world: World,
) -> None:
    world.hand_in(THERE)
    door = Door(world.leeds, world.kent.member)
    seen: list[tuple[str, bytes]] = []

    class Twice(Door):
        def deliver(self, gss: str, sealed: bytes) -> str:
            seen.append((gss, sealed))
            return super().deliver(gss, sealed)

    deliver_due(world.kent, Twice(world.leeds, world.kent.member))
    ((gss, sealed),) = seen
    assert door.deliver(gss, sealed) == door.deliver(gss, sealed)
    with reading(world.leeds.node_db) as connection:
        assert len(connection.scalars(select(held_record.c.id)).all()) == 1
    with reading(world.kent.node_db) as connection:
        number = str(connection.scalar(select(own_hand_in.c.id)))
    for outcome, after in (("returned", 2), ("published", 1)):
        answered(world, number, outcome, after)
    assert "Returned" in world.shown(THERE)
    with pytest.raises(Malformed):
        answered(world, number, "published", 3, sender=LEWISHAM)
    with pytest.raises(Malformed):
        answered(world, "f" * 32, "published", 3)


def test_what_is_overtaken_on_the_way_does_not_take_the_place_of_what_was_written_later(
    world: World,
) -> None:
    arrive(world, profile(summary="The later."), after=2)
    number = arrive(world, profile(summary="The earlier."), after=1)
    handed_in(world, number)
    world.deliver()
    with reading(world.leeds.node_db) as connection:
        (held,) = held_records(connection, world.leeds, operator("ada"), LEEDS)
    assert isinstance(held.record, Profile)
    assert held.record.summary == "The later."
    assert "came before it, and stands" in world.shown(THERE)


def answered(world: World, number: str, outcome: str, after: int, sender: str = LEEDS) -> None:
    at = NOW + timedelta(minutes=after)
    body = encode_hand_in_body(HandInAnswer(number, outcome, at, "So."))  # type: ignore[arg-type]
    message = Message(1, token_hex(16), sender, KENT, at, at, msgspec.Raw(body))
    with writing(world.kent.node_db) as connection:
        receive(connection, world.kent, message, at)
