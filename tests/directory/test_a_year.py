"""A year of placements between nine authorities: whatever befalls their nodes, each notice that
should exist does, exactly once, and a return finds exactly those that were left out on purpose.

Homes are those of Ofsted's list where it is on this machine, else made up; children are made up.
Everything is real but the network between the nodes: it loses requests and answers, brings messages
twice, and nodes are down, by the wrong clock, and one authority merges into another.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from directory.notices.errors import AlreadyAcknowledged
from directory.notices.models import received_notice, sent_notice
from directory.notices.received import acknowledge
from directory.notices.sent import send_notice
from directory.placing.reconciling.service import reconcile
from directory.privacy.retention.records import Kind, case_records
from directory.records.ofsted.reading import read_list
from directory.security.rights.principal import operator
from federation import Node, deliver_due, dispatches, reading, writing
from federation.errors import PeerUnreachable
from protocols.charter import Member
from protocols.errors import NotYet
from protocols.notices import Child, Contact, Placement
from tests.directory.post import Door
from tests.federation.worlds import NOW, Clock, World, a_notice, found

REAL = Path(__file__).parents[3] / "shared/data/ofsted/provider_at_march_2025.csv"
AREAS = {
    "kent": "E10000016",
    "leeds": "E08000035",
    "devon": "E10000008",
    "norfolk": "E10000020",
    "lewisham": "E09000023",
    "lancashire": "E10000017",
    "birmingham": "E08000025",
    "poole": "E06000029",
    "bcp": "E06000058",
}
MERGED, INTO = "poole", "bcp"
WHO = operator("tests")
DUTY = Contact("Dana Duty", "Duty social worker", "0113 496 0000")
FIRST_DAY = NOW.date() + timedelta(days=1)


def homes() -> dict[str, list[str]]:
    """URNs of homes by authority; those of what merges stand in both halves."""
    found: dict[str, list[str]] = defaultdict(list)
    if REAL.exists():
        for one in read_list(REAL).registrations:
            if one.authority_gss:
                found[one.authority_gss].append(one.urn)
    return {gss: found[gss] or [f"SC{number}00001"] for number, gss in enumerate(AREAS.values(), 1)}


@dataclass(frozen=True)
class Placed:
    """What happened: who placed whom where, from when; and whether anybody was to be told."""

    identifier: str
    placing: str
    area: str
    urn: str
    starts_on: date
    told: bool


@dataclass
class Faulty:
    """The way into another node, on which things go wrong."""

    door: Door
    dice: random.Random

    @property
    def member(self) -> Member:
        return self.door.member

    def deliver(self, gss: str, sealed: bytes) -> str:
        fate = self.dice.random()
        if fate < 0.1:
            raise PeerUnreachable("the request is lost")
        try:
            answer = self.door.deliver(gss, sealed)
            if fate < 0.3:
                assert self.door.deliver(gss, sealed) == answer, (
                    "the same receipt, and no second row"
                )
        except NotYet:
            raise PeerUnreachable("it comes from the future, and is asked to come again") from None
        if fate > 0.9:
            raise PeerUnreachable("the answer is lost")
        return answer

    def store_chunk(self, digest: str, chunk: bytes) -> None:
        self.door.store_chunk(digest, chunk)


@dataclass
class Year:
    """Nine nodes, what happened to their children, and what befalls the nodes."""

    world: World
    dice: random.Random
    days: int
    placed: list[Placed] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    ahead: dict[str, timedelta] = field(default_factory=dict)
    merged: bool = False
    _homes: dict[str, list[str]] = field(default_factory=homes)

    def node(self, name: str) -> Node:
        """A node, by its own clock."""
        return replace(self.world[name], now=self._clock(name))

    def _clock(self, name: str) -> Callable[[], datetime]:
        return lambda: self.world.turn() + self.ahead.get(name, timedelta())

    def live(self) -> None:
        for number in range(self.days):
            self.world.turn.forward(days=1)
            self._strike(number)
            for _ in range(self.dice.randint(2, 4)):
                self._place(number)
            self._post()
            self._answer()
        self.down.clear()
        self.ahead.clear()
        for _ in range(20):  # longer than any clock was ahead
            self.world.turn.forward(hours=4)
            self._post()
            self._answer()

    def _strike(self, number: int) -> None:
        """Who is down today, whose clock is wrong, and whether it is the day of the merger."""
        names = [name for name in AREAS if not (self.merged and name == MERGED)]
        self.down = set(self.dice.sample(names, self.dice.randint(0, 2)))
        self.ahead = {
            self.dice.choice(names): timedelta(hours=self.dice.choice((-30, -5, 1, 7, 49)))
        }
        half = self.days // 2
        if number in (half - 2, half - 1):
            if number == half - 2:
                self._settle()
            self.down.add(MERGED)
        if number == half:
            self._merge()

    def _settle(self) -> None:
        self.down.clear()
        self.ahead.clear()
        for _ in range(20):
            self.world.turn.forward(minutes=30)
            self._post()

    def _merge(self) -> None:
        """One authority is another's from today: its node stops, and who had written to it in vain
        tells the one that answers for its area now."""
        gone = msgspec.structs.replace(
            self.world.member(MERGED), status="suspended", reason="It merged."
        )
        self.world.adopt(self.world.successor(gone))
        self.merged = True
        for number, one in enumerate(self.placed):
            if not one.told or MERGED not in (one.placing, one.area):
                continue
            if self._is_stored(one):
                continue
            # Whose children they are, or whose area it is, has changed since.
            after = replace(
                one,
                placing=INTO if one.placing == MERGED else one.placing,
                area=INTO if one.area == MERGED else one.area,
            )
            after = replace(after, told=after.placing != after.area)
            self.placed[number] = after
            if after.told:
                self._tell(after.placing, after.area, after)

    def _is_stored(self, one: Placed) -> bool:
        """Whether there is a receipt for a notice."""
        node = self.world[one.placing]
        with reading(node.node_db) as connection:
            sent = {
                record.id
                for record in case_records(connection, node, AREAS[one.placing])
                if record.kind is Kind.SENT and record.child.identifier == one.identifier
            }
            return any(it.state == "stored" for it in dispatches(connection, sent).values())

    def _place(self, number: int) -> None:
        placing, area = self.dice.sample(
            [name for name in AREAS if not (self.merged and name == MERGED)], 2
        )
        one = Placed(
            f"CH-{len(self.placed):05}",
            placing,
            area,
            self.dice.choice(self._homes[AREAS[area]]),
            self.world.turn().date() + timedelta(days=1),
            told=self.dice.random() > 0.1,
        )
        self.placed.append(one)
        if one.told:
            self._tell(placing, area, one)

    def _tell(self, placing: str, area: str, one: Placed) -> None:
        notice = a_notice(
            child=Child(one.identifier, "Robin", f"Sample {one.identifier}", date(2012, 4, 9)),
            placement=Placement("children's home", "1 Sample Lane", one.starts_on, one.urn),
        )
        for _ in range(self.dice.randint(1, 2)):  # somebody presses the button twice
            with writing(self.world[placing].node_db) as connection:
                send_notice(
                    *(connection, self.node(placing), WHO, notice),
                    placing=AREAS[placing],
                    area=AREAS[area],
                    form=f"{one.identifier} {area}",
                )

    def _post(self) -> None:
        up = [n for n in AREAS if n not in self.down and not (self.merged and n == MERGED)]
        for sender in up:
            for recipient in up:
                if sender != recipient:
                    door = Door(self.node(recipient), self.world.member(sender))
                    deliver_due(self.node(sender), Faulty(door, self.dice))

    def _answer(self) -> None:
        """Every area authority acknowledges what has come, some of it twice."""
        for name, gss in AREAS.items():
            if name in self.down or (self.merged and name == MERGED):
                continue
            node = self.node(name)
            with reading(node.node_db) as connection:
                waiting = connection.scalars(
                    select(received_notice.c.id).where(received_notice.c.acknowledged_at.is_(None))
                ).all()
            for one in [*waiting, *waiting[:1]]:
                with suppress(AlreadyAcknowledged), writing(node.node_db) as connection:
                    acknowledge(connection, node, WHO, area=gss, notice=one, contact=DUTY)

    # --- What is there at the end -------------------------------------------------------------

    def received(self) -> Counter[tuple[str, str]]:
        """How often each child is told of, anywhere: by identifier and placing authority."""
        count: Counter[tuple[str, str]] = Counter()
        for name, gss in AREAS.items():
            node = self.world[name]
            with reading(node.node_db) as connection:
                for one in case_records(connection, node, gss):
                    if one.kind is Kind.RECEIVED:
                        count[one.child.identifier or "", one.other or ""] += 1
        return count

    def a_return(self, name: str) -> tuple[bytes, set[int]]:
        """An authority's table Episodes, and the rows of those of whom nobody was told."""
        heading = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,URN,PL_LA"
        lines, left_out = [heading], set()
        for one in (one for one in self.placed if one.placing == name):
            area = INTO if self.merged and one.area == MERGED else one.area
            lines.append(
                f"{one.identifier},{one.starts_on:%d/%m/%Y},S,C2,N1,K2,PR4,,,{one.urn},{AREAS[area]}"
            )
            if not one.told and area != name:
                left_out.add(len(lines))
        return "\r\n".join([*lines, ""]).encode(), left_out


