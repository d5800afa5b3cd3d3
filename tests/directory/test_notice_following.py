"""What follows a notice: said on one side, known on both, and refused from anybody else."""

import re
import secrets
from contextlib import suppress
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import delete, insert, select, update

from directory.app import create_app
from directory.notices.breaches.models import notice_breach
from directory.notices.errors import AlreadyWithdrawn, EndsBeforeStart, NoSuchNotice, NothingChanged
from directory.notices.following.asking import answer_withdrawal, ask
from directory.notices.following.saying import Changes, Saying
from directory.notices.models import received_notice, sent_notice
from directory.notices.now import Now, Side, now_of
from directory.notices.sent import send_notice
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, deliver_due, dispatches, queue, reading, tables, writing
from federation.inbox import receive
from protocols.notices import Child, Contact, Placement
from protocols.placements import PlacementBody, encode_placement_body
from tests.directory.correspondence import AREA, PLACING, Correspondence
from tests.directory.people import signed_in
from tests.directory.post import Door
from tests.directory.test_notice_pages import submit
from tests.directory.visiting import words_of
from tests.directory.worlds import LEWISHAM
from tests.federation.worlds import a_notice
from tests.protocols.factories import (
    answer,
    notice_two,
    placement_change,
    question,
    withdrawal_answer,
)

WHO = operator("test")
NEW_WORKER = Contact("Ines Brandt", "Social worker", "01632 960104")
CALL = Contact("Dana Duty", "Duty officer", "0113 496 0000")
WORKER = {
    "kind": "change",
    "since-day": "5",
    "since-month": "12",
    "since-year": "2026",
    "social_worker_name": "Ines Brandt",
    "social_worker_telephone": "01632 960104",
}
CALLED = {"name": "Kim Lee", "role": "Officer", "telephone": "01632 960105"}
WITHDRAWN = {**CALLED, "why": "wrong authority"}
ENDED = {
    "ended_on": date(2026, 12, 20),
    "planned": False,
    "given_by": "home or carer",
    "why": "behaviour",
}


@pytest.fixture(scope="module")
def commissioner(post: Correspondence) -> FlaskClient:
    return signed_in(create_app(post.placing), Role.COMMISSIONER, PLACING, name="Carol")


@pytest.fixture(scope="module")
def area_app(post: Correspondence) -> Flask:
    return create_app(post.area)


@pytest.fixture(scope="module")
def officer(area_app: Flask) -> FlaskClient:
    return signed_in(area_app, Role.DUTY_OFFICER, AREA, name="Olu Officer")


@pytest.fixture
def notice(post: Correspondence) -> str:
    """One that has arrived."""
    return send(post)


def send(post: Correspondence) -> str:
    with writing(post.placing.node_db) as connection:
        made = send_notice(connection, post.placing, WHO, a_notice(), placing=PLACING, area=AREA)
    post.deliver()
    return made


def now(node: Node, side: Side, notice: str) -> Now:
    table = sent_notice if side == "sent" else received_notice
    with reading(node.node_db) as connection:
        row = connection.execute(select(table).where(table.c.id == notice)).one()
        return now_of(connection, node, side, row)


def same(post: Correspondence, notice: str) -> Now:
    """What both sides know of it, which is the same."""
    here, there = now(post.placing, "sent", notice), now(post.area, "received", notice)
    for name in ("says", "expected_end", "ending", "withdrawal", "containment", "asked", "number"):
        assert getattr(here, name) == getattr(there, name)
    return there


def sent_by_hand(post: Correspondence, sender: Node, body: PlacementBody, by: str, to: str) -> str:
    """What becomes of a body that a node sends, whatever its own rules say."""
    with writing(sender.node_db) as connection:
        made = queue(connection, sender, sender=by, recipient=to, body=encode_placement_body(body))
    recipient = post.area if to == AREA else post.placing
    deliver_due(sender, Door(recipient, sender.member))
    with reading(sender.node_db) as connection:
        went = dispatches(connection, [made])[made]
    return f"{went.state} {went.problem}"


