"""Which column says what: guessed from the headings, chosen by a person, remembered for next time.

No two fields may be asked of here more than a column each; a field without a column is not known.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.json import Decoder, encode
from sqlalchemy import Connection, delete, insert, select

from directory.sheets.models import sheet_mapping
from directory.sheets.reading import Sheet
from federation import Node

_MAPPING = Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a column may say: its name in code and on a page, and how its headings begin
    or read in the lists that people keep.
    """

    name: str
    label: str
    spellings: Sequence[str] = field(default=())
    required: bool = False


def guess(sheet: Sheet, fields: Sequence[Field], remembered: Mapping[str, str]) -> dict[str, str]:
    """A heading for each field for which there is one: as remembered, or else by its spellings."""
    found = {name: heading for name, heading in remembered.items() if heading in sheet.headings}
    taken = set(found.values())
    for one in fields:
        if one.name in remembered:
            continue
        wanted = [plain(text) for text in (one.label, *one.spellings)]
        free = [it for it in sheet.headings if it not in taken]
        heading = next((it for want in wanted for it in free if plain(it) == want), None)
        if heading:
            found[one.name] = heading
            taken.add(heading)
    return {one.name: found[one.name] for one in fields if one.name in found}


def read_mapping(sheet: Sheet, fields: Sequence[Field], said: Mapping[str, str]) -> dict[str, str]:
    """The mapping that a form says, in which the field `x` is the select `column-x`; what is no
    heading of the sheet is left out.
    """
    return {
        one.name: heading
        for one in fields
        if (heading := said.get(f"column-{one.name}", "")) in sheet.headings
    }


def missing(fields: Sequence[Field], mapping: Mapping[str, str]) -> list[Field]:
    """The fields that have to have a column, and have none."""
    return [one for one in fields if one.required and one.name not in mapping]


def cells_of(sheet: Sheet, mapping: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    """What each row says by field, with its number; an empty cell is as good as absent."""
    places = {name: sheet.headings.index(heading) for name, heading in mapping.items()}
    return [
        (number, {name: cells[at] for name, at in places.items() if cells[at]})
        for number, cells in sheet.rows
    ]


def remembered_mapping(connection: Connection, authority: str, list_: str) -> dict[str, str]:
    """The mapping with which an authority imported such a list last; empty before that."""
    row = connection.execute(
        select(sheet_mapping.c.mapping).where(
            sheet_mapping.c.authority == authority, sheet_mapping.c.list == list_
        )
    ).one_or_none()
    return _MAPPING.decode(row.mapping) if row else {}


def remember_mapping(
    connection: Connection, node: Node, authority: str, list_: str, mapping: Mapping[str, str]
) -> None:
    """Keep a mapping for the next time, in the caller's transaction."""
    connection.execute(
        delete(sheet_mapping).where(
            sheet_mapping.c.authority == authority, sheet_mapping.c.list == list_
        )
    )
    connection.execute(
        insert(sheet_mapping).values(
            authority=authority,
            list=list_,
            mapping=encode(dict(mapping)).decode(),
            used_at=node.now(),
        )
    )


def plain(heading: str) -> str:
    """A heading as it is compared: small letters and figures."""
    return re.sub(r"[^a-z0-9]", "", heading.casefold())
