"""Two web servers and two workers serve one node on PostgreSQL, and nothing happens twice."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from directory.demo.consortium import found, free_ports, open_all, three_authorities
from directory.demo.processes import Processes
from directory.notices.received import received
from directory.notices.sent import send_notice
from directory.security.rights.principal import operator
from federation import (
    Node,
    audit_logs,
    dispatches,
    followed_logs,
    reading,
    sequence,
    stage,
    tables,
    writing,
)
from tests.databases import databases
from tests.federation.processes import until
from tests.federation.worlds import a_notice, home_record

NOTICES, ROUNDS, AT_ONCE = 24, 6, 10
WHO = operator("tests")


@pytest.mark.soak
def test_nothing_is_published_signed_or_delivered_twice(tmp_path: Path) -> None:
    with ExitStack() as stack:
        made = stack.enter_context(databases("postgresql"))
        served = dict(list(three_authorities().items())[:2])
        addresses = {name: made.fresh("template1") for name in served}
        *ports, third = free_ports(3)
        leeds, norfolk = sites = found(tmp_path, served, ports, addresses)
        again = replace(leeds, name="leeds again", port=third)
        nodes = open_all(stack, sites)
        one, other = nodes[leeds.name], nodes[norfolk.name]
        for node in nodes.values():
            sequence(node)  # an empty log, without which a server counts as not ready
        for of_sites, part in (([*sites], "web"), ([again], "web"), ([*sites], "worker")):
            running = stack.enter_context(Processes(of_sites, only=part))
            if part == "web":
                running.wait_ready()
        stack.enter_context(Processes([again], only="worker"))

        sent = []
        for number in range(ROUNDS):
            sent += work(one, leeds.authorities[0].gss, norfolk.authorities[0].gss, number)
        until(lambda: states(one) == {"stored"}, patience=120)
        until(lambda: held(other, leeds.name) == ROUNDS * AT_ONCE, patience=120)

        with reading(one.node_db) as connection:
            assert {each.attempts for each in dispatches(connection).values()} == {1}
            raws = connection.scalars(select(tables.own_entry.c.raw)).all()
        assert len(set(raws)) == len(raws) == ROUNDS * AT_ONCE
        with reading(other.node_db) as connection:
            came = received(connection, WHO, norfolk.authorities[0].gss)
            assert connection.scalar(select(func.count()).select_from(tables.inbox)) == len(sent)
        assert sorted(each.id for each in came) == sorted(sent)
        for node in (one, other):
            assert {each.problem for each in audit_logs(node)} == {None}
        served_by_both = {
            requests.get(f"{site.url}/log/checkpoint", timeout=10).content
            for site in (leeds, again)
        }
        assert len(served_by_both) == 1


def work(node: Node, placing: str, area: str, number: int) -> list[str]:
    """Stage records and send notices, as web servers would for people."""
    urns = [f"T{number:02}{each:02}" for each in range(AT_ONCE)]
    with writing(node.node_db) as connection:
        stage(connection, node, ((f"home/{urn}", home_record(urn, placing)) for urn in urns))
    sent = []
    for _ in range(NOTICES // ROUNDS):
        with writing(node.node_db) as connection:
            sent.append(send_notice(connection, node, WHO, a_notice(), placing=placing, area=area))
    return sent


def states(node: Node) -> set[str]:
    with reading(node.node_db) as connection:
        return {one.state for one in dispatches(connection).values()}


def held(node: Node, author: str) -> int:
    with reading(node.replica) as connection:
        return sum(log.size for log in followed_logs(connection).values() if log.node == author)
