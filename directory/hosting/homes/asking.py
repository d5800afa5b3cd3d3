"""Where one of two notices is missing, whoever owes it is asked by one click: the home, or the
placing authority. By a sealed message where they have a node, else by a letter, which names nobody.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Literal, TypeAlias

from sqlalchemy import Connection, insert, select, update

from directory.country.authorities.former import standing_today
from directory.hosting.homes.answering import take_asked
from directory.hosting.homes.closed import require_stay_open
from directory.hosting.homes.errors import NoSuchHomeNotice
from directory.hosting.homes.models import home_notice, resident_asking
from directory.hosting.homes.placed import placed
from directory.hosting.homes.saying import why
from directory.privacy.restricting.closing import require_open
from directory.providers.documents.standing import in_good_standing
from directory.providers.vouching.models import home_claim
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, in_parts, queue
from protocols.residents import (
    HomeNotice,
    HomeNoticeAsking,
    PlacementAsking,
    ResidentAnswer,
    decode_resident_body,
    encode_resident_body,
)

Party: TypeAlias = Literal["placing", "home"]


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody was asked. `asked` is whose node it went to; None: by letter."""

    id: str
    about: str
    asked: str | None
    asked_by: str
    asked_at: datetime
    said: str | None
    answered_by: str | None
    answered_at: datetime | None


def askings(
    connection: Connection, area: str, party: Party, about: Collection[str]
) -> dict[str, Asked]:
    """The latest asking about each stay (`placing`) or notice (`home`), by its number or id."""
    names = [resident_asking.c[name] for name in Asked.__dataclass_fields__]
    mine = (resident_asking.c.area == area) & (resident_asking.c.party == party)
    return {
        row.about: Asked(*row)
        for part in in_parts(about)
        for row in connection.execute(
            select(*names)
            .where(mine, resident_asking.c.about.in_(part))
            .order_by(resident_asking.c.asked_at)
        )
    }


def ask_placing(connection: Connection, node: Node, who: Principal, area: str, number: str) -> bool:
    """Ask the placing authority for its notice of somebody of whom a home has told; whether it went
    to its node. Else a letter is to be sent. Raises NotAllowed, NoSuchHomeNotice, Restricted.
    """
    require(who, Action.MATCH_NOTICES, area)
    require_stay_open(connection, node, who, area, number)
    row = connection.execute(
        select(home_notice).where(
            home_notice.c.area == area,
            home_notice.c.number == number,
            home_notice.c.match.is_(None),
            home_notice.c.withdrawn_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise NoSuchHomeNotice("This was settled meanwhile. The lists below are as they are now")
    said = decode_resident_body(
        Vault(connection, node).open("home_notice", "body", number, row.body)
    )
    if not isinstance(said, HomeNotice):
        raise NoSuchHomeNotice("What is kept under this number is no notice of a home")
    child = said.resident
    body = PlacementAsking(
        urn=row.urn,
        initials=f"{child.given_name.strip()[0]}. {child.family_name.strip()[0]}.",
        born_on=child.born_on,
        admitted_on=said.admitted_on,
        asked_by=who.name[:200],
        **why("placement-asking/1", area),
    )
    to = standing_today(row.placing_authority)
    return _ask(connection, node, who, area, "placing", number, to, body)


def ask_home(connection: Connection, node: Node, who: Principal, area: str, notice: str) -> bool:
    """Ask a home for its notice of a child whom an authority says to have placed there; whether it
    went to a node. Raises NotAllowed, NoSuchHomeNotice, Restricted.
    """
    require(who, Action.MATCH_NOTICES, area)
    require_open(connection, who, area, f"notice/{notice}")
    known = [one for one in placed(connection, node, area) if one.notice == notice and one.said.urn]
    if not known:
        raise NoSuchHomeNotice("There is no such notice of a child in a home of this area")
    said = known[0].said
    claim = connection.execute(
        select(home_claim.c.id, home_claim.c.through).where(
            home_claim.c.urn == said.urn,
            home_claim.c.authority == area,
            home_claim.c.state == "confirmed",
        )
    ).first()
    body = HomeNoticeAsking(
        claim=claim.id if claim else "0" * 32,
        placing_authority=said.placing_authority,
        starts_on=said.starts_on,
        asked_by=who.name[:200],
        **why("home-notice-asking/1", area),
    )
    return _ask(connection, node, who, area, "home", notice, claim.through if claim else None, body)


def learn_answer(
    connection: Connection, *, area: str, asked: str, answer: ResidentAnswer
) -> str | None:
    """Keep what whoever was asked says; gives what it is about, None where nobody asked them so."""
    mine = (
        (resident_asking.c.id == answer.asking)
        & (resident_asking.c.area == area)
        & (resident_asking.c.asked == asked)
    )
    about = connection.scalar(select(resident_asking.c.about).where(mine))
    connection.execute(
        update(resident_asking)
        .where(mine)
        .values(
            said=answer.said,
            answered_by=answer.answered_by[:200],
            answered_at=answer.answered_at,
        )
    )
    return about


def _ask(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    party: Party,
    about: str,
    to: str | None,
    body: PlacementAsking | HomeNoticeAsking,
) -> bool:
    made = token_hex(16)
    asked = to if to and in_good_standing(node, to) else None
    if asked and asked in node.member.area:
        take_asked(connection, node, body, asking=made, area=area, authority=asked)
    elif asked:
        queue(
            connection,
            node,
            sender=area,
            recipient=asked,
            body=encode_resident_body(body),
            message=made,
        )
    connection.execute(
        insert(resident_asking).values(
            id=made,
            area=area,
            party=party,
            about=about,
            asked=asked,
            asked_by=who.name[:200],
            asked_at=node.now(),
        )
    )
    kind = "home-notice" if party == "placing" else "notice"
    note(
        connection,
        node,
        who,
        Action.MATCH_NOTICES,
        authority=area,
        record=f"{kind}/{about}",
        detail=f"asked the {'placing authority' if party == 'placing' else 'home'}"
        f"{' by letter' if asked is None else ''}",
    )
    return asked is not None
