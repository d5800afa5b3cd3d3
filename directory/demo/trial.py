"""The trial: every node publishes its own, all verify all, and a notice goes there and back."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from sqlalchemy import Connection

from directory.country.reference.working_days import london_day
from directory.demo.consortium import Site
from directory.demo.examples import furnish
from directory.demo.notices import fictional_notice
from directory.demo.people import Pass, add_people
from directory.demo.places import Place, busiest_provider, homes_at
from directory.demo.processes import Processes
from directory.homes.query import SearchQuery
from directory.homes.service import count_homes, search
from directory.notices.received import acknowledge, read_received, received
from directory.notices.sent import acknowledgement_of, send_notice
from directory.records.ofsted.registrations import OfstedList
from directory.records.ofsted.service import import_list
from directory.records.publishing.service import Publication, publish, publish_register
from directory.records.samples.commissioning import sample_commissioning
from directory.records.samples.service import sample_profiles
from directory.records.samples.statements import sample_statements
from directory.security.rights.principal import operator
from federation import Node, followed_logs, own_log, reading, receipt_of, staged_count, writing
from protocols.notices import Contact

PATIENCE_S = 180.0
NOTICE_S = 60.0
SEARCHES = (
    SearchQuery(words="care private", judgement="Outstanding"),
    SearchQuery(region="South West", min_places=4, order="places, most first"),
    SearchQuery(words="children's home", order="judgement, best first"),
)


@dataclass
class Outcome:
    """What a trial gives. `homes_expected` is what was handed to all nodes together."""

    nodes: int
    homes_expected: int = 0
    homes_per_node: dict[str, int] = field(default_factory=dict)
    records_total: int = 0
    converge_s: float = 0.0
    records_per_s: float = 0.0
    dead_nodes: list[str] = field(default_factory=list)
    searches_agree: bool = False
    notice_acknowledged: bool = False
    receipt_verified: bool = False
    examples_made: bool = False

    @property
    def held(self) -> bool:
        """Whether everything that a trial is for has come true."""
        return (
            not self.dead_nodes
            and self.homes_expected > 0
            and len(self.homes_per_node) == self.nodes
            and set(self.homes_per_node.values()) == {self.homes_expected}
            and self.searches_agree
            and self.notice_acknowledged
            and self.receipt_verified
            and self.examples_made
        )


def hand_out(node: Node, site: Site, listed: OfstedList) -> None:
    """Give a node the rows of Ofsted's list that are of its own area, and no others."""
    with writing(node.node_db) as connection:
        import_list(
            connection,
            listed,
            file_name=f"{site.name}.csv",
            digest=listed.sha256,
            now=node.now(),
            authorities=frozenset(one.gss for one in site.authorities),
        )


def publish_own(node: Node, site: Site, *, samples: bool) -> Publication:
    """Have a node publish what it was given, or else sample homes of its authorities."""
    with writing(node.node_db) as connection:
        if samples:
            homes, today = homes_at(site), london_day(node.now())
            wants = [sample_commissioning(one.gss, today) for one in site.authorities]
            statements = sample_statements(homes, today)
            profiles = sample_profiles(homes)
            return publish(connection, node, [*homes, *profiles, *wants, *statements])
        return publish_register(connection, node)


def converge(
    nodes: Mapping[str, Node],
    processes: Processes,
    outcome: Outcome,
    began: float,
    report: Callable[[str], None],
) -> None:
    """Wait until every living node holds all that the living have published, and count.

    `began` is when publishing did, on the monotonic clock.
    """
    while True:
        living = processes.living()
        waiting = [name for name in living if not _holds_all(nodes, name, living)]
        if not waiting or time.monotonic() > began + PATIENCE_S:
            break
        report(f"{len(living) - len(waiting)} of {len(living)} nodes hold everything")
        time.sleep(0.1)
    outcome.converge_s = round(time.monotonic() - began, 3)
    outcome.dead_nodes = sorted(set(nodes) - set(living))
    for name, node in nodes.items():
        with reading(node.replica) as connection:
            outcome.homes_per_node[name] = count_homes(connection)
    outcome.records_total = sum(_published(nodes[name]) for name in living)
    outcome.records_per_s = round(outcome.records_total / max(outcome.converge_s, 0.001), 1)


def compare_searches(nodes: Mapping[str, Node]) -> bool:
    """Whether the same searches give the same homes, in the same order, on every node."""
    answers = []
    for node in nodes.values():
        with reading(node.replica) as connection:
            answers.append([_answer(connection, query) for query in SEARCHES])
    found_something = any(total for answer in answers for total, _ in answer)
    return found_something and all(one == other for one, other in combinations(answers, 2))


def exchange_notice(nodes: Mapping[str, Node], sites: list[Site], outcome: Outcome) -> None:
    """Send a notice from the first site's first authority to the last site's last, and back."""
    placing_site, area_site = sites[0], sites[-1]
    placing, area = placing_site.authorities[0].gss, area_site.authorities[-1].gss
    sender, receiver = nodes[placing_site.name], nodes[area_site.name]
    notice = fictional_notice()
    who = operator("demo")
    with writing(sender.node_db) as connection:
        message = send_notice(connection, sender, who, notice, placing=placing, area=area)
    if not _until(lambda: _has_come(receiver, area, message)):
        return
    with writing(receiver.node_db) as connection:
        read = read_received(
            connection, receiver, who, area=area, notice=message, reason="To compare it"
        )
        duty = Contact("Duty officer on call", "Duty officer", "01632 960001")
        acknowledge(connection, receiver, who, area=area, notice=message, contact=duty)
    came_back = _until(lambda: _is_acknowledged(sender, placing, message))
    outcome.notice_acknowledged = came_back and read.notice == notice
    with reading(sender.node_db) as connection:
        receipt = receipt_of(connection, sender, message)
    outcome.receipt_verified = receipt is not None and receipt.outcome == "stored"


def people_it(nodes: Mapping[str, Node], sites: list[Site], pass_: Pass, *, samples: bool) -> bool:
    """Make the people of every site and, where there are sample homes, what they work on; whether
    all of that has come about.
    """
    provider = busiest_provider(sites) if samples else "Sample Care Ltd (fictional)"
    places = [
        Place(site, nodes[site.name], add_people(nodes[site.name], site, pass_, provider), homes)
        for site, homes in ((site, homes_at(site) if samples else []) for site in sites)
    ]
    return not samples or furnish(places, provider, _until)


def _published(node: Node) -> int:
    with reading(node.node_db) as connection:
        log = own_log(connection)
    return log.size if log else 0


def _holds_all(nodes: Mapping[str, Node], name: str, authors: list[str]) -> bool:
    with reading(nodes[name].replica) as connection:
        held = {log.node: log.size for log in followed_logs(connection).values()}
    for author in authors:
        with reading(nodes[author].node_db) as connection:
            if staged_count(connection):
                return False
        if held.get(author, 0) < _published(nodes[author]):
            return False
    return True


def _answer(connection: Connection, query: SearchQuery) -> tuple[int, list[tuple[str, str, int]]]:
    results = search(connection, query)
    return results.total, [(found.record.urn, found.node, found.entry) for found in results.homes]


def _has_come(node: Node, area: str, message: str) -> bool:
    with reading(node.node_db) as connection:
        return any(one.id == message for one in received(connection, operator("demo"), area))


def _is_acknowledged(node: Node, placing: str, message: str) -> bool:
    with reading(node.node_db) as connection:
        who = operator("demo")
        answer = acknowledgement_of(connection, node, who, placing=placing, notice=message)
        return answer is not None


def _until(come_true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + NOTICE_S
    while not come_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
