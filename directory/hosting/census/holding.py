"""The authority's side: by one action every home in the area is asked how many live there and from
which authorities; who has not answered is reminded; then it is closed.

Homes with staff on some node are asked there. The others have a link without a name, by email where
their address is known, or a form on paper. The numbers stay in this node, sealed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex, token_urlsafe

from sqlalchemy import Connection, Row, insert, select, update

from directory.homes.models import home
from directory.hosting.census.answers import digest_of
from directory.hosting.census.asking import take_asking
from directory.hosting.census.contacts import keep_address
from directory.hosting.census.errors import CensusOpen, CensusOver, NoSuchCensus
from directory.hosting.census.mailing import queue_mails
from directory.hosting.census.models import LINK_LASTS, census, census_home
from directory.hosting.homes.saying import why
from directory.providers.documents.standing import in_good_standing
from directory.providers.vouching.models import home_claim
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, hold, queue
from protocols.census import CensusAsking, encode_census_body


@dataclass(frozen=True, slots=True)
class Census:
    """A census, and how many homes were asked and have answered."""

    id: str
    as_at: date
    answer_by: date
    begun_by: str
    begun_at: datetime
    closed_at: datetime | None
    asked: int
    answered: int


def begin(
    connection: Connection,
    replica: Connection,
    node: Node,
    who: Principal,
    area: str,
    *,
    as_at: date,
    answer_by: date,
) -> str:
    """Ask every home in the area; gives the census's id. Raises NotAllowed, CensusOpen."""
    require(who, Action.HOLD_CENSUS, area)
    hold(connection, "censuses")
    if any(one.closed_at is None for one in censuses(connection, who, area)):
        raise CensusOpen("A census is open already. Close it first")
    made = token_hex(16)
    connection.execute(
        insert(census).values(
            id=made,
            area=area,
            as_at=as_at,
            answer_by=answer_by,
            begun_by=who.name[:200],
            begun_at=node.now(),
        )
    )
    urns = replica.scalars(select(home.c.urn).where(home.c.authority == area).distinct()).all()
    claims = {
        row.urn: row
        for row in connection.execute(
            select(home_claim.c.urn, home_claim.c.id, home_claim.c.through).where(
                home_claim.c.authority == area, home_claim.c.state == "confirmed"
            )
        )
        if in_good_standing(node, row.through)
    }
    for urn in sorted(urns):
        claim = claims.get(urn)
        connection.execute(
            insert(census_home).values(
                number=token_hex(16),
                census=made,
                urn=urn,
                through=claim.through if claim else None,
                claim=claim.id if claim else None,
            )
        )
    asked = _ask(connection, node, who, area, made)
    mailed = queue_mails(connection, node, area, made)
    detail = f"asked {len(urns)} homes, {asked} by their nodes, {mailed} by email"
    _note(connection, node, who, area, made, detail)
    return made


def remind(connection: Connection, node: Node, who: Principal, area: str, number: str) -> int:
    """Ask those once more who have not answered, and have a node or an email address; gives how
    many. Raises NotAllowed, NoSuchCensus, CensusOver.
    """
    _open(connection, who, area, number)
    asked = _ask(connection, node, who, area, number)
    asked += queue_mails(connection, node, area, number)
    still = (census_home.c.census == number) & census_home.c.answered_at.is_(None)
    connection.execute(
        update(census_home)
        .where(still, census_home.c.claim.is_not(None) | (census_home.c.mail == "queued"))
        .values(reminded_at=node.now())
    )
    _note(connection, node, who, area, number, f"reminded {asked} homes")
    return asked


def make_links(
    connection: Connection, node: Node, who: Principal, area: str, number: str
) -> dict[str, str]:
    """A new link's token for each home that has not answered, has no node and is not written to by
    email, by URN; earlier ones end. Shown once: of a token there is a digest. Raises NotAllowed,
    NoSuchCensus, CensusOver.
    """
    _open(connection, who, area, number)
    rows = [one for one in homes_of(connection, who, area, number) if not one.answered_at]
    made = {}
    for row in rows:
        if row.claim is None and row.mail not in ("queued", "sent"):
            made[str(row.urn)] = token = token_urlsafe(32)
            connection.execute(
                update(census_home)
                .where(census_home.c.number == row.number)
                .values(link=digest_of(token), link_ends_at=node.now() + LINK_LASTS)
            )
    _note(connection, node, who, area, number, f"made links for {len(made)} homes")
    return made


