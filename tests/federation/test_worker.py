"""The worker: what is new travels within seconds, and one bad peer is nobody else's trouble."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs
from werkzeug.wrappers import Response

from directory.homes.projection import project
from directory.notices.received import received
from directory.notices.sent import send_notice
from directory.records.publishing.erased import erased_entries
from directory.records.publishing.withdrawing import erase_record
from federation import (
    Contact,
    Dispatch,
    FollowedLog,
    Node,
    Worker,
    audit_logs,
    client,
    contacts,
    dispatches,
    finish_erasure,
    followed_logs,
    following,
    issue_snapshot,
    outbox,
    own_log,
    read_snapshots,
    reading,
    stage,
    tables,
    worker,
    writing,
)
from federation.recovery import attesting
from protocols.charter import Member
from protocols.entries import erase_entry
from tests.federation.processes import until
from tests.federation.servers import endless, free_ports, saying, silence, talking
from tests.federation.worlds import (
    DEVON,
    KENT,
    LEEDS,
    SERVED,
    WHO,
    World,
    a_home,
    a_notice,
    append_by_hand,
    home_record,
    own_records,
    publish,
    small_records,
    true_time,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

NEVER_POLLS = 3600.0
OFTEN = 0.3
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TURN_S", 0.02)
    monkeypatch.setattr(worker, "BACK_OFF_S", 0.05)
    monkeypatch.setattr(client, "CONNECT_TIMEOUT_S", 2.0)
    monkeypatch.setattr(client, "READ_TIMEOUT_S", 2.0)
    monkeypatch.setattr(client, "TOTAL_TIMEOUT_S", 2.5)
    monkeypatch.setattr(attesting, "PATIENCE_S", 0.5)
    monkeypatch.setattr(outbox, "FIRST_RETRY_S", 0.05)
    monkeypatch.setattr(outbox, "LONGEST_RETRY_S", 0.1)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    return found("kent", "leeds", clock=true_time)


@contextmanager
def working(*nodes: Node, poll_s: float = NEVER_POLLS) -> Iterator[None]:
    """A worker for each of these nodes."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=Worker(node, poll_s=poll_s).run, args=(stop,)) for node in nodes
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def logs(node: Node) -> dict[str, FollowedLog]:
    with reading(node.replica) as connection:
        return {log.node: log for log in followed_logs(connection).values()}


def size(node: Node, author: str) -> int:
    return logs(node)[author].size if author in logs(node) else 0


def hand_in(node: Node, *homes: Any) -> None:
    """Stage homes and leave the rest to the worker."""
    with writing(node.node_db) as connection:
        stage(connection, node, ((one.urn, home_record(one.urn, one.authority)) for one in homes))


def send(node: Node, placing: str, area: str) -> str:
    with writing(node.node_db) as connection:
        return send_notice(connection, node, WHO, a_notice(), placing=placing, area=area)


def sent(node: Node, message: str) -> Dispatch:
    with reading(node.node_db) as connection:
        return dispatches(connection)[message]


# --- Among honest peers -------------------------------------------------------------------------


