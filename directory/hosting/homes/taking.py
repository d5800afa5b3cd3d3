"""The side of the authority of the area: what homes tell of who lives there.

The sender may be hostile. It is believed of homes alone of which a person here has confirmed that
this provider, through that authority, runs them.
"""

from collections.abc import Collection, Iterator
from datetime import timedelta
from secrets import token_hex

from sqlalchemy import Connection, delete, func, insert, select, update

from directory.hosting.homes.errors import NotTaken
from directory.hosting.homes.models import home_notice, kept_apart, resident_asking
from directory.hosting.homes.pairing import UNMATCHED, pair
from directory.providers.vouching.models import home_claim
from directory.security.vault.service import Vault
from federation import Node, hold
from protocols.residents import HomeNotice, decode_resident_body, encode_resident_body

MOST_A_DAY = 40
"""New stays of one home: a home that moves house tells of all of them, and no table is filled."""
TABLE = "home_notice"


def take(connection: Connection, node: Node, said: HomeNotice, *, through: str, area: str) -> str:
    """Keep what a home says of a stay, in the caller's transaction, and match it; gives its number.

    What was told before what has come changes nothing: messages overtake each other. Raises
    NotTaken; nothing has been changed then.
    """
    hold(connection, "notices of homes")
    urn = connection.scalar(
        select(home_claim.c.urn).where(
            home_claim.c.id == said.claim,
            home_claim.c.through == through,
            home_claim.c.authority == area,
            home_claim.c.state == "confirmed",
        )
    )
    if urn is None:
        raise NotTaken("The authority has not confirmed that this provider runs this home")
    if said.discharged_on and said.discharged_on < said.admitted_on:
        raise NotTaken("The discharge is before the admission")
    mine = (home_notice.c.through == through) & (home_notice.c.stay == said.stay)
    known = connection.execute(
        select(home_notice.c.number, home_notice.c.told_at, home_notice.c.claim).where(mine)
    ).one_or_none()
    if known and known.claim != said.claim:
        raise NotTaken("The stay was told of before, in another home")
    if known and known.told_at > said.told_at:
        return str(known.number)
    if not known:
        _refuse_too_much(connection, node, said.claim)
    number = known.number if known else token_hex(16)
    values = {
        "placing_authority": said.placing_authority,
        "body": Vault(connection, node).seal(TABLE, "body", number, encode_resident_body(said)),
        "starts_on": said.admitted_on,
        "ended_on": said.discharged_on,
        "told_at": said.told_at,
        "withdrawn_at": node.now() if said.withdrawn else None,
    }
    if said.withdrawn:
        values |= UNMATCHED
    if known:
        connection.execute(update(home_notice).where(mine).values(values))
    else:
        connection.execute(
            insert(home_notice).values(
                number=number,
                through=through,
                stay=said.stay,
                area=area,
                claim=said.claim,
                urn=urn,
                received_at=node.now(),
                **values,
            )
        )
    pair(connection, node, area, [said.placing_authority])
    return str(number)


def stays_told(connection: Connection, node: Node, area: str) -> Iterator[tuple[str, HomeNotice]]:
    """What homes told an authority, by number, without what was destroyed; to be shown to nobody
    from here.
    """
    rows = connection.execute(
        select(home_notice.c.number, home_notice.c.body).where(home_notice.c.area == area)
    )
    opened = Vault(connection, node).open_all(TABLE, "body", {row.number: row.body for row in rows})
    for number, body in opened.items():
        if isinstance(said := decode_resident_body(body), HomeNotice):
            yield number, said


def destroy_home_notices(connection: Connection, node: Node, numbers: Collection[str]) -> None:
    """Destroy what homes told of these stays, for good, and what was asked about them."""
    connection.execute(delete(home_notice).where(home_notice.c.number.in_(numbers)))
    connection.execute(delete(kept_apart).where(kept_apart.c.number.in_(numbers)))
    connection.execute(delete(resident_asking).where(resident_asking.c.about.in_(numbers)))
    Vault(connection, node).destroy(TABLE, numbers)


def _refuse_too_much(connection: Connection, node: Node, claim: str) -> None:
    since = node.now() - timedelta(days=1)
    came = (home_notice.c.claim == claim) & (home_notice.c.received_at >= since)
    if (connection.scalar(select(func.count()).where(came)) or 0) >= MOST_A_DAY:
        raise NotTaken("Too many new stays were told of this home today. Tell of them tomorrow")
