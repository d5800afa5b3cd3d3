"""A node that is killed at any instant loses nothing, doubles nothing, and forks nothing.

What was handed in is kept outside of it, and so is every checkpoint that it was seen to serve.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

import pytest
import requests
from sqlalchemy import func, select

from directory.homes.query import SearchQuery
from directory.homes.service import count_homes, search
from directory.notices.received import received
from directory.notices.sent import send_notice
from federation import (
    Node,
    audit_logs,
    deliver_due,
    dispatches,
    followed_logs,
    outbox,
    own_erasures,
    own_log,
    reading,
    receipt_of,
    stage,
    tables,
    writing,
)
from protocols.checkpoint import Checkpoint, open_checkpoint
from protocols.merkle import Frontier, leaf_hash
from tests.federation.deeds import (
    erase_homes,
    follow_others,
    follow_until,
    obey_others,
    publish_staged,
    serve,
    stage_and_publish,
)
from tests.federation.processes import Doing
from tests.federation.worlds import (
    KENT,
    LEEDS,
    WHO,
    World,
    a_home,
    a_notice,
    home_record,
    own_entries,
    own_records,
    publish,
    records,
    trouble,
    true_time,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

QUICK, SOAK = 7, 80
Times = pytest.mark.parametrize(
    "times", [QUICK, pytest.param(SOAK, marks=pytest.mark.soak)], ids=["a few times", "many times"]
)


class Onlooker:
    """Asks for a node's checkpoint all the time, and remembers every one."""

    def __init__(self, world: World, author: str) -> None:
        self._node = world[author]
        self._url = f"{self._node.member.url}/log/checkpoint"
        self._seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        with requests.Session() as session:
            last = False
            while not last:
                last = self._stop.wait(0.005)  # and once more after that, when all is done
                answer = session.get(self._url, timeout=10)
                if answer.ok:
                    self._seen.add(answer.content)

    def __enter__(self) -> "Onlooker":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def seen(self) -> list[Checkpoint]:
        member = self._node.member
        seen = [open_checkpoint(n, member.origin, member.log_verifiers) for n in self._seen]
        return sorted(seen, key=lambda checkpoint: checkpoint.size)

    def all_are_of_one_log(self) -> int:
        """Every checkpoint seen is a prefix of the log as it is now; gives how many there were."""
        entries = own_entries(self._node)
        frontier = Frontier()
        for checkpoint in self.seen():
            grown = entries[frontier.size : checkpoint.size]
            frontier, _ = frontier.extend(map(leaf_hash, grown))
            assert (frontier.size, frontier.root()) == (checkpoint.size, checkpoint.root)
        return len(self._seen)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent and Leeds, by the clock that other processes have too."""
    return found("kent", "leeds", clock=true_time)


def killed_at_random(
    deed: Callable[..., object],
    *how: object,
    times: int,
    enough: Callable[[], bool] = lambda: True,
) -> Iterator[None]:
    """Do a deed, kill it, so many times and until it is enough; the last time, let it end.

    The instants are drawn from as long as what is left of the deed takes.
    """
    dice = random.Random(times)
    longest = 0.4
    for number in range(5 * times):
        began = time.monotonic()
        with Doing(deed, *how) as doing:
            if doing.ended_within(dice.uniform(0.0, longest)):
                longest = max(0.02, (time.monotonic() - began) / 2)
            else:
                doing.kill()
                longest *= 1.25  # a busy machine may not have come to the deed at all
        yield
        if number + 1 >= times and enough():
            break
    with Doing(deed, *how) as doing:
        doing.ended_well()


@contextmanager
def sound_at_the_end(world: World) -> Iterator[Onlooker]:
    with Onlooker(world, "kent") as onlooker:
        yield onlooker
    for name in ("kent", "leeds"):
        assert {one.problem for one in audit_logs(world[name])} <= {None}
    onlooker.all_are_of_one_log()


@Times
def test_killed_while_it_publishes_nothing_is_lost_or_doubled(world: World, times: int) -> None:
    kent = world["kent"]
    handed_in: list[bytes] = []

    def hand_in() -> None:
        fresh = [b"%d" % number for number in range(len(handed_in), len(handed_in) + 300)]
        with writing(kent.node_db) as connection:
            stage(connection, kent, ((f"{record!r}", record) for record in fresh))
        handed_in.extend(fresh)

    sizes: set[int] = set()
    with sound_at_the_end(world) as onlooker:
        hand_in()

        def in_the_middle() -> bool:
            return any(size % 300 for size in sizes)

        for _ in killed_at_random(
            publish_staged, kent.folder, 3, times=times, enough=in_the_middle
        ):
            with reading(kent.node_db) as connection:
                log = own_log(connection)
            sizes.add(log.size if log else 0)
            hand_in()
    assert own_records(kent) == handed_in
    assert onlooker.seen()[-1].size == len(handed_in)
    assert in_the_middle()
    assert world.follow("leeds", "kent") == len(handed_in)
    assert records(world["leeds"], "kent") == handed_in


@Times
def test_killed_while_it_hands_in_each_batch_is_whole_or_not_there(
    world: World, times: int
) -> None:
    kent = world["kent"]
    with sound_at_the_end(world):
        for number, _ in enumerate(
            killed_at_random(stage_and_publish, kent.folder, "x", 12, 40, times=times)
        ):
            assert number < times
        with Doing(publish_staged, kent.folder, 1000) as doing:
            doing.ended_well()
    counts: dict[bytes, int] = {}
    for record in own_records(kent):
        batch = record.rpartition(b"/")[0]
        counts[batch] = counts.get(batch, 0) + 1
    assert set(counts) == {b"x/%d" % number for number in range(12)}
    assert all(count % 40 == 0 for count in counts.values())


@Times
def test_killed_while_it_applies_a_batch_nothing_is_lost_or_doubled(
    world: World, times: int
) -> None:
    leeds = world["leeds"]
    homes: list[bytes] = []

    def hand_in() -> None:
        fresh = [home_record(f"U{number:06}") for number in range(len(homes), len(homes) + 700)]
        publish(world["kent"], *fresh)
        homes.extend(fresh)

    sizes: set[int] = set()
    with sound_at_the_end(world):
        hand_in()

        def in_the_middle() -> bool:
            return any(size % 700 for size in sizes)

        for _ in killed_at_random(
            follow_others, leeds.folder, 0.02, times=times, enough=in_the_middle
        ):
            size = held_size(leeds, "kent")
            sizes.add(size)
            assert homes_found(leeds) == size
            hand_in()
    assert records(leeds, "kent") == homes
    assert homes_found(leeds) == len(homes) == held_size(leeds, "kent")
    assert trouble(leeds, "kent") is None
    assert in_the_middle()


def test_two_processes_that_publish_at_once_give_one_log(world: World) -> None:
    kent = world["kent"]
    with (
        sound_at_the_end(world) as onlooker,
        Doing(stage_and_publish, kent.folder, "a", 15, 7) as one,
        Doing(stage_and_publish, kent.folder, "b", 15, 7) as other,
    ):
        one.ended_well()
        other.ended_well()
    handed_in = [f"{name}/{t}/{n}".encode() for name in "ab" for t in range(15) for n in range(7)]
    assert sorted(own_records(kent)) == sorted(handed_in)
    for name in (b"a", b"b"):
        own = [record for record in own_records(kent) if record.startswith(name)]
        assert own == [record for record in handed_in if record.startswith(name)]
    assert onlooker.seen()[-1].size == len(handed_in)
    assert world.follow("leeds", "kent") == len(handed_in)


def test_two_processes_that_follow_at_once_double_nothing(world: World) -> None:
    leeds = world["leeds"]
    homes = [home_record(f"U{number:06}") for number in range(3000)]
    publish(world["kent"], *homes)
    with (
        sound_at_the_end(world),
        Doing(follow_until, leeds.folder, 3000) as one,
        Doing(follow_until, leeds.folder, 3000) as other,
    ):
        one.ended_well()
        other.ended_well()
    assert records(leeds, "kent") == homes
    assert homes_found(leeds) == len(homes)


@Times
def test_killed_while_it_receives_every_message_is_there_once(
    world: World, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(outbox, "LONGEST_RETRY_S", 0.05)
    kent, leeds = world["kent"], world["leeds"]
    world.sites["leeds"].stop()
    peer = world.peer("kent", "leeds")
    sent: set[str] = set()

    def hand_in() -> None:
        with writing(kent.node_db) as connection:
            sent.update(
                send_notice(connection, kent, WHO, a_notice(), placing=KENT, area=LEEDS)
                for _ in range(8)
            )

    dice = random.Random(times)
    for number in range(times + 1):
        hand_in()
        with Doing(serve, leeds.folder, world.sites["leeds"].port) as serving:
            enough = time.monotonic() + dice.uniform(0.0, 0.5)
            while waiting(kent) and (number == times or time.monotonic() < enough):
                deliver_due(kent, peer)
            serving.kill()
    world.sites["leeds"].start()
    with reading(leeds.node_db) as connection:
        came = [notice.id for notice in received(connection, WHO, LEEDS)]
        assert connection.scalar(select(func.count()).select_from(tables.inbox)) == len(sent)
    assert sorted(came) == sorted(sent)
    with reading(kent.node_db) as connection:
        assert {one.state for one in dispatches(connection).values()} == {"stored"}
        assert all(receipt_of(connection, kent, message) for message in sent)


@Times
def test_killed_while_it_erases_no_byte_is_left_and_nothing_else_is_lost(
    world: World, times: int
) -> None:
    kent, leeds = world["kent"], world["leeds"]
    words = {f"U{n:03}": "".join(random.Random(n).choices("bcdfghjkl", k=16)) for n in range(60)}
    world.publish_homes("kent", *(a_home(urn, name=f"{w} House") for urn, w in words.items()))
    world.follow("leeds", "kent")
    gone = list(words)[::3]
    sizes: set[int] = set()

    def in_the_middle() -> bool:
        return any(60 < size < 80 for size in sizes)

    def held(node: Node) -> set[str]:
        """The homes of which a word stands in a file of a node."""
        every = [*node.folder.rglob("*"), *world.database.raw(node.folder)]
        data = b"".join(path.read_bytes().lower() for path in every if path.is_file())
        return {urn for urn, word in words.items() if word[3:].encode() in data}

    with sound_at_the_end(world):
        for _ in killed_at_random(
            erase_homes, kent.folder, gone, times=times, enough=in_the_middle
        ):
            with reading(kent.node_db) as connection:
                log = own_log(connection)
            sizes.add(log.size if log else 0)
        assert held(kent) == set(words) - set(gone)
        for _ in killed_at_random(obey_others, leeds.folder, times=times):
            assert homes_found(leeds) >= len(words) - len(gone)
        assert held(leeds) == set(words) - set(gone)
    assert in_the_middle()
    with reading(kent.node_db) as connection:
        erased = {index for one in own_erasures(connection) for index in one.named}
    assert erased == {int(urn[1:]) for urn in gone}


def waiting(node: Node) -> bool:
    with reading(node.node_db) as connection:
        return any(one.state == "waiting" for one in dispatches(connection).values())


def held_size(node: Node, author: str) -> int:
    with reading(node.replica) as connection:
        return sum(log.size for log in followed_logs(connection).values() if log.node == author)


def homes_found(node: Node) -> int:
    """How many homes a search by a word that all have in common finds."""
    with reading(node.replica) as connection:
        results = search(connection, SearchQuery(words="Kent"))
        assert results.total == results.urns == count_homes(connection)
        return results.total
