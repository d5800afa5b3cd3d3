"""The home's side: what its staff are asked, and the numbers that they answer."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from directory.hosting.census.answers import take_answer
from directory.hosting.census.errors import NoSuchCensus
from directory.hosting.census.models import census_asked
from directory.hosting.homes.saying import why
from directory.providers.vouching.models import provider_home
from directory.providers.vouching.running import RunHome
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, NoSuchMember, hold, queue
from protocols.census import CensusAnswer, CensusAsking, CensusCount, encode_census_body


@dataclass(frozen=True, slots=True)
class AskedOfHome:
    """A census that asks about a home."""

    area: str
    census: str
    as_at: date
    answer_by: date
    asked_by: str
    answered_by: str | None
    answered_at: datetime | None


def take_asking(
    connection: Connection, node: Node, body: CensusAsking, *, area: str, through: str
) -> bool:
    """Keep what is asked, or that it was asked again; whether such a home is run from here."""
    hold(connection, "askings of a census")  # an asking and its reminder may come at once
    runs = connection.scalar(
        select(provider_home.c.id).where(
            provider_home.c.id == body.claim,
            provider_home.c.through == through,
            provider_home.c.authority == area,
            provider_home.c.state == "confirmed",
        )
    )
    if runs is None:
        return False
    values = {
        "as_at": body.as_at,
        "answer_by": body.answer_by,
        "asked_by": body.asked_by[:200],
        "came_at": node.now(),
    }
    mine = (
        (census_asked.c.area == area)
        & (census_asked.c.census == body.census)
        & (census_asked.c.claim == body.claim)
    )
    again = connection.execute(update(census_asked).where(mine).values(values))
    if not again.rowcount:
        key = {"area": area, "census": body.census, "claim": body.claim}
        connection.execute(insert(census_asked).values(**key, **values))
    return True


def asked_of(connection: Connection, home: RunHome) -> list[AskedOfHome]:
    """What is asked about a home, the latest first. Whether they run it was said before."""
    names = [census_asked.c[name] for name in AskedOfHome.__dataclass_fields__]
    rows = connection.execute(
        select(*names)
        .where(census_asked.c.claim == home.claim, census_asked.c.area == home.authority)
        .order_by(census_asked.c.as_at.desc(), census_asked.c.census)
    )
    return [AskedOfHome(*row) for row in rows]


def answer(
    connection: Connection,
    node: Node,
    who: Principal,
    home: RunHome,
    census: str,
    counts: tuple[CensusCount, ...],
) -> None:
    """Answer with numbers, or anew. Raises NotAllowed, NoSuchCensus."""
    require(who, Action.LOOK_AFTER_RESIDENTS)
    now, through = node.now(), home.workplace.through
    mine = (census_asked.c.census == census) & (census_asked.c.claim == home.claim)
    done = connection.execute(
        update(census_asked).where(mine).values(answered_by=who.name[:200], answered_at=now)
    )
    if not done.rowcount:
        raise NoSuchCensus("Nobody has asked so")
    if home.authority in node.member.area:
        take_answer(
            connection,
            node,
            area=home.authority,
            of=census,
            claim=home.claim,
            through=through,
            counts=counts,
            by=who.name,
            at=now,
        )
    else:
        reason = why("census-answer/1", through)
        said = CensusAnswer(census, home.claim, counts, who.name[:200], now, **reason)
        with suppress(NoSuchMember):  # who has left the charter asks nothing any more
            queue(
                connection,
                node,
                sender=through,
                recipient=home.authority,
                body=encode_census_body(said),
            )
    note(
        connection,
        node,
        who,
        Action.LOOK_AFTER_RESIDENTS,
        authority=through,
        record=f"census/{census}",
        detail=f"answered for {home.urn}",
    )
