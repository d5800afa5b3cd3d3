"""What is known of a peer: when it last answered, what is in the way, how far each is behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest
from werkzeug.wrappers import Response

from federation import Contact, FederationError, contacts, reading, waiting, writing
from federation.client import VERSION_HEADER
from federation.contact import look_what_it_holds, note_contact
from federation.fetching import BATCH_ENTRIES
from federation.outbox import deliver_due, queue
from federation.peers import Peer
from protocols.notices import encode_body
from tests.federation.worlds import KENT, LEEDS, Clock, World, a_notice, home_record, small_records

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    return found("kent", "leeds")


def met(world: World, peer: Peer, problem: Exception | None = None) -> Contact:
    """What Kent knows of Leeds after a turn."""
    note_contact(world["kent"], peer, problem)
    return known(world)


def known(world: World) -> Contact:
    with reading(world["kent"].replica) as connection:
        return contacts(connection)["leeds"]


def problem_of(peer: Peer) -> FederationError:
    with pytest.raises(FederationError) as raised:
        peer.checkpoint()
    return raised.value


def test_an_answer_tells_when_and_by_whose_clock(world: World) -> None:
    world.publish("leeds", home_record("U1", LEEDS))
    world.open("leeds", now=Clock(world.turn.now + timedelta(minutes=7)))
    peer = world.peer("kent", "leeds")
    peer.checkpoint()
    contact = met(world, peer)
    assert contact.answered_at == world.turn.now
    assert contact.ahead_s == 420
    assert contact.problem is None


@pytest.mark.parametrize("year", [1500, 9999])
def test_a_clock_thousands_of_years_off_is_noted_all_the_same(world: World, year: int) -> None:
    world.publish("leeds", home_record("U1", LEEDS))
    world.open("leeds", now=Clock(datetime(year, 6, 1, tzinfo=UTC)))
    peer = world.peer("kent", "leeds")
    peer.checkpoint()
    assert abs(met(world, peer).ahead_s or 0) == 2**31 - 1


def test_requests_are_counted_once(world: World) -> None:
    world.publish("leeds", home_record("U1", LEEDS))
    peer = world.peer("kent", "leeds")
    for requests in (1, 3, 3):
        while len(world.hostile("leeds").asked) < requests:
            size = len(peer.checkpoint())
        assert met(world, peer).requests == requests
    assert known(world).bytes_received == 3 * size


def test_members_are_told_the_version_and_strangers_are_not(world: World) -> None:
    world.publish("leeds", home_record("U1", LEEDS))
    versions: list[str | None] = []
    world.hostile("leeds").on(
        ".*", lambda answer: versions.append(answer.headers.get(VERSION_HEADER))
    )
    peer = world.peer("kent", "leeds")
    peer.checkpoint()
    assert met(world, peer).version is None
    peer.ping()
    assert met(world, peer).version == version("commonhearth")
    peer.checkpoint()
    assert met(world, peer).version == version("commonhearth"), "it is not forgotten"
    assert versions == [None, None, version("commonhearth"), None]


@pytest.mark.parametrize("said", ["<script>", "1.0\x7f", "9" * 41, "", "1 0"])
def test_a_version_that_is_none_is_not_kept(world: World, said: str) -> None:
    def say(answer: Response) -> None:
        answer.headers[VERSION_HEADER] = said

    world.hostile("leeds").on("/ping", say)
    peer = world.peer("kent", "leeds")
    peer.ping()
    assert met(world, peer).version == "", "as of one that says none"


def test_a_problem_keeps_its_first_time_and_goes_with_the_next_answer(world: World) -> None:
    world.publish("leeds", home_record("U1", LEEDS))
    peer = world.peer("kent", "leeds")
    peer.checkpoint()
    began = met(world, peer).answered_at
    world.hostile("leeds").on(".*", lambda _: Response("no", 503))
    world.turn.forward(minutes=1)
    first = met(world, peer, problem_of(peer))
    world.turn.forward(hours=1)
    later = met(world, peer, problem_of(peer))
    assert "answered 503" in str(later.problem)
    assert later.problem_since == first.problem_since
    assert began is not None
    assert first.problem_since == began + timedelta(minutes=1)
    world.hostile("leeds").honest()
    peer.checkpoint()
    assert (met(world, peer).problem, met(world, peer).problem_since) == (None, None)


def test_a_peer_that_is_gone_keeps_the_time_of_its_last_answer(world: World) -> None:
    world.publish("leeds", home_record("U1", LEEDS))
    peer = world.peer("kent", "leeds")
    peer.checkpoint()
    before = met(world, peer).answered_at
    world.sites["leeds"].stop()
    world.turn.forward(hours=3)
    after = met(world, peer, problem_of(peer))
    assert after.answered_at == before
    assert "cannot be reached" in str(after.problem)


def test_how_much_a_peer_holds_of_our_log_is_asked_until_it_has_all(world: World) -> None:
    world.publish("kent", *small_records(3))
    peer, leeds = world.peer("kent", "leeds"), world.hostile("leeds")
    look_what_it_holds(world["kent"], peer, 3)
    world.follow("leeds", "kent")
    look_what_it_holds(world["kent"], peer, 3)
    assert known(world).holds == 3
    asked = len(leeds.asked)
    look_what_it_holds(world["kent"], peer, 3)
    assert len(leeds.asked) == asked


def test_a_peer_cannot_say_that_it_holds_what_we_never_signed(world: World) -> None:
    world.publish("kent", *small_records(3))
    world.publish("leeds", home_record("U1", LEEDS))
    theirs = world.peer("kent", "leeds").checkpoint()
    world.hostile("leeds").on("/mirror/.*", lambda _: Response(theirs))
    peer = world.peer("kent", "leeds")
    look_what_it_holds(world["kent"], peer, 3)
    assert met(world, peer).holds == 0


def test_a_long_backlog_is_known_before_it_is_fetched(world: World) -> None:
    world.publish("leeds", *small_records(BATCH_ENTRIES + 1))
    world.hostile("leeds").on("/log/tile/entries/.*", lambda _: Response("no", 503))
    with pytest.raises(FederationError):
        world.follow("kent", "leeds")
    assert known(world).offered == BATCH_ENTRIES + 1


def test_the_oldest_message_that_waits_says_why(world: World) -> None:
    kent = world["kent"]
    world.sites["leeds"].stop()
    for _ in range(2):
        with writing(kent.node_db) as connection:
            queue(connection, kent, sender=KENT, recipient=LEEDS, body=encode_body(a_notice()))
        deliver_due(kent, world.peer("kent", "leeds"))
        world.turn.forward(minutes=5)
    with reading(kent.node_db) as connection:
        (waits,) = waiting(connection).values()
    assert waits.messages == 2
    assert waits.since == world.turn.now - timedelta(minutes=10)
    assert "cannot be reached" in str(waits.why)