def test_a_change_is_sent_and_shown_with_old_and_new_on_both_sides(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient, notice: str
) -> None:
    page = f"/authorities/{PLACING}/notices/sent/{notice}/say/change"
    assert submit(commissioner, page, WORKER).status_code == 303
    post.deliver()
    assert same(post, notice).says.social_worker == NEW_WORKER
    there = f"/authorities/{AREA}/notices/received/{notice}"
    before = words_of(officer.get(there))
    assert "Change" in before
    assert "Ines" not in before
    opened = submit(officer, there, {"reason": "To compare it with our register"})
    assert re.search("Sam Sample.*Ines Brandt", words_of(opened), re.DOTALL)


def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(
    commissioner: FlaskClient, notice: str
) -> None:
    page = f"/authorities/{PLACING}/notices/sent/{notice}/say/"
    nothing = submit(commissioner, page + "change", {**WORKER, "social_worker_name": ""})
    assert nothing.status_code == 400
    assert "Social worker: enter the name, too" in words_of(nothing)
    assert "01632 960104" in nothing.text
    elsewhere = {**WORKER, "urn": "SC100001", "address": "2 Other Lane"}
    assert "in another area" in words_of(submit(commissioner, page + "change", elsewhere))
    assert submit(commissioner, page + "end", {"planned": "perhaps"}).status_code == 400
    assert commissioner.get(page + "destroy").status_code == 404


def test_what_makes_no_sense_is_not_sent(post: Correspondence, notice: str) -> None:
    node = post.placing
    with writing(node.node_db) as connection:
        saying = Saying(connection, node, WHO, placing=PLACING, notice=notice)
        same_worker = Changes("change", date(2026, 12, 5), {}, {}, {"legal_status": "section 31"})
        with pytest.raises(NothingChanged):
            saying.change(same_worker)
        with pytest.raises(EndsBeforeStart):
            saying.end(**{**ENDED, "ended_on": date(2026, 11, 1)})
        saying.withdraw(why="sent twice", contact=CALL)
        with pytest.raises(AlreadyWithdrawn):
            Saying(connection, node, WHO, placing=PLACING, notice=notice).end(**ENDED)


def test_a_form_that_is_sent_twice_sends_one_message(post: Correspondence, notice: str) -> None:
    node, form = post.placing, secrets.token_urlsafe(16)
    for _ in range(2):
        with writing(node.node_db) as connection:
            Saying(connection, node, WHO, placing=PLACING, notice=notice, form=form).end(**ENDED)
    assert len(now(node, "sent", notice).steps) == 1


def test_a_question_is_answered_behind_a_reason(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient, notice: str
) -> None:
    asked = {
        "text": "Which school is it?",
        "name": "Olu",
        "role": "Duty",
        "telephone": "01632 960109",
    }
    page = f"/authorities/{AREA}/notices/received/{notice}/ask"
    assert submit(officer, page, asked).status_code == 303
    post.deliver()
    (one,) = same(post, notice).open_questions
    ours = f"/authorities/{PLACING}/notices/sent/{notice}"
    assert "Which school" not in commissioner.get(ours).text
    opened = submit(commissioner, ours, {"reason": "To answer a question from the area authority"})
    assert "Which school is it?" in words_of(opened)
    reply = {**asked, "text": "The one by the park."}
    assert submit(commissioner, f"{ours}/questions/{one.message}", reply).status_code == 303
    post.deliver()
    assert not same(post, notice).open_questions


