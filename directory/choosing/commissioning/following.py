"""Following what authorities want: who follows is told which parts of it have changed since.

Told from what is said, not from when: an authority that says the same again has changed nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, delete, select

from directory.choosing.commissioning.models import wanted_follow
from directory.choosing.commissioning.service import Wanted, all_wanted
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, upsert
from protocols.commissioning import Commissioning

EVERY = ""
"""Stands in place of an authority for all of them, also those that have said nothing yet."""
PARTS: Mapping[str, str] = {
    "contacts": "contacts",
    "statement": "market position statement",
    "frameworks": "frameworks and lists",
    "calendar": "commissioning calendar",
    "demand": "demand",
}
_DIGEST = 6  # bytes
_SEEN = Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Following:
    """Whom somebody follows: authorities by GSS code, each with a digest of every part of what it
    said when they last looked; `every` is all of them.
    """

    every: bool
    seen: Mapping[str, Mapping[str, str]]

    def follows(self, authority: str) -> bool:
        """Whether they are told of an authority."""
        return self.every or authority in self.seen

    def changed(self, wanted: Wanted) -> list[str]:
        """Which parts of what an authority wants are new to them, in words."""
        seen = self.seen.get(wanted.record.authority, {})
        now = _digests(wanted.record)
        return [name for part, name in PARTS.items() if now.get(part) != seen.get(part)]


def following(connection: Connection, who: Principal) -> Following:
    """Whom somebody follows. Raises NotAllowed."""
    require(who, Action.FOLLOW_AUTHORITIES)
    rows = connection.execute(select(wanted_follow).where(wanted_follow.c.person == who.id))
    seen = {row.authority: _SEEN.decode(row.seen) for row in rows}
    return Following(EVERY in seen, {gss: told for gss, told in seen.items() if gss != EVERY})


def news(
    connection: Connection, replica: Connection, node: Node, who: Principal
) -> list[tuple[Wanted, list[str]]]:
    """What authorities that somebody follows want since, with the parts that are new, by name.
    Raises NotAllowed.
    """
    theirs = following(connection, who)
    if not (theirs.every or theirs.seen):
        return []
    found = [
        (one, theirs.changed(one))
        for one in all_wanted(replica, node)
        if theirs.follows(one.record.authority)
    ]
    return [(one, parts) for one, parts in found if parts]


def told_of(wanted: Wanted) -> str:
    """What tells one thing that an authority says from the next that it does."""
    return "/".join((wanted.record.authority, *_digests(wanted.record).values()))


def follow(
    connection: Connection, replica: Connection, node: Node, who: Principal, authority: str
) -> None:
    """Tell somebody of what an authority, or EVERY one, says from now on. Raises NotAllowed."""
    require(who, Action.FOLLOW_AUTHORITIES)
    said = {one.record.authority: _digests(one.record) for one in all_wanted(replica, node)}
    theirs = {authority: said.get(authority, {})}
    if authority == EVERY:
        known = following(connection, who).seen
        theirs |= {gss: now for gss, now in said.items() if gss not in known}
    _keep(connection, who, theirs)


def stop(connection: Connection, who: Principal, authority: str) -> None:
    """Tell somebody no more of an authority, or of EVERY one. Raises NotAllowed."""
    require(who, Action.FOLLOW_AUTHORITIES)
    mine = wanted_follow.c.person == who.id
    if authority != EVERY:
        mine &= wanted_follow.c.authority == authority
    connection.execute(delete(wanted_follow).where(mine))


def mark_seen(
    connection: Connection, replica: Connection, node: Node, who: Principal, authority: str
) -> None:
    """They have seen what an authority, or EVERY one that they follow, wants. Raises NotAllowed."""
    new = news(connection, replica, node, who)
    seen = {one.record.authority: _digests(one.record) for one, _ in new}
    _keep(connection, who, {gss: now for gss, now in seen.items() if authority in (EVERY, gss)})


def _keep(connection: Connection, who: Principal, seen: Mapping[str, Mapping[str, str]]) -> None:
    for authority, digests in seen.items():
        told = msgspec.json.encode(digests).decode()
        statement = upsert(connection, wanted_follow).values(
            person=who.id, authority=authority, seen=told
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["person", "authority"], set_={"seen": told}
            )
        )


def _digests(said: Commissioning) -> dict[str, str]:
    """By part, without those of which nothing is said."""
    parts: dict[str, object] = {
        "contacts": (said.referrals, said.notices),
        "statement": said.statement,
        "frameworks": said.frameworks,
        "calendar": said.calendar,
        "demand": said.demand,
    }
    return {
        name: blake2b(msgspec.json.encode(part), digest_size=_DIGEST).hexdigest()
        for name, part in parts.items()
        if part
    }
