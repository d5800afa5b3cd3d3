"""Two processes of one node that do the same at once: one log, one replica, nothing twice."""

import threading
from collections.abc import Callable
from types import TracebackType

import pytest
import requests

from directory.homes.query import SearchQuery
from directory.homes.service import count_homes, search
from federation import audit_logs, reading
from tests.federation.deeds import follow_until, stage_and_publish
from tests.federation.ledger import sizes_of_one_log
from tests.federation.processes import Doing
from tests.federation.worlds import World, home_record, own_records, publish, records, true_time

pytestmark = pytest.mark.both_databases(second_is_soak=True)


class Onlooker:
    """Asks for a node's checkpoint all the time, and remembers every one."""

    def __init__(self, world: World, author: str) -> None:
        self._url = f"{world[author].member.url}/log/checkpoint"
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        with requests.Session() as session:
            last = False
            while not last:
                last = self._stop.wait(0.005)  # and once more after that, when all is done
                answer = session.get(self._url, timeout=10)
                if answer.ok:
                    self.seen.add(answer.content)

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


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent and Leeds, by the clock that other processes have too."""
    return found("kent", "leeds", clock=true_time)


def test_two_processes_that_publish_at_once_give_one_log(world: World) -> None:
    kent = world["kent"]
    with (
        Onlooker(world, "kent") as onlooker,
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
    assert sizes_of_one_log(kent, onlooker.seen)[-1] == len(handed_in)
    assert world.follow("leeds", "kent") == len(handed_in)
    assert {one.problem for one in audit_logs(kent)} == {None}


def test_two_processes_that_follow_at_once_double_nothing(world: World) -> None:
    leeds = world["leeds"]
    homes = [home_record(f"U{number:06}") for number in range(3000)]
    publish(world["kent"], *homes)
    with (
        Doing(follow_until, leeds.folder, 3000) as one,
        Doing(follow_until, leeds.folder, 3000) as other,
    ):
        one.ended_well()
        other.ended_well()
    assert records(leeds, "kent") == homes
    with reading(leeds.replica) as connection:
        found = search(connection, SearchQuery(words="Kent"))
        assert found.total == found.urns == count_homes(connection) == len(homes)
    assert {one.problem for one in audit_logs(leeds)} == {None}