def write_to(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    number: str,
    urn: str,
    email: str,
) -> None:
    """Keep a home's email address, or none, and write to it. Raises NotAllowed, NoSuchCensus,
    CensusOver, NotAnEmail.
    """
    _open(connection, who, area, number)
    keep_address(connection, node, who, area, urn, email)
    queue_mails(connection, node, area, number, frozenset({urn}))
    _note(connection, node, who, area, number, f"email address of {urn}")


def close(connection: Connection, node: Node, who: Principal, area: str, number: str) -> None:
    """Take no more answers. Raises NotAllowed, NoSuchCensus, CensusOver."""
    _open(connection, who, area, number)
    connection.execute(update(census).where(census.c.id == number).values(closed_at=node.now()))
    connection.execute(
        update(census_home)
        .where(census_home.c.census == number)
        .values(link=None, link_ends_at=None, mail=None)
    )
    _note(connection, node, who, area, number, "closed")


def censuses(connection: Connection, who: Principal, area: str) -> list[Census]:
    """Those of an authority, the latest first. Raises NotAllowed."""
    require(who, Action.HOLD_CENSUS, area)
    rows = connection.execute(
        select(census).where(census.c.area == area).order_by(census.c.begun_at.desc(), census.c.id)
    ).all()
    counted = connection.execute(
        select(census_home.c.census, census_home.c.answered_at).where(
            census_home.c.census.in_([row.id for row in rows])
        )
    ).all()
    asked = Counter(row.census for row in counted)
    answers = Counter(row.census for row in counted if row.answered_at)
    return [
        Census(
            *(row.id, row.as_at, row.answer_by, row.begun_by, row.begun_at, row.closed_at),
            asked[row.id],
            answers[row.id],
        )
        for row in rows
    ]


def one_census(connection: Connection, who: Principal, area: str, number: str) -> Census:
    """One of them. Raises NotAllowed, NoSuchCensus."""
    for one in censuses(connection, who, area):
        if one.id == number:
            return one
    raise NoSuchCensus("There is no such census here")


def homes_of(
    connection: Connection, who: Principal, area: str, number: str
) -> Sequence[Row[tuple[object, ...]]]:
    """The homes that were asked, by URN: rows of `census_home`. Raises NotAllowed, NoSuchCensus."""
    one_census(connection, who, area, number)
    wanted = select(census_home).where(census_home.c.census == number)
    return connection.execute(wanted.order_by(census_home.c.urn)).all()


def _open(connection: Connection, who: Principal, area: str, number: str) -> Census:
    known = one_census(connection, who, area, number)
    if known.closed_at is not None:
        raise CensusOver("This census is closed")
    return known


def _ask(connection: Connection, node: Node, who: Principal, area: str, number: str) -> int:
    """Ask all that have a node and have not answered; gives how many."""
    known = one_census(connection, who, area, number)
    asked = 0
    for row in homes_of(connection, who, area, number):
        if row.answered_at is not None or row.claim is None or row.through is None:
            continue
        body = CensusAsking(
            census=number,
            claim=str(row.claim),
            as_at=known.as_at,
            answer_by=known.answer_by,
            asked_by=who.name[:200],
            **why("census-asking/1", area),
        )
        through = str(row.through)
        if through in node.member.area:
            take_asking(connection, node, body, area=area, through=through)
        elif in_good_standing(node, through):
            said = encode_census_body(body)
            queue(connection, node, sender=area, recipient=through, body=said)
        asked += 1
    return asked


def _note(
    connection: Connection, node: Node, who: Principal, area: str, number: str, detail: str
) -> None:
    note(
        connection,
        node,
        who,
        Action.HOLD_CENSUS,
        authority=area,
        record=f"census/{number}",
        detail=detail,
    )