def test_what_is_handed_in_is_published_followed_and_searchable_everywhere(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    with working(kent, leeds):
        until(lambda: size(leeds, "kent") == size(kent, "leeds") == 0 and len(logs(kent)) == 2)
        hand_in(kent, a_home("U1"))
        hand_in(leeds, a_home("U2", LEEDS))
        until(lambda: urns(kent) == urns(leeds) == ["U1", "U2"])
        hand_in(kent, a_home("U3"))
        until(lambda: urns(leeds) == ["U1", "U2", "U3"])


def test_messages_go_there_and_back(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    with working(kent, leeds):
        there, back = send(kent, KENT, LEEDS), send(leeds, LEEDS, KENT)
        until(lambda: sent(kent, there).state == sent(leeds, back).state == "stored")


def test_what_another_process_publishes_is_announced_too(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    with working(kent, leeds):
        until(lambda: "kent" in logs(leeds))
        publish(world.another("kent"), home_record("U1"))
        until(lambda: urns(kent) == urns(leeds) == ["U1"])


def test_a_peer_is_woken_once_for_what_is_new(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    with working(kent, leeds):
        until(lambda: "kent" in logs(leeds))
        hand_in(kent, a_home("U1"))
        until(lambda: urns(leeds) == ["U1"])
        for _ in range(3):  # some turns later
            message = send(kent, KENT, LEEDS)
            until(lambda message=message: sent(kent, message).state == "stored")
    assert world.hostile("leeds").asked.count("/ping") == 1


def test_each_turn_to_a_peer_leaves_its_trace(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]

    def known() -> Contact | None:
        with reading(kent.replica) as connection:
            return contacts(connection).get("leeds")

    with working(kent, leeds, poll_s=OFTEN):
        hand_in(kent, a_home("U1"))
        until(lambda: (one := known()) is not None and one.holds == 1 and one.problem is None)
    world.sites["leeds"].stop()
    with working(kent, poll_s=OFTEN):
        until(lambda: (one := known()) is not None and "cannot be reached" in str(one.problem))


def test_a_peer_that_was_down_catches_up_by_polling(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    world.sites["leeds"].stop()
    with working(kent):
        hand_in(kent, a_home("U1"))
        until(lambda: size(kent, "kent") == 1)
    world.sites["leeds"].start()
    with working(leeds, poll_s=OFTEN):
        until(lambda: urns(leeds) == ["U1"])


def test_what_is_published_while_a_peer_is_still_being_woken_wakes_it_again(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    asked, go_on = threading.Event(), threading.Event()

    def slow(_: Response) -> None:
        asked.set()
        go_on.wait(0.25)

    with working(kent, leeds):
        until(lambda: "kent" in logs(leeds))
        world.hostile("leeds").on("/ping", slow)
        hand_in(kent, a_home("U1"))
        assert asked.wait(10)
        until(lambda: size(leeds, "kent") == 1)
        hand_in(kent, a_home("U2"))
        until(lambda: size(kent, "kent") == 2)
        go_on.set()
        until(lambda: size(leeds, "kent") == 2)


def test_two_workers_on_one_node_publish_follow_and_deliver_nothing_twice(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    records = [home_record(f"U{number:04}", LEEDS) for number in range(600)]
    with working(kent, world.another("kent"), leeds, poll_s=OFTEN):
        for number in range(10):
            with writing(kent.node_db) as connection:
                stage(connection, kent, [(f"{number}", b"%d" % number)])
            publish(leeds, *records[60 * number : 60 * number + 60])
            send(kent, KENT, LEEDS)
        until(lambda: size(kent, "leeds") == 600 and size(leeds, "kent") == 10)
        with reading(kent.node_db) as connection:
            messages = list(dispatches(connection))
        until(lambda: all(sent(kent, message).state == "stored" for message in messages))
    assert own_records(kent) == [b"%d" % number for number in range(10)]
    assert {one.problem for node in (kent, leeds) for one in audit_logs(node)} == {None}
    with reading(kent.replica) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.entry)) == 610
    with reading(leeds.node_db) as connection:
        assert len(received(connection, WHO, LEEDS)) == 10


# --- One bad peer, one good ---------------------------------------------------------------------

Talk = Callable[[socket.socket], None]
BAD: dict[str, Talk] = {
    "silent": silence,
    "garbage": saying(b"\x00\xff" * 100),
    "hangs up": saying(b""),
    "redirects": saying(
        b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
    ),
    "endless data": endless(OK + b"\r\n", b"x" * 65536),
    "endless headers": endless(OK, b"X: y\r\n"),
    "drips": endless(OK + b"Content-Length: 500\r\n\r\n", b"x", every=0.05),
    "gzip bomb": saying(
        OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(bytes(30_000_000), compresslevel=1)
    ),
    "broken gzip": saying(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\ngzip"),
    "says no": saying(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
    "not a checkpoint": saying(OK + b"Content-Length: 6\r\n\r\nhello\n"),
}


@contextmanager
def down(_: Talk) -> Iterator[str]:
    yield f"http://127.0.0.1:{free_ports(1)[0]}"


@pytest.mark.parametrize("kind", [*BAD, "down"])
def test_one_bad_peer_is_nobody_else_s_trouble(found: Callable[..., World], kind: str) -> None:
    bad: AbstractContextManager[str] = down(silence) if kind == "down" else talking(BAD[kind])
    with bad as url:
        world = found("devon", "kent", "leeds", urls={"devon": url}, clock=true_time)
        kent, leeds = world["kent"], world["leeds"]
        with working(kent, leeds):
            lost, there = send(kent, KENT, DEVON), send(kent, KENT, LEEDS)
            hand_in(leeds, a_home("U1", LEEDS))
            hand_in(kent, a_home("U2"))
            until(lambda: urns(kent) == urns(leeds) == ["U1", "U2"])
            until(lambda: sent(kent, there).state == "stored")
            until(lambda: sent(kent, lost).attempts)
            until(lambda: "devon" in logs(kent) and logs(kent)["devon"].trouble)
            hand_in(leeds, a_home("U3", LEEDS))
            until(lambda: "U3" in urns(kent))
        assert sent(kent, lost).state == "waiting"
        assert sent(kent, lost).problem
        assert logs(kent)["leeds"].trouble is None


def test_a_bad_peer_that_recovers_is_followed_and_gets_its_messages(
    found: Callable[..., World],
) -> None:
    world = found("devon", "kent", clock=true_time)
    kent = world["kent"]
    publish(world["devon"], home_record("U1", DEVON))
    world.hostile("devon").on(".*", lambda _: Response("no", 503))
    with working(kent):
        message = send(kent, KENT, DEVON)
        until(
            lambda: (
                sent(kent, message).attempts
                and "devon" in logs(kent)
                and logs(kent)["devon"].trouble
            )
        )
        world.hostile("devon").honest()
        until(lambda: urns(kent) == ["U1"] and sent(kent, message).state == "stored")
        until(lambda: logs(kent)["devon"].trouble is None)


def test_a_peer_that_comes_back_and_rings_gets_its_messages_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FIRST_RETRY_S", 3600.0)
    monkeypatch.setattr(outbox, "LONGEST_RETRY_S", 3600.0)
    kent, leeds = world["kent"], world["leeds"]
    publish(leeds, home_record("U1", LEEDS))
    world.sites["leeds"].stop()
    with working(kent):
        message = send(kent, KENT, LEEDS)
        until(lambda: sent(kent, message).attempts == 1)
        world.sites["leeds"].start()
        with working(leeds):
            until(lambda: sent(kent, message).state == "stored")


def test_a_log_that_forks_is_nobody_else_s_trouble(found: Callable[..., World]) -> None:
    world = found("devon", "kent", "leeds", clock=true_time)
    kent, leeds = world["kent"], world["leeds"]
    twin = world.another("devon", world.copy("devon"))
    publish(world["devon"], *small_records(2))
    world.follow("kent", "devon")
    publish(twin, *small_records(3)[1:])
    world.serve("devon", twin)
    with working(kent, leeds):
        until(lambda: "two different logs" in str(logs(kent)["devon"].trouble))
        hand_in(leeds, a_home("U1", LEEDS))
        until(lambda: urns(kent) == ["U1"])
    assert size(kent, "devon") == 2


def test_many_silent_peers_do_not_keep_a_good_one_waiting(found: Callable[..., World]) -> None:
    silent = [f"silent-{number}" for number in range(20)]
    served = dict(SERVED) | {name: (f"E0600{n:04}",) for n, name in enumerate(silent)}
    with ExitStack() as stack:
        urls = {name: stack.enter_context(talking(silence)) for name in silent}
        world = found(*silent, "kent", "leeds", served=served, urls=urls, clock=true_time)
        kent, leeds = world["kent"], world["leeds"]
        publish(leeds, home_record("U1", LEEDS))
        with working(kent, poll_s=OFTEN):
            message = send(kent, KENT, LEEDS)
            until(lambda: urns(kent) == ["U1"], patience=5)
            until(lambda: sent(kent, message).state == "stored", patience=5)
            publish(leeds, home_record("U2", LEEDS))
            until(lambda: urns(kent) == ["U1", "U2"], patience=5)


def test_a_member_without_https_is_nobody_else_s_trouble(found: Callable[..., World]) -> None:
    world = found("devon", "kent", "leeds", urls={"devon": "http://192.0.2.7"}, clock=true_time)
    kent = world["kent"]
    publish(world["leeds"], home_record("U1", LEEDS))
    with working(kent):
        until(lambda: urns(kent) == ["U1"])
        until(lambda: "devon" in logs(kent) and logs(kent)["devon"].trouble is not None)
        assert "only https is spoken" in str(logs(kent)["devon"].trouble)


def test_a_snapshot_that_is_new_is_rung_for_and_taken(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    with working(kent, leeds):
        until(lambda: "kent" in logs(leeds) and "leeds" in logs(kent))
        number = issue_snapshot(kent, [])
        until(lambda: "kent" in read_snapshots(leeds))
        held = read_snapshots(leeds)["kent"].snapshot
    assert held is not None
    assert held.number == number


def test_the_log_of_a_bad_peer_comes_from_one_that_holds_it(found: Callable[..., World]) -> None:
    world = found("devon", "kent", "leeds", clock=true_time)
    kent, leeds = world["kent"], world["leeds"]
    publish(world["devon"], home_record("U1", DEVON))
    world.follow("leeds", "devon")
    world.hostile("devon").on(".*", lambda _: Response("no", 503))
    with working(kent, poll_s=OFTEN):
        until(lambda: urns(kent) == ["U1"])
        until(lambda: logs(kent)["devon"].checkpoint == logs(leeds)["devon"].checkpoint)
        assert "answered 503" in str(logs(kent)["devon"].trouble)
    asked = [path for path in world.hostile("leeds").asked if path.endswith("log/checkpoint")]
    own = asked.count("/log/checkpoint")
    assert len(asked) - own <= world.hostile("devon").asked.count("/log/checkpoint") + 1


# --- When this node itself is in trouble --------------------------------------------------------


def test_an_error_that_nobody_thought_of_ends_neither_the_worker_nor_its_other_jobs(
    found: Callable[..., World],
) -> None:
    world = found("devon", "kent", "leeds", clock=true_time)

    def fails_on_devon(connection: Any, log: FollowedLog, member: Member, entries: Any) -> None:
        if member.node == "devon":
            raise ZeroDivisionError("nobody thought of this")
        project(connection, log, member, entries)

    kent = world.open("kent", project=fails_on_devon)
    publish(world["devon"], home_record("U1", DEVON))
    publish(world["leeds"], home_record("U2", LEEDS))
    with capture_logs() as said, working(kent, poll_s=OFTEN):
        until(lambda: urns(kent) == ["U2"])
        publish(world["leeds"], home_record("U3", LEEDS))
        until(lambda: urns(kent) == ["U2", "U3"])
        until(lambda: any(event["log_level"] == "error" for event in said))
    assert size(kent, "devon") == 0


def test_a_node_that_may_not_sign_still_follows_and_says_so_once(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    publish(kent, *small_records(2))
    (kent.folder / "keys" / "high-water").unlink()
    publish(leeds, home_record("U1", LEEDS))
    with capture_logs() as said, working(kent, poll_s=OFTEN):
        hand_in(kent, a_home("U2"))
        until(lambda: urns(kent) == ["U1"])
        publish(leeds, home_record("U3", LEEDS))
        until(lambda: urns(kent) == ["U1", "U3"])
    complaints = [event for event in said if event["event"] == "nothing is published"]
    assert len(complaints) == 1
    assert "high-water mark is missing" in complaints[0]["why"]
    with reading(kent.node_db) as connection:
        log = own_log(connection)
    assert log is not None
    assert log.size == 2


def test_a_node_whose_keys_and_database_are_old_asks_before_it_signs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attesting, "PATIENCE_S", 20.0)
    kent, leeds = world["kent"], world["leeds"]
    publish(kent, home_record("U1"))
    backup = world.copy("kent")
    publish(world.open("kent"), home_record("U2"))
    world.follow("leeds", "kent")
    held = logs(leeds)["kent"].checkpoint
    old = world.another("kent", backup)
    world.serve("kent", old)
    hand_in(old, a_home("U3"))
    publish(leeds, home_record("L1", LEEDS))
    with capture_logs() as said, working(old, leeds, poll_s=OFTEN):
        until(lambda: "L1" in urns(old))
        until(lambda: any("hearth recover" in str(event) for event in said))
    assert logs(leeds)["kent"].checkpoint == held
    with reading(old.node_db) as connection:
        log = own_log(connection)
    assert log is not None
    assert log.size == 1


def test_keys_that_others_can_read_stop_publication_and_nothing_else(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    publish(leeds, home_record("U1", LEEDS))
    with capture_logs() as said, working(kent, poll_s=OFTEN):
        until(lambda: urns(kent) == ["U1"])
        key = kent.folder / "keys" / "node.json"
        key.chmod(0o644)
        hand_in(kent, a_home("U2"))
        publish(leeds, home_record("U3", LEEDS))
        until(lambda: urns(kent) == ["U1", "U3"])
        until(lambda: any("chmod 600" in str(event) for event in said))
        key.chmod(0o600)
        until(lambda: urns(kent) == ["U1", "U2", "U3"])


def test_no_event_names_a_child_a_key_or_a_token(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    world.hostile("leeds").on(f"/inbox/{LEEDS}", lambda _: Response("no", 500))
    with capture_logs() as said, working(kent, leeds, poll_s=OFTEN):
        message = send(kent, KENT, LEEDS)
        hand_in(kent, a_home("U1"))
        until(lambda: sent(kent, message).attempts > 1 and urns(leeds) == ["U1"])
    words = str(said)
    secrets = [*(kent.folder / "keys" / "node.json").read_text().split('"')[3::4], "Robin", "eyJ"]
    assert said
    assert not [secret for secret in secrets if secret in words]


def test_what_was_erased_just_before_a_crash_leaves_the_files_at_the_next_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kent, leeds = world["kent"], world["leeds"]
    publish(leeds, home_record("U1", LEEDS, name="Xylophone House"))
    world.follow("kent", "leeds")
    append_by_hand(leeds, (erase_entry([0], true_time()), None))
    with monkeypatch.context() as crashing:
        crashing.setattr(following, "forget_deleted", lambda _: None)
        world.follow("kent", "leeds")
    assert world.database.holds(kent.folder, "replica", b"Xylophone")
    with working(kent):
        until(lambda: not world.database.holds(kent.folder, "replica", b"ylophone"))


def test_workers_erase_everywhere_and_confirm_it(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    with working(kent, leeds, poll_s=OFTEN):
        publish(kent, home_record("U1", name="Xylophone House"), home_record("U2"))
        until(lambda: urns(leeds) == ["U1", "U2"] == urns(kent))
        with writing(kent.node_db) as connection:
            named = erase_record(connection, kent, WHO, "home/U1", "It names a street")
        finish_erasure(kent, named)
        until(lambda: urns(leeds) == ["U2"])

        def confirmed() -> set[str]:
            (one,) = erased_entries(kent, WHO, named[0])
            return {member.node for member in one.members if member.confirmation}

        until(lambda: confirmed() == {"kent", "leeds"})
    for node in (kent, leeds):
        for database in ("node", "replica"):
            assert not world.database.holds(node.folder, database, b"ylophone")


def test_a_worker_that_is_told_to_stop_ends_what_is_under_way(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    publish(leeds, *small_records(2000))
    for _ in range(3):
        with working(kent):
            until(lambda: logs(kent))
        assert {one.problem for one in audit_logs(kent)} == {None}
