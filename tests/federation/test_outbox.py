"""Messages that leave: delivered until an answer verifies; any other answer counts for nothing."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.wrappers import Response

from directory.notices.received import acknowledge, received
from directory.notices.sent import acknowledgement_of, send_notice
from federation import (
    Dispatch,
    Node,
    deliver_due,
    dispatches,
    queue,
    reading,
    receipt_of,
    tables,
    writing,
)
from federation.errors import NoSuchMember, NotDead
from federation.outbox import due_members, queue_again
from federation.peers import NoInbox, OwnInbox
from protocols.keys import Purpose
from protocols.messages import sealed_digest
from protocols.notices import Contact, encode_body
from protocols.receipts import Receipt, sign_receipt
from tests.federation.servers import Change, body, flipped
from tests.federation.worlds import DEVON, KENT, LEEDS, WHO, World, a_notice

pytestmark = pytest.mark.both_databases

INBOX = f"/inbox/{LEEDS}"


def send(world: World, area: str = LEEDS, by: str = "kent", placing: str = KENT) -> str:
    node = world[by]
    with writing(node.node_db) as connection:
        return send_notice(connection, node, WHO, a_notice(), placing=placing, area=area)


def deliver(world: World, to: str = "leeds", by: str = "kent") -> int:
    return deliver_due(world[by], world.peer(by, to))


def where(node: Node, message: str) -> Dispatch:
    with reading(node.node_db) as connection:
        return dispatches(connection)[message]


def came(world: World, area: str = LEEDS, node: str = "leeds") -> list[str]:
    with reading(world[node].node_db) as connection:
        return [notice.id for notice in received(connection, WHO, area)]


def sealed_of(world: World, message: str) -> bytes:
    with reading(world["kent"].node_db) as connection:
        sealed = connection.scalar(
            select(tables.outbox.c.sealed).where(tables.outbox.c.id == message)
        )
    assert isinstance(sealed, bytes)
    return sealed


# --- Delivered ----------------------------------------------------------------------------------


def test_a_message_is_delivered_once_and_its_receipt_kept(world: World) -> None:
    message = send(world)
    assert where(world["kent"], message).state == "waiting"
    assert deliver(world) == 1
    assert came(world) == [message]
    sent = where(world["kent"], message)
    assert (sent.state, sent.attempts, sent.problem) == ("stored", 1, None)
    assert sent.answered_at == world.turn.now
    with reading(world["kent"].node_db) as connection:
        receipt = receipt_of(connection, world["kent"], message)
    assert receipt is not None
    assert (receipt.by, receipt.outcome) == (LEEDS, "stored")
    assert deliver(world) == 0


def test_a_refused_message_is_sent_again_under_its_id(world: World) -> None:
    kent = world["kent"]
    message = send(world)
    with writing(kent.node_db) as connection:
        connection.execute(
            update(tables.outbox).values(state="refused", sealed=b"", problem="unknown-key")
        )
    with writing(kent.node_db) as connection:
        queue_again(connection, kent, message, encode_body(a_notice()))
    assert where(kent, message).state == "waiting"
    assert deliver(world) == 1
    assert came(world) == [message]
    assert where(kent, message).state == "stored"


def test_a_message_that_is_under_way_or_there_is_not_sent_again(world: World) -> None:
    kent = world["kent"]
    message = send(world)
    for _ in range(2):
        with writing(kent.node_db) as connection, pytest.raises(NotDead):
            queue_again(connection, kent, message, encode_body(a_notice()))
        deliver(world)
    assert came(world) == [message]


def test_a_message_whose_receipt_was_lost_is_not_stored_twice(world: World) -> None:
    kent = world["kent"]
    message = send(world)
    deliver(world)
    with writing(kent.node_db) as connection:
        connection.execute(update(tables.outbox).values(state="expired", receipt=None))
    world.turn.forward(days=29)
    with writing(kent.node_db) as connection:
        queue_again(connection, kent, message, encode_body(a_notice()))
    deliver(world)
    assert (where(kent, message).state, where(kent, message).problem) == ("refused", "id-reused")
    assert came(world) == [message]


def test_an_answer_finds_its_way_back(world: World) -> None:
    message = send(world)
    deliver(world)
    leeds = world["leeds"]
    duty = Contact("Duty officer", "Duty officer", "01632 960001")
    with writing(leeds.node_db) as connection:
        acknowledge(connection, leeds, WHO, area=LEEDS, notice=message, contact=duty)
    assert deliver(world, to="kent", by="leeds") == 1
    with reading(world["kent"].node_db) as connection:
        kent = world["kent"]
        answer = acknowledgement_of(connection, kent, WHO, placing=KENT, notice=message)
    assert answer is not None
    assert answer.contact == duty


def test_what_is_queued_in_a_transaction_that_fails_is_not_sent(world: World) -> None:
    kent = world["kent"]
    with pytest.raises(OSError, match="no"), writing(kent.node_db) as connection:  # noqa: PT012
        send_notice(connection, kent, WHO, a_notice(), placing=KENT, area=LEEDS)
        raise OSError("no")
    assert deliver(world) == 0
    assert came(world) == []


def test_a_message_between_two_authorities_of_one_node_arrives(
    found: Callable[..., World],
) -> None:
    world = found("kent", served={"kent": (KENT, LEEDS)})
    message = send(world)
    kent = world["kent"]
    assert due_members(kent) == {"kent"}
    assert deliver_due(kent, OwnInbox(kent)) == 1
    assert came(world, node="kent") == [message]
    assert where(kent, message).state == "stored"


def test_only_the_member_s_own_messages_are_delivered_to_it(found: Callable[..., World]) -> None:
    world = found("kent", "leeds", "devon")
    to_leeds, to_devon = send(world), send(world, area=DEVON)
    assert due_members(world["kent"]) == {"leeds", "devon"}
    assert deliver(world) == 1
    assert due_members(world["kent"]) == {"devon"}
    assert where(world["kent"], to_leeds).state == "stored"
    assert where(world["kent"], to_devon).state == "waiting"


def test_nobody_sends_for_an_authority_that_it_does_not_serve(world: World) -> None:
    with pytest.raises(NoSuchMember, match=f"does not serve {LEEDS}"):
        send(world, area=KENT, placing=LEEDS)


def test_nothing_is_queued_for_an_authority_that_nobody_serves(world: World) -> None:
    with pytest.raises(NoSuchMember, match=f"no member of the charter serves {DEVON}"):
        send(world, area=DEVON)


# --- Not there yet ------------------------------------------------------------------------------


def test_while_a_peer_is_down_its_messages_wait_and_say_why(world: World) -> None:
    message = send(world)
    world.sites["leeds"].stop()
    assert deliver(world) == 0
    sent = where(world["kent"], message)
    assert (sent.state, sent.attempts) == ("waiting", 1)
    assert "cannot be reached" in str(sent.problem)
    assert deliver(world) == 0
    assert where(world["kent"], message).attempts == 1
    world.sites["leeds"].start()
    world.turn.forward(seconds=10)
    assert deliver(world) == 1
    assert came(world) == [message]
    assert where(world["kent"], message).problem is None


def test_it_is_tried_less_and_less_often_and_still_every_quarter_of_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)
    message = send(world)
    world.sites["leeds"].stop()
    waits = []
    for _ in range(12):
        began = world.turn.now
        deliver(world)
        with reading(world["kent"].node_db) as connection:
            due = connection.scalar(select(tables.outbox.c.next_attempt))
        assert due is not None
        waits.append((due - began).total_seconds())
        world.turn.now = due
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]
    assert where(world["kent"], message).attempts == 12
    world.sites["leeds"].start()


def test_after_the_clock_was_set_back_nothing_waits_for_the_hour_that_was(world: World) -> None:
    message = send(world)
    with writing(world["kent"].node_db) as connection:
        due = world.turn.now + timedelta(hours=1)
        connection.execute(update(tables.outbox).values(next_attempt=due))
    assert deliver(world) == 1
    assert came(world) == [message]


def test_weeks_of_attempts_do_not_overflow(world: World) -> None:
    message = send(world)
    kent = world["kent"]
    with writing(kent.node_db) as connection:
        connection.execute(update(tables.outbox).values(attempts=5000))
    world.sites["leeds"].stop()
    assert deliver(world) == 0
    assert where(kent, message).attempts == 5001
    world.sites["leeds"].start()


def test_a_message_that_nobody_took_expires(world: World) -> None:
    message = send(world)
    world.sites["leeds"].stop()
    deliver(world)
    world.turn.forward(days=28)
    assert deliver(world) == 1
    assert where(world["kent"], message).state == "expired"
    world.sites["leeds"].start()
    assert deliver(world) == 0
    assert came(world) == []


def test_a_message_to_a_suspended_member_waits_says_why_and_expires(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", suspended=["leeds"])
    kent = world["kent"]
    message = send(world)
    assert due_members(kent) == {"leeds"}
    nowhere = NoInbox(world.member("leeds"))
    assert deliver_due(kent, nowhere) == 0
    sent = where(kent, message)
    assert (sent.state, sent.problem) == ("waiting", f"leeds, which serves {LEEDS}, is suspended")
    world.turn.forward(days=28)
    assert deliver_due(kent, nowhere) == 1
    assert where(kent, message).state == "expired"


# --- Receipts that prove nothing ----------------------------------------------------------------


def signed_by(
    world: World, gss: str, node: str, message: str, **changes: object
) -> Callable[[bytes], bytes]:
    """A stored receipt for a message, by the key of another authority or with other contents."""
    with reading(world["kent"].node_db) as connection:
        row = connection.execute(select(tables.outbox).where(tables.outbox.c.id == message)).one()
    facts = {
        "v": 1,
        "by": LEEDS,
        "outcome": "stored",
        "at": world.turn.now,
        "sealed": row.sealed_digest,
        "signed": row.signed_digest,
    }
    key = world[node].keys.authority_key(gss, Purpose.SIGNING)
    return lambda _: sign_receipt(Receipt(**facts | changes), key).encode()  # type: ignore[arg-type]


def still_waits(world: World, message: str, change: Change, why: str) -> None:
    """With this change of its receipts, a message waits; without, it is settled."""
    world.hostile("leeds").on(INBOX, change)
    assert deliver(world) == 0
    sent = where(world["kent"], message)
    assert sent.state == "waiting"
    assert why in str(sent.problem)
    with reading(world["kent"].node_db) as connection:
        assert receipt_of(connection, world["kent"], message) is None
    world.hostile("leeds").honest()
    world.turn.forward(minutes=1)
    assert deliver(world) == 1
    assert where(world["kent"], message).state == "stored"
    assert came(world) == [message]


@pytest.mark.parametrize("part", range(3))
def test_one_flipped_bit_in_a_receipt_leaves_the_message_waiting(world: World, part: int) -> None:
    message = send(world)

    def flip(response: Response) -> None:
        parts = response.get_data().split(b".")
        at = sum(len(one) + 1 for one in parts[:part]) + len(parts[part]) // 2
        flipped(8 * at)(response)

    still_waits(world, message, flip, "the receipt is not accepted")


def test_a_receipt_by_another_authority_leaves_the_message_waiting(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", "devon")
    message = send(world)
    by_devon = signed_by(world, DEVON, "devon", message)
    still_waits(world, message, body(by_devon), "not by a key that the charter names")


def test_a_receipt_in_another_authority_s_name_leaves_the_message_waiting(world: World) -> None:
    message = send(world)
    named = signed_by(world, LEEDS, "leeds", message, by=DEVON)
    still_waits(world, message, body(named), "for another message, or by another authority")


@pytest.mark.parametrize("member", ["sealed", "signed"])
def test_a_receipt_for_another_message_leaves_the_message_waiting(
    world: World, member: str
) -> None:
    message = send(world)
    other = signed_by(world, LEEDS, "leeds", message, **{member: sealed_digest(b"another")})
    still_waits(world, message, body(other), "for another message, or by another authority")


def test_the_receipt_of_an_earlier_message_leaves_the_next_waiting(world: World) -> None:
    answers: list[bytes] = []
    send(world)
    world.hostile("leeds").on(INBOX, body(lambda data: answers.append(data) or data))
    deliver(world)
    world.hostile("leeds").honest()
    message = send(world)
    world.hostile("leeds").on(INBOX, body(lambda _: answers[0]))
    assert deliver(world) == 0
    assert "another message" in str(where(world["kent"], message).problem)


@pytest.mark.parametrize(
    "answer", [b"", b"stored", b"\xff" * 50, b"a.b.c", b"x" * 60_000, b"x" * 70_000]
)
def test_an_answer_that_is_no_receipt_leaves_the_message_waiting(
    world: World, answer: bytes
) -> None:
    message = send(world)
    why = "sends more than" if len(answer) > 65_536 else "the receipt is not accepted"
    still_waits(world, message, body(lambda _: answer), why)


@pytest.mark.parametrize("status", [302, 401, 404, 413, 429, 500, 503])
def test_an_http_refusal_is_no_answer(world: World, status: int) -> None:
    message = send(world)
    change = lambda _: Response("no", status, {"Location": "/elsewhere"})  # noqa: E731
    still_waits(world, message, change, f"answered {status}")


def test_a_signed_refusal_settles_the_message_with_its_reason(world: World) -> None:
    kent = world["kent"]
    with writing(kent.node_db) as connection:
        message = queue(
            connection, kent, sender=KENT, recipient=LEEDS, body=b'{"schema":"notice/9"}'
        )
    assert deliver(world) == 1
    sent = where(kent, message)
    assert (sent.state, sent.problem) == ("refused", "unknown-schema")
    with reading(kent.node_db) as connection:
        receipt = receipt_of(connection, kent, message)
    assert receipt is not None
    assert receipt.reason == "unknown-schema"


def test_a_token_that_the_peer_forgot_is_asked_for_again(world: World) -> None:
    peer = world.peer("kent", "leeds")
    send(world)
    assert deliver_due(world["kent"], peer) == 1
    with writing(world["leeds"].node_db) as connection:
        connection.execute(tables.token.delete())
    message = send(world)
    assert deliver_due(world["kent"], peer) == 1
    assert where(world["kent"], message).state == "stored"


def test_two_who_deliver_at_once_store_one_and_spoil_nothing(world: World) -> None:
    """The other process comes to the message while we are told that the peer is down. On SQLite it
    settles it; on PostgreSQL it leaves it to us.
    """
    message = send(world)
    world.hostile("leeds").on(INBOX, lambda _: Response("no", 503))
    peer = world.peer("kent", "leeds")
    once = iter([True])
    ask = peer.deliver

    def overtaken(gss: str, sealed: bytes) -> str:
        if next(once, False):
            world.hostile("leeds").honest()
            deliver(world)
            world.hostile("leeds").on(INBOX, lambda _: Response("no", 503))
        return ask(gss, sealed)

    peer.deliver = overtaken  # type: ignore[method-assign]
    deliver_due(world["kent"], peer)
    sent = where(world["kent"], message)
    if world.database.kind == "sqlite":
        assert (sent.state, sent.problem) == ("stored", None)
        assert came(world) == [message]
    else:
        assert (sent.state, sent.attempts) == ("waiting", 1)
        assert world.hostile("leeds").asked.count(INBOX) == 1


def test_several_messages_are_under_way_to_one_member_at_once(world: World) -> None:
    messages = {send(world) for _ in range(4)}
    peer = world.peer("kent", "leeds")
    together, ask = threading.Barrier(4), peer.deliver

    def meeting(gss: str, sealed: bytes) -> str:
        together.wait(timeout=20)  # comes only if the other three are under way as well
        return ask(gss, sealed)

    peer.deliver = meeting  # type: ignore[method-assign]
    assert deliver_due(world["kent"], peer) == 4
    assert set(came(world)) == messages


def test_what_is_queued_meanwhile_goes_at_once(world: World) -> None:
    send(world)
    peer = world.peer("kent", "leeds")
    ask, more = peer.deliver, iter(range(2))

    def queueing(gss: str, sealed: bytes) -> str:
        for _ in more:
            send(world)
            break
        return ask(gss, sealed)

    peer.deliver = queueing  # type: ignore[method-assign]
    assert deliver_due(world["kent"], peer) == 3
    assert len(came(world)) == 3


def test_one_message_that_cannot_be_delivered_holds_up_no_other(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", served={"kent": (KENT,), "leeds": (LEEDS, DEVON)})
    first, second = send(world), send(world, area=DEVON)
    world.hostile("leeds").on(INBOX, lambda _: Response("no", 500))
    assert deliver(world) == 1
    assert where(world["kent"], first).state == "waiting"
    assert where(world["kent"], second).state == "stored"
