"""What homes themselves said last of who lives there: by a notice of theirs, or to a census.

Numbers alone, of those whom other authorities placed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from sqlalchemy import Connection, func, or_, select

from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.hosting.census.answers import last_answers
from directory.hosting.homes.models import home_notice
from directory.web.wording import counted
from federation import Node

Source: TypeAlias = Literal["notice", "census"]


@dataclass(frozen=True, slots=True)
class Word:
    """By what a home said it, when, and how many it counts whom other authorities placed."""

    source: Source
    on: date
    others: int


def last_words(connection: Connection, node: Node, area: str, since: date) -> Mapping[str, Word]:
    """The last word of each home of an area that said something since a day, by URN. Of a notice
    and a census on one day, the census, which counts everybody.
    """
    found = _by_notices(connection, node, area)
    for urn, (at, counts) in last_answers(connection, node, area).items():
        others = sum(one.children + one.adults for one in counts if one.authority != area)
        word = Word("census", london_day(at), others)
        if urn not in found or found[urn].on <= word.on:
            found[urn] = word
    return {urn: word for urn, word in found.items() if word.on >= since}


def in_words(word: Word | None) -> str:
    """What a home says itself, and by what, in a sentence."""
    if word is None:
        return "Nothing"
    source = "to a census" if word.source == "census" else "by a notice of its own"
    who = f"{counted(word.others, 'child', 'children')} of other authorities"
    return f"{who if word.others else 'None of other authorities'}, {source} on {day(word.on)}"


def _by_notices(connection: Connection, node: Node, area: str) -> dict[str, Word]:
    told, now = home_notice.c, node.now()
    today = london_day(now)
    mine = (told.area == area) & told.withdrawn_at.is_(None)
    lives = or_(told.ended_on.is_(None), told.ended_on > today) & (told.placing_authority != area)
    there = Counter(connection.scalars(select(told.urn).where(mine, lives)))
    last: dict[str, datetime] = {}
    for row in connection.execute(
        select(told.urn, func.max(told.received_at), func.max(told.told_at))
        .where(mine)
        .group_by(told.urn)
    ):
        last[row[0]] = max(row[1], min(row[2], now))  # a sender's clock may be ahead
    return {urn: Word("notice", london_day(at), there[urn]) for urn, at in last.items()}
