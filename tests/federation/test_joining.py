"""Whole nodes: a third joins two that run, by charter alone, and nobody is started again."""

from collections.abc import Callable

import pytest

from directory.node.charters.files import write_key
from directory.nodes import opened
from directory.notices.sent import send_notice
from federation import Node, dispatches, reading, stage, writing
from tests.directory.command_line import succeed
from tests.federation.processes import until
from tests.federation.running import PATIENCE, Running, hearth
from tests.federation.servers import free_ports
from tests.federation.worlds import (
    DEVON,
    LEEDS,
    WHO,
    World,
    a_notice,
    home_record,
    log_of,
    publish,
    records,
    true_time,
)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent and Leeds at free ports, served by nobody yet."""
    ports = free_ports(2)
    urls = {n: f"http://127.0.0.1:{p}" for n, p in zip(("kent", "leeds"), ports, strict=True)}
    return found("kent", "leeds", urls=urls, clock=true_time)


def held(node: Node, author: str) -> list[bytes]:
    try:
        return records(node, author)
    except StopIteration:
        return []


def hand_in(node: Node, *homes: bytes) -> None:
    with writing(node.node_db) as connection:
        stage(connection, node, ((repr(one)[:120], one) for one in homes))


@pytest.mark.soak
def test_a_third_node_joins_two_that_run_holds_all_and_is_held_by_all(world: World) -> None:
    kent, leeds, folder = world["kent"], world["leeds"], world.folder
    homes = [home_record(f"K{number:04}") for number in range(300)]
    publish(kent, *homes)
    publish(leeds)
    founding, third = folder / "founding.note", f"--data-dir={folder / 'devon'}"
    founding.write_bytes(world.charter)
    write_key(folder / "key.json", world.holder)
    with Running(kent) as run_kent, Running(leeds) as run_leeds:
        until(lambda: run_kent.answers() and run_leeds.answers(), PATIENCE)
        url = f"http://127.0.0.1:{free_ports(1)[0]}"
        succeed("init", "--name", "devon", "--url", url, "--authority", "Devon", third)
        member, draft = folder / "devon" / "member.json", folder / "second.note"
        hearth(kent, "charter", "propose", "--member", str(member), "--out", str(draft))
        succeed("charter", "sign", draft, "--key", folder / "key.json", "--yes")
        assert hearth(kent, "charter", "adopt", str(draft))["version"] == 2
        assert succeed("charter", "adopt", founding, third)["version"] == 2
        with opened(folder / "devon") as devon:
            hand_in(devon, home_record("D0001", DEVON))
            with Running(devon) as run_devon:
                until(run_devon.answers, PATIENCE)
                until(lambda: held(devon, "kent") == homes, PATIENCE)
                for node in (kent, leeds):
                    until(lambda node=node: len(held(node, "devon")) == 1, PATIENCE)
                assert leeds.charter == kent.charter == devon.charter
                with writing(devon.node_db) as connection:
                    send_notice(connection, devon, WHO, a_notice(), placing=DEVON, area=LEEDS)
                until(lambda: states(devon) == {"stored"}, PATIENCE)
                assert log_of(devon, "leeds").trouble is None


def states(node: Node) -> set[str]:
    with reading(node.node_db) as connection:
        return {one.state for one in dispatches(connection).values()}