def test_an_ending_shows_whether_it_was_told_in_time(
    post: Correspondence, officer: FlaskClient, notice: str
) -> None:
    with writing(post.placing.node_db) as connection:
        Saying(connection, post.placing, WHO, placing=PLACING, notice=notice).end(**ENDED)
    post.deliver()
    there = f"/authorities/{AREA}/notices/received/{notice}"
    opened = words_of(submit(officer, there, {"reason": "To compare it with our register"}))
    assert "before the placement ended: in time (regulation 14)" in opened
    with reading(post.area.node_db) as connection:
        row = connection.execute(
            select(received_notice.c.ended_on, received_notice.c.starts_on).where(
                received_notice.c.id == notice
            )
        ).one()
    assert tuple(row) == (date(2026, 12, 20), date(2026, 12, 1))


def test_of_a_child_who_died_a_peer_reads_words_and_each_side_notes_its_own(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient, notice: str
) -> None:
    page = f"/authorities/{PLACING}/notices/sent/{notice}/say/end"
    day = {"ended_on-day": "17", "ended_on-month": "11", "ended_on-year": "2026"}
    ahead = submit(commissioner, page, {**day, "ended_on-month": "12", "why": "died"})
    assert "must be today or in the past" in words_of(ahead)
    assert submit(commissioner, page, {**day, "why": "died"}).status_code == 303
    post.deliver()
    ending = same(post, notice).ending
    assert ending
    assert (ending.why, ending.given_by, ending.said) == ("other", "nobody", "The child has died.")
    ours = f"/authorities/{PLACING}/notices/sent/{notice}"
    why = {"reason": "To answer a question from the area authority"}
    assert "The child died on 17 November 2026" in words_of(submit(commissioner, ours, why))
    there = f"/authorities/{AREA}/notices/received/{notice}"
    why = {"reason": "To compare it with our register"}
    assert "The child has died." in words_of(submit(officer, there, why))
    noted = {f"died_on-{part}": day[f"ended_on-{part}"] for part in ("day", "month", "year")}
    wrong = submit(officer, f"{there}/died", {**noted, "died_on-year": "2027"})
    assert "must be today or in the past" in words_of(wrong)
    assert submit(officer, f"{there}/died", noted).status_code == 303
    assert "The child died on 17 November 2026" in words_of(submit(officer, there, why))
    assert "17 November" not in officer.get(f"{there}/died").text, "behind a reason alone"
    assert submit(officer, f"{there}/died", {}).status_code == 303
    assert "The child died on" not in words_of(submit(officer, there, why)), "by mistake"


def test_a_notice_to_the_wrong_authority_is_marked_and_opens_a_breach_on_both_sides(
    post: Correspondence,
    commissioner: FlaskClient,
    officer: FlaskClient,
    area_app: Flask,
    notice: str,
) -> None:
    there = f"/authorities/{AREA}/notices/received/{notice}"
    submit(officer, there, {"reason": "To compare it with our register"})
    page = f"/authorities/{PLACING}/notices/sent/{notice}/say/withdraw"
    assert submit(commissioner, page, WITHDRAWN).status_code == 303
    post.deliver()
    assert "It must not be used" in words_of(officer.get(there))
    assert submit(officer, there, {"reason": "To compare it with our register"}).status_code == 200
    governance = signed_in(area_app, Role.GOVERNANCE_OFFICER, AREA, name="Gov")
    breaches = f"/authorities/{AREA}/breaches"
    (one,) = re.findall(rf'href="({breaches}/[0-9a-f]{{32}})"', governance.get(breaches).text)
    assert "Olu Officer" in words_of(governance.get(one))
    too_early = submit(governance, f"{one}/close", {"found": "A wrong code."}, at=one)
    assert too_early.status_code == 400
    became = {
        "passed_on": "no",
        "contained": "yes",
        "said": "Both prints were shredded.",
        **CALLED,
    }
    assert submit(officer, f"{there}/contained", became).status_code == 303
    post.deliver()
    assert same(post, notice).containment is not None
    decided = {"reported": "no", "why_not": "Two colleagues bound by the same duty have seen it."}
    assert submit(governance, f"{one}/decide", decided, at=one).status_code == 303
    assert submit(governance, f"{one}/close", {"found": "A wrong code."}, at=one).status_code == 303
    for node, authority in ((post.placing, PLACING), (post.area, AREA)):
        with reading(node.node_db) as connection:
            row = connection.execute(
                select(notice_breach).where(notice_breach.c.authority == authority)
            ).one()
        assert row.contained_at is not None
    assert row.closed_by == "Gov"


