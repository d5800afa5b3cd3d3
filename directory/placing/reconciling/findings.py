"""What is found of each placement of a return: told, or not, and by which rule that matters.

Pure: a return and what was told go in, findings come out. They name rows, areas and rules, and no
child: whoever holds the return knows whose rows they are.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from directory.country.authorities.service import authority_name
from directory.country.rules.relation import Relation
from directory.country.ssda903.meanings import setting_of
from directory.country.ssda903.placements import Placed
from directory.country.ssda903.where import Areas, By, Where
from directory.placing.reconciling.exemptions import exempt
from directory.placing.reconciling.matching import fits, matched
from directory.placing.reconciling.returns import Return
from directory.placing.reconciling.told import Told, key
from protocols.notices import Setting
from protocols.publication import Publication

Finding: TypeAlias = Literal[
    "in area",
    "told",
    "exempt",
    "no notice",
    "never acknowledged",
    "ended, not told",
    "ended, no notice",
    "area unknown",
]
# "2010" are the regulations of that year, SI 2010/959, as in the table of rules for England.
RULES: dict[Finding, str] = {
    "in area": "2010, regulation 13(4): holds outside the authority’s own area",
    "told": "2010, regulation 13(4)",
    "no notice": "2010, regulation 13(4)",
    "never acknowledged": "No regulation: what members expect of each other",
    "ended, not told": "2010, regulation 14(2)(c)(iii)",
    "ended, no notice": "2010, regulation 13(4)",
    "area unknown": "2010, regulation 13(4), if it is outside the authority’s own area",
}
Relate: TypeAlias = Callable[[str], Relation]


class Line(Struct, frozen=True, gc=False, omit_defaults=True):
    """A placement in a list of all of them; the members are those of an `Item`."""

    publication: ClassVar = Publication.CHILD

    row: int
    rule: str
    finding: Finding
    area: str | None = None


class Item(Struct, frozen=True, gc=False, omit_defaults=True):
    """One placement. `row` and `rows` as a spreadsheet counts; `area` a GSS code, told by the
    column `area_by`; `notice` the id of the one that fits; `validator` codes of the rules that the
    validator finds broken.
    """

    publication: ClassVar = Publication.CHILD

    row: int
    rule: str
    finding: Finding
    rows: tuple[int, ...]
    setting: Setting
    area: str | None = None
    area_name: str | None = None
    area_by: By | None = None
    relation: Relation | None = None
    notice: str | None = None
    why: str = ""
    validator: tuple[str, ...] = ()


def find(
    read: Return,
    told: Iterable[Told],
    areas: Areas,
    relation_to: Relate,
    *,
    placing: str,
    as_at: date,
) -> list[Item]:
    """What is found of each placement, in the order of the rows. `relation_to` says how an area
    lies to the authority `placing`; `as_at` is the day on which somebody asks.
    """
    notices: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        notices[one.child].append(one)
    born = read.born or {}
    of_children: dict[str, list[Placed]] = defaultdict(list)
    for placed in read.placements:
        of_children[key(placed.child)].append(placed)
    items: list[Item] = []
    for child, placements in of_children.items():
        where = {number: areas.of(one.now) for number, one in enumerate(placements)}
        away = {
            number: one
            for number, one in enumerate(placements)
            if where[number].authority != placing
        }
        sent = notices.get(child, ())
        known = {number: where[number].authority for number in away}
        fitting = matched(away, known, sent) if sent else {}
        left = [one for one in sent if one not in fitting.values()]
        for number, placed in enumerate(placements):
            if number not in away:
                items.append(_item(placed, "in area", where[number], "in area"))
                continue
            items.append(
                _away(
                    placed,
                    where[number],
                    fitting.get(number),
                    left,
                    relation_to,
                    born.get(placed.child),
                    as_at,
                )
            )
    return sorted(items, key=lambda one: one.row)


def _away(
    placed: Placed,
    where: Where,
    notice: Told | None,
    left: Sequence[Told],
    relation_to: Relate,
    born_on: date | None,
    as_at: date,
) -> Item:
    if notice and where.authority is None:
        where = Where(notice.area, None)
    relation = relation_to(where.authority) if where.authority else None
    if notice:
        return _item(placed, _followed(placed, notice), where, relation, notice=notice.notice)
    if free := exempt(placed, born_on, as_at):
        return _item(placed, "exempt", where, relation, why=free.why, rule=free.rule)
    if where.authority is None:
        return _item(placed, "area unknown", where, None, why=where.why)
    finding: Finding = "no notice" if placed.ended is None else "ended, no notice"
    return _item(placed, finding, where, relation, why=_astray(placed, left))


def _followed(placed: Placed, notice: Told) -> Finding:
    if placed.ended is not None and notice.ended_on is None:
        return "ended, not told"
    if placed.ended is None and not notice.acknowledged:
        return "never acknowledged"
    return "told"


def _astray(placed: Placed, left: Sequence[Told]) -> str:
    """What other notices of the child say, where that helps to see what went wrong."""
    if not left:
        return ""
    if elsewhere := [one for one in left if fits(placed, one)]:
        names = " and ".join(sorted({authority_name(one.area) for one in elsewhere}))
        return f"A notice of this child with these days went to {names}"
    return "The notices of this child are of other days or another home"


def _item(
    placed: Placed,
    finding: Finding,
    where: Where,
    relation: Relation | None,
    *,
    why: str = "",
    rule: str = "",
    notice: str | None = None,
) -> Item:
    return Item(
        placed.row,
        rule or RULES[finding],
        finding,
        tuple(one.row for one in placed.episodes),
        setting_of(placed.now.place),
        where.authority,
        authority_name(where.authority) if where.authority else None,
        where.by,
        relation,
        notice,
        why,
    )
