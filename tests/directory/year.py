"""Nine authorities that place children with each other day after day, and what befalls their nodes.

Homes are those of Ofsted's list where it is on this machine, else made up; children are made up.
Requests and answers are lost, messages come twice, nodes are down or by the wrong clock, and one
authority merges into another. Placements change, go on, end, move to other homes and to other
areas; notices are corrected and withdrawn, and asked about.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Table, select

from directory.notices.errors import AlreadyAcknowledged, AlreadyWithdrawn, NoSuchNotice
from directory.notices.following.asking import ask
from directory.notices.following.saying import Changes, Saying
from directory.notices.models import received_notice, sent_notice
from directory.notices.now import Side, now_of
from directory.notices.received import acknowledge
from directory.notices.sent import send_notice
from directory.privacy.retention.records import Kind, case_records
from directory.records.ofsted.reading import read_list
from directory.security.rights.principal import operator
from federation import Node, deliver_due, dispatches, reading, writing
from federation.errors import PeerUnreachable
from federation.peers import Inbox, Peer
from protocols.charter import Member
from protocols.errors import NotYet
from protocols.notices import Child, Contact, Placement
from protocols.placements import ChangeKind
from tests.directory.post import Door
from tests.federation.worlds import NOW, World, a_notice

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


@dataclass
class Placed:
    """What happened: who placed whom where, from when; whether anybody was to be told, by which
    notice; and what came of it since. `steps` counts what was said of it.
    """

    identifier: str
    placing: str
    area: str
    urn: str
    starts_on: date
    told: bool
    notice: str = ""
    address: str = "1 Sample Lane"
    worker: str = "Sam Sample"
    expected_end: date | None = None
    ended_on: date | None = None
    end_told: bool = True
    withdrawn: bool = False
    steps: int = 0

    def __post_init__(self) -> None:
        self.first_urn = self.urn

    def as_said(self) -> tuple[object, ...]:
        """What both authorities have to know of it."""
        told = self.ended_on if self.end_told else None
        known = (self.urn, self.address, self.worker, self.expected_end)
        return (*known, told, self.withdrawn, self.steps)


@dataclass
class Faulty:
    """The way into another node, on which things go wrong."""

    door: Inbox
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
    by_http: bool = False
    placed: list[Placed] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    ahead: dict[str, timedelta] = field(default_factory=dict)
    merged: bool = False
    asked: list[tuple[Placed, str]] = field(default_factory=list)
    answered: int = 0
    _peers: dict[tuple[str, str], Inbox] = field(default_factory=dict)
    _homes: dict[str, list[str]] = field(default_factory=homes)

    def node(self, name: str) -> Node:
        """A node, by its own clock."""
        return replace(self.world[name], now=self._clock(name))

    def _clock(self, name: str) -> Callable[[], datetime]:
        return lambda: self.world.turn() + self.ahead.get(name, timedelta())

    def live(self) -> None:
        for name in AREAS if self.by_http else ():
            self.world.serve(name, self.node(name))
        for number in range(self.days):
            self.world.turn.forward(days=1)
            self._strike(number)
            for _ in range(self.dice.randint(2, 4)):
                self._place(number)
            self._follow()
            self._post()
            self._answer()
        self._down()
        self.ahead.clear()
        for _ in range(20):  # longer than any clock was ahead
            self.world.turn.forward(hours=4)
            self._post()
            self._answer()

    def _strike(self, number: int) -> None:
        """Who is down today, whose clock is wrong, and whether it is the day of the merger."""
        names = [name for name in AREAS if not (self.merged and name == MERGED)]
        self._down(*self.dice.sample(names, self.dice.randint(0, 2)))
        self.ahead = {
            self.dice.choice(names): timedelta(hours=self.dice.choice((-30, -5, 1, 7, 49)))
        }
        half = self.days // 2
        if number in (half - 2, half - 1):
            if number == half - 2:
                self._settle()
            self._down(*self.down, MERGED)
        if number == half:
            self._merge()

    def _down(self, *names: str) -> None:
        """These nodes are down, and no others."""
        if self.by_http:
            for name in set(names) - self.down:
                self.world.sites[name].stop()
            for name in self.down - set(names):
                self.world.sites[name].start()
        self.down = set(names)

    def _settle(self) -> None:
        self._down()
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
            placement=Placement("children's home", one.address, one.starts_on, one.urn),
        )
        for _ in range(self.dice.randint(1, 2)):  # somebody presses the button twice
            with writing(self.world[placing].node_db) as connection:
                one.notice = send_notice(
                    *(connection, self.node(placing), WHO, notice),
                    placing=AREAS[placing],
                    area=AREAS[area],
                    form=f"{one.identifier} {area} {one.starts_on}",
                )

    def _follow(self) -> None:
        """What becomes of some; not where an authority merges, whose node hears no more then."""
        stand = [
            one
            for one in self.placed
            if one.told
            and not (one.withdrawn or one.ended_on)
            and MERGED not in (one.placing, one.area)
        ]
        for one in self.dice.sample(stand, min(len(stand), self.dice.randint(1, 3))):
            self.dice.choice(
                (self._change, self._correct, self._extend, self._move, self._end, self._withdraw)
            )(one)

    def _change(self, one: Placed) -> None:
        one.worker = f"Worker {one.steps}"
        contact = Contact(one.worker, "Social worker", "01632 960104")
        self._say(one, self._changes("change", others={"social_worker": contact}))

    def _correct(self, one: Placed) -> None:
        one.address = f"{one.steps + 2} Sample Lane"
        self._say(one, self._changes("correction", placement={"address": one.address}))

    def _extend(self, one: Placed) -> None:
        one.expected_end = max(self._today, one.starts_on) + timedelta(days=30 + one.steps)
        self._say(one, self._changes("extension", others={"expected_end": one.expected_end}))

    def _move(self, one: Placed) -> None:
        """To another home in the area; or out of it, which ends it there and begins it anew."""
        if self.dice.random() < 0.5:
            others = [urn for urn in self._homes[AREAS[one.area]] if urn != one.urn]
            if others:
                one.urn = self.dice.choice(others)
                self._say(one, self._changes("change", placement={"urn": one.urn}))
            return
        self._end(one, told=True)
        assert one.ended_on
        area = self.dice.choice([n for n in AREAS if n not in (MERGED, one.placing, one.area)])
        urn = self.dice.choice(self._homes[AREAS[area]])
        new = Placed(one.identifier, one.placing, area, urn, one.ended_on, told=True)
        self.placed.append(new)
        self._tell(new.placing, area, new)

    def _end(self, one: Placed, *, told: bool | None = None) -> None:
        one.ended_on = max(self._today, one.starts_on)
        one.end_told = self.dice.random() > 0.2 if told is None else told
        if one.end_told:
            ended = {"ended_on": one.ended_on, "planned": True, "given_by": "court"}
            self._say(one, lambda saying: saying.end(**ended, why="care plan"))

    def _withdraw(self, one: Placed) -> None:
        one.withdrawn = True
        self._say(one, lambda saying: saying.withdraw(why="placement fell through", contact=DUTY))

    @property
    def _today(self) -> date:
        return self.world.turn().date()

    def _changes(
        self,
        kind: ChangeKind,
        placement: Mapping[str, object] | None = None,
        others: Mapping[str, object] | None = None,
    ) -> Callable[[Saying], str]:
        changes = Changes(kind, self._today, {}, placement or {}, others or {})
        return lambda saying: saying.change(changes)

    def _say(self, one: Placed, what: Callable[[Saying], str]) -> None:
        one.steps += 1
        form = f"{one.notice} {one.steps}"
        node = self.node(one.placing)
        for _ in range(self.dice.randint(1, 2)):  # somebody presses the button twice
            with writing(node.node_db) as connection:
                here = {"placing": AREAS[one.placing], "notice": one.notice, "form": form}
                what(Saying(connection, node, WHO, **here))

    def _post(self) -> None:
        up = [n for n in AREAS if n not in self.down and not (self.merged and n == MERGED)]
        for sender in up:
            for recipient in up:
                if sender != recipient:
                    door = self._door(sender, recipient)
                    deliver_due(self.node(sender), Faulty(door, self.dice))

    def _door(self, sender: str, recipient: str) -> Inbox:
        """The way from one node to another: over HTTP, or without a network."""
        if (sender, recipient) not in self._peers:
            self._peers[sender, recipient] = (
                Peer(self.node(sender), self.world.seen(sender, recipient))
                if self.by_http
                else Door(self.node(recipient), self.world.member(sender))
            )
        return self._peers[sender, recipient]

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
            self._ask(name, node, waiting)
        for one, question in [*self.asked]:
            # Who has not heard the question yet is asked tomorrow.
            with suppress(NoSuchNotice, AlreadyWithdrawn):
                self._reply(one, question)
                self.asked.remove((one, question))
                self.answered += 1

    def _ask(self, name: str, node: Node, notices: Sequence[str]) -> None:
        """Some of what came makes somebody ask back."""
        for one in self.placed:
            if one.area == name and one.notice in notices and MERGED not in (name, one.placing):
                with writing(node.node_db) as connection:
                    about = {"area": AREAS[name], "notice": one.notice, "asked_by": DUTY}
                    asked = ask(connection, node, WHO, text="Which school?", **about)
                self.asked.append((one, asked))

    def _reply(self, one: Placed, question: str) -> None:
        node = self.node(one.placing)
        with writing(node.node_db) as connection:
            here = {"placing": AREAS[one.placing], "notice": one.notice, "form": question}
            Saying(connection, node, WHO, **here).answer(question, "The one by the park.", DUTY)

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

    def known(self, one: Placed) -> list[tuple[object, ...]]:
        """What each side knows of a placement of which the other was told."""
        found: list[tuple[object, ...]] = []
        sides: tuple[tuple[Side, str, Table], ...] = (
            ("sent", one.placing, sent_notice),
            ("received", one.area, received_notice),
        )
        for side, name, table in sides:
            node = self.world[name]
            with reading(node.node_db) as connection:
                row = connection.execute(select(table).where(table.c.id == one.notice)).one()
                now = now_of(connection, node, side, row)
            assert (row.ended_on, row.withdrawn_at is not None) == (
                now.ended_on,
                now.withdrawal is not None,
            )
            said = now.says.placement
            assert now.says.social_worker
            found.append(
                (
                    *(said.urn, said.address, now.says.social_worker.name, now.expected_end),
                    *(now.ended_on, now.withdrawal is not None, len(now.steps)),
                )
            )
        return found

    def a_return(self, name: str) -> tuple[bytes, set[int], set[int]]:
        """An authority's table Episodes, the rows of those of whom nobody was told, and of those
        of whose end nobody was.
        """
        heading = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,URN,PL_LA"
        lines, left_out, end_left_out = [heading], set(), set()
        for one in self.placed:
            if one.placing != name or one.withdrawn:
                continue
            area = INTO if self.merged and one.area == MERGED else one.area
            dec = f"{one.ended_on:%d/%m/%Y},E8" if one.ended_on else ","
            lines.append(
                f"{one.identifier},{one.starts_on:%d/%m/%Y},S,C2,N1,K2,PR4,{dec},"
                f"{one.urn},{AREAS[area]}"
            )
            if not one.told and area != name:
                left_out.add(len(lines))
            if not one.end_told:
                end_left_out.add(len(lines))
        return "\r\n".join([*lines, ""]).encode(), left_out, end_left_out