def test_what_is_about_a_notice_that_is_not_the_signers_is_refused(
    post: Correspondence, notice: str
) -> None:
    refused = "refused malformed"
    lewisham, kent, leeds = post.world.nodes["lewisham-node"], post.placing, post.area
    assert sent_by_hand(post, lewisham, placement_change(notice=notice), LEWISHAM, AREA) == refused
    for body in (question(notice="f" * 32), withdrawal_answer(notice=notice)):
        assert sent_by_hand(post, leeds, body, AREA, PLACING) == refused
    assert sent_by_hand(post, kent, answer(notice=notice), PLACING, AREA) == refused
    assert not now(leeds, "received", notice).steps


def test_what_overtakes_its_notice_is_put_off_and_told_again(post: Correspondence) -> None:
    went = sent_by_hand(post, post.placing, placement_change(notice="e" * 32), PLACING, AREA)
    assert went.startswith("waiting")
    assert "has not come yet" in went


@pytest.mark.parametrize(
    ("version", "schema"),
    [(None, "notice/1"), ("0.1.0", "notice/1"), ("0.2.0.dev0", "notice/2"), ("x", "notice/1")],
)
def test_a_notice_goes_in_the_form_that_the_other_release_reads_and_is_kept_whole(
    post: Correspondence, version: str | None, schema: str
) -> None:
    node = post.placing
    with writing(node.replica) as connection:
        connection.execute(delete(tables.contact))
        if version:
            zero = dict.fromkeys(("offered", "holds", "requests", "bytes_received"), 0)
            connection.execute(
                insert(tables.contact).values(node="leeds-node", version=version, **zero)
            )
    with writing(node.node_db) as connection:
        made = send_notice(connection, node, WHO, notice_two(), placing=PLACING, area=AREA)
    post.deliver()
    with reading(node.node_db) as connection:
        assert dispatches(connection, [made])[made].state == "stored"
    assert now(node, "sent", made).says == notice_two()
    assert now(post.area, "received", made).says.__struct_config__.tag == schema