@pytest.mark.parametrize("days", [10, pytest.param(365, marks=pytest.mark.soak)])
def test_every_notice_that_should_exist_does_once_and_a_return_finds_those_left_out(
    tmp_path: Path, days: int
) -> None:
    urls = {name: f"http://127.0.0.1:9/{name}" for name in AREAS}
    served = {name: (gss,) for name, gss in AREAS.items()}
    with found(tmp_path, *AREAS, served=served, urls=urls, clock=Clock()) as world:
        year = Year(world, random.Random(days), days)
        year.live()
        wanted = Counter(
            {(one.identifier, AREAS[one.placing]): 1 for one in year.placed if one.told}
        )
        assert year.received() == wanted
        for name in (name for name in AREAS if name != MERGED):
            node = world[name]
            with reading(node.node_db) as connection:
                unanswered = connection.execute(
                    select(sent_notice.c.area_authority).where(
                        sent_notice.c.placing_authority == AREAS[name],
                        sent_notice.c.acknowledged_at.is_(None),
                    )
                ).all()
            assert {row.area_authority for row in unanswered} <= {AREAS[MERGED]}
            episodes, left_out = year.a_return(name)
            result = reconcile(
                *(node, WHO, AREAS[name], BytesIO(episodes)), reason="A year is over"
            )
            assert {one.row for one in result.missing} == left_out, name
        assert sum(not one.told for one in year.placed) > 0
