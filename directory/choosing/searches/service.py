"""Keeping a search, looking at what is new, and letting it go: each by the person whose it is."""

from dataclasses import dataclass
from secrets import token_hex

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from directory.choosing.searches.errors import NoSuchSearch, NotSaved, WordsUnfit
from directory.choosing.searches.models import saved_search
from directory.choosing.searches.news import homes_now, news, query_of
from directory.choosing.searches.schemas import why_unfit
from directory.choosing.searches.values import MOST_HOMES, MOST_SAVED, News, SavedSearch
from directory.homes.addresses import lasting
from directory.homes.query import SearchQuery
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node

_TABLE, _COLUMN = "saved_search", "saved"
_SAVED_SEARCH = msgspec.json.Decoder(SavedSearch)


@dataclass(frozen=True, slots=True)
class Kept:
    """A search that somebody keeps. `query` and `news` are None where a filter is known no more."""

    id: str
    saved: SavedSearch
    query: SearchQuery | None
    news: News | None


def save(
    connection: Connection,
    replica: Connection,
    node: Node,
    who: Principal,
    called: str,
    query: SearchQuery,
) -> str:
    """Keep a search, in the caller's transaction; gives its id. Raises NotAllowed,
    NotSaved, WordsUnfit.
    """
    require(who, Action.SAVE_SEARCHES)
    if why := why_unfit(query.words):
        raise WordsUnfit(f"The words of the search: {why}")
    c = saved_search.c
    if (connection.scalar(select(func.count()).where(c.person == who.id)) or 0) >= MOST_SAVED:
        raise NotSaved(f"You keep {MOST_SAVED} searches already. Delete one that you do not need")
    number = token_hex(16)
    made = SavedSearch(called, lasting(query), {}, node.now())
    known = homes_now(replica, query_of(replica, made) or SearchQuery())
    if len(known) > MOST_HOMES:
        raise NotSaved(
            f"This search finds {len(known):,} homes. Narrow it to {MOST_HOMES:,} or fewer"
        )
    sealed = _sealed(connection, node, number, msgspec.structs.replace(made, known=known))
    connection.execute(
        insert(saved_search).values(id=number, person=who.id, saved=sealed, made_at=made.looked_at)
    )
    return number


def saved_searches(
    connection: Connection, replica: Connection, node: Node, who: Principal
) -> list[Kept]:
    """All that somebody keeps, with what there is to tell, the newest first. Raises NotAllowed."""
    require(who, Action.SAVE_SEARCHES)
    c = saved_search.c
    rows = connection.execute(
        select(c.id, c.saved).where(c.person == who.id).order_by(c.made_at.desc(), c.id)
    ).all()
    opened = Vault(connection, node).open_all(_TABLE, _COLUMN, {one.id: one.saved for one in rows})
    return [
        _kept(replica, one.id, _SAVED_SEARCH.decode(opened[one.id]))
        for one in rows
        if one.id in opened
    ]


def one_search(
    connection: Connection, replica: Connection, node: Node, who: Principal, number: str
) -> Kept:
    """One that somebody keeps. Raises NotAllowed, NoSuchSearch."""
    for one in saved_searches(connection, replica, node, who):
        if one.id == number:
            return one
    raise NoSuchSearch("You keep no such search. It may have been deleted.")


def mark_looked(
    connection: Connection, replica: Connection, node: Node, who: Principal, number: str
) -> None:
    """What there is to tell has been seen, in the caller's transaction. Raises NotAllowed,
    NoSuchSearch.
    """
    one = one_search(connection, replica, node, who, number)
    if one.query is None:
        return
    known = homes_now(replica, one.query)
    saved = msgspec.structs.replace(one.saved, known=known, looked_at=node.now())
    connection.execute(
        update(saved_search)
        .where(saved_search.c.id == number)
        .values(saved=_sealed(connection, node, number, saved))
    )


def forget(
    connection: Connection, replica: Connection, node: Node, who: Principal, number: str
) -> None:
    """Let one go, in the caller's transaction. Raises NotAllowed, NoSuchSearch."""
    one_search(connection, replica, node, who, number)
    Vault(connection, node).destroy(_TABLE, [number])
    connection.execute(delete(saved_search).where(saved_search.c.id == number))


def _kept(replica: Connection, number: str, saved: SavedSearch) -> Kept:
    query = query_of(replica, saved)
    told = news(replica, saved, homes_now(replica, query)) if query else None
    return Kept(number, saved, query, told)


def _sealed(connection: Connection, node: Node, number: str, saved: SavedSearch) -> bytes:
    return Vault(connection, node).seal(_TABLE, _COLUMN, number, msgspec.json.encode(saved))