class TwoSides(RuleBasedStateMachine):
    """Whatever is said, lost, repeated and overtaken: in the end both know the same."""

    post: Correspondence

    @initialize()
    def begin(self) -> None:
        self.bag: list[tuple[Node, str, Node, bytes]] = []
        self._queued()  # what tests before have left waiting
        self.bag.clear()
        self.notice = send(self.post)

    def _queued(self) -> None:
        for sender, recipient in (
            (self.post.placing, self.post.area),
            (self.post.area, self.post.placing),
        ):
            with writing(sender.node_db) as connection:
                waits = connection.execute(
                    select(tables.outbox).where(tables.outbox.c.state == "waiting")
                ).all()
                connection.execute(update(tables.outbox).values(state="stored"))
            self.bag += [(sender, row.recipient, recipient, row.sealed) for row in waits]

    @rule(day=st.integers(1, 28), what=st.sampled_from(["change", "extension", "end"]))
    def say(self, day: int, what: str) -> None:
        node = self.post.placing
        with writing(node.node_db) as connection, suppress(AlreadyWithdrawn, NothingChanged):
            saying = Saying(connection, node, WHO, placing=PLACING, notice=self.notice)
            on = date(2027, 1, day)
            if what == "end":
                saying.end(**{**ENDED, "ended_on": on})
            elif what == "extension":
                saying.change(Changes("extension", on, {}, {}, {"expected_end": on}))
            else:
                saying.change(Changes("change", on, {}, {"address": f"{day} New Lane"}, {}))

    @rule()
    def withdraw(self) -> None:
        node = self.post.placing
        with writing(node.node_db) as connection, suppress(AlreadyWithdrawn):
            Saying(connection, node, WHO, placing=PLACING, notice=self.notice).withdraw(
                why="wrong child", contact=CALL
            )

    @rule()
    def ask(self) -> None:
        node = self.post.area
        with writing(node.node_db) as connection:
            ask(connection, node, WHO, area=AREA, notice=self.notice, text="Why?", asked_by=CALL)

    @rule()
    def answer_all(self) -> None:
        node = self.post.placing
        for one in now(node, "sent", self.notice).open_questions:
            with writing(node.node_db) as connection:
                Saying(connection, node, WHO, placing=PLACING, notice=self.notice).answer(
                    one.message, "So that.", CALL
                )

    @rule()
    def contain(self) -> None:
        node = self.post.area
        with writing(node.node_db) as connection, suppress(NoSuchNotice):
            answer_withdrawal(
                connection,
                node,
                WHO,
                area=AREA,
                notice=self.notice,
                opened_by=1,
                passed_on=False,
                contained=True,
                contact=CALL,
                said=None,
            )

    @rule(which=st.integers(0, 9))
    def deliver(self, which: int) -> None:
        """Any message that was ever sent, now or again."""
        self._queued()
        if self.bag:
            sender, gss, recipient, sealed = self.bag[which % len(self.bag)]
            receive(recipient, gss, sender.member, sealed)

    def teardown(self) -> None:
        self._queued()
        for sender, gss, recipient, sealed in reversed(self.bag):
            receive(recipient, gss, sender.member, sealed)
        same(self.post, self.notice)


def test_whatever_is_lost_repeated_and_overtaken_both_sides_come_to_the_same(
    post: Correspondence,
) -> None:
    post.deliver()
    machine = type("Machine", (TwoSides,), {"post": post})
    few = settings(
        max_examples=12,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)


def test_a_withdrawn_notice_is_shown_as_such_at_once_and_nowhere_as_living_here(
    post: Correspondence, officer: FlaskClient
) -> None:
    child = Child("W-1", "Wilma", "Withdrawnson", date(2012, 4, 9))
    placed = Placement("children's home", "1 Sample Lane", date(2026, 11, 1))
    with writing(post.placing.node_db) as connection:
        notice = send_notice(
            *(connection, post.placing, WHO, a_notice(child=child, placement=placed)),
            placing=PLACING,
            area=AREA,
        )
    post.deliver()
    why = {"reason": "A child is missing, or may be at risk"}
    inbox = f"/authorities/{AREA}/notices/received"

    def waiting() -> int:
        found = re.search(r"Notices received ([0-9]+) not yet", words_of(officer.get("/")))
        return int(found[1]) if found else 0

    def everywhere() -> tuple[bool, bool, bool]:
        """In the register, in the list of what waits, and in how much waits."""
        register = words_of(submit(officer, "/register", why))
        open_ = officer.get(inbox).text
        return "Withdrawnson" in register, notice in open_, waiting() > before

    before = waiting() - 1
    assert everywhere() == (True, True, True)
    with writing(post.placing.node_db) as connection:
        saying = Saying(connection, post.placing, WHO, placing=PLACING, notice=notice)
        saying.withdraw(why="wrong authority", contact=CALL)
    post.deliver()
    assert everywhere() == (False, False, False)
    assert "Withdrawn" in words_of(officer.get(f"{inbox}?show=all"))
    assert "Withdrawn on" in words_of(officer.get(f"{inbox}?show=ended"))
    found = submit(officer, "/register", {**why, "words": "Withdrawnson"}, at="/register")
    assert "Withdrawn" in words_of(found)
    form = {
        "authority": AREA,
        "reference": notice[:8],
        "emergency": "Missing since 22:40, the police ask.",
    }
    opened = words_of(submit(officer, "/emergencies/open", form))
    assert "Its sender withdrew this notice" in opened
