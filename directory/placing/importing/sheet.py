"""A spreadsheet of placements: its rows as text, what its columns mean, and what it tells.

A file is read in memory alone, since it names children; formulas come as what they last yielded,
and macros are not looked at. What the columns mean, a person says once for a row of headings.
"""

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from directory.notices.labels import CONTACTS
from directory.placing.importing.cells import reading_of
from directory.placing.importing.columns import EVERY, FIELDS, NEEDED, REACHED, RECIPIENTS
from directory.placing.importing.errors import UnreadableSheet
from directory.placing.importing.values import Draft, Incoming, Trouble
from directory.placing.register.values import ChildFacts, PlacementFacts, Recipient
from directory.placing.register.where import area_told_by
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.workbooks import Workbook, is_workbook
from federation import Node
from protocols.notices import Contact

MOST_ROWS = 20_000
MOST_CELLS = 100
_ASKED = "Save it as CSV UTF-8 or as a workbook (XLSX), and choose that file"


def read_rows(data: bytes) -> tuple[tuple[str, ...], ...]:
    """The rows that are not blank, headings first. Raises UnreadableSheet."""
    rows = tuple(islice(_rows(data), MOST_ROWS + 2))
    if len(rows) > MOST_ROWS + 1:
        raise UnreadableSheet(f"The file has more than {MOST_ROWS:,} rows. Choose a smaller one.")
    if len(rows) < 2:
        raise UnreadableSheet(f"The file has no rows below its headings. {_ASKED}.")
    return rows


def read_sheet(
    node: Node,
    rows: Sequence[Sequence[str]],
    columns: Mapping[str, int],
    as_at: date | None,
) -> Draft:
    """What a sheet tells that was so on a day, and what is wrong with its cells; `columns` has
    those of NEEDED.
    """
    incoming: list[Incoming] = []
    troubles: list[Trouble] = []
    headings = rows[0]
    areas: dict[tuple[str | None, str | None], str | None] = {}
    for number, row in enumerate(rows[1:], start=2):
        said: dict[str, Any] = {}
        for field, column in columns.items():
            text = row[column].strip() if column < len(row) else ""
            if not text:
                continue
            said[field] = reading_of(field)(text)
            if said[field] is None:
                called = EVERY[field]
                title = headings[column] if column < len(headings) else called
                troubles.append(Trouble(number, title, f"This is no {called.lower()}.", field))
        missing = [FIELDS[one] for one in NEEDED if said.get(one) is None]
        if missing:
            reason = "The row is left out: nothing that can be read stands here."
            troubles.append(Trouble(number, missing[0], reason))
            continue
        place = (_address(said), said.get("urn"))
        if place not in areas:
            areas[place] = area_told_by(node, *place)
        incoming.append(_incoming(number, said, areas[place]))
    return Draft("sheet", tuple(incoming), tuple(troubles), as_at=as_at)


def _incoming(number: int, said: Mapping[str, Any], told: str | None) -> Incoming:
    contacts = {
        name: Contact(
            said[f"{name}_name"], role, said[f"{name}_telephone"], said.get(f"{name}_email")
        )
        for name, role in CONTACTS.items()
        if said.get(f"{name}_name") and said.get(f"{name}_telephone")
    }
    return Incoming(
        row=number,
        child=ChildFacts(
            said["identifier"],
            given_name=said.get("given_name"),
            family_name=said.get("family_name"),
            born_on=said.get("born_on"),
            sex=said.get("sex"),
            legal_status=said.get("legal_status"),
            recipients=tuple(_recipients(said)),
        ),
        starts_on=said["starts_on"],
        ends_on=said.get("ends_on"),
        area=told or said.get("area"),
        emergency=said.get("emergency"),
        short_breaks=said.get("short_breaks"),
        facts=PlacementFacts(
            setting=said.get("setting"),
            address=_address(said),
            urn=said.get("urn"),
            expected_end=said.get("expected_end"),
            social_worker=contacts.get("social_worker"),
            out_of_hours=contacts.get("out_of_hours"),
            reviewing_officer=contacts.get("reviewing_officer"),
        ),
    )


def _recipients(said: Mapping[str, Any]) -> Iterator[Recipient]:
    for who, (kind, _) in RECIPIENTS.items():
        if name := said.get(f"{who}_name"):
            known: dict[str, Any] = {how: said.get(f"{who}_{how}") for how in REACHED[1:]}
            yield Recipient(kind, name, **known)


def _address(said: Mapping[str, Any]) -> str | None:
    address, postcode = said.get("address") or "", said.get("postcode") or ""
    if postcode and postcode.casefold() in address.casefold():
        postcode = ""
    return ", ".join(filter(None, (address, postcode))) or None


def _rows(data: bytes) -> Iterator[tuple[str, ...]]:
    cells = _workbook_rows(data) if is_workbook(data[:8]) else _csv_rows(data)
    for row in cells:
        if any(cell.strip() for cell in row):
            yield tuple(cell.strip() for cell in row[:MOST_CELLS])


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise UnreadableSheet(f"This is neither CSV nor a workbook. {_ASKED}.")
    try:
        yield from csv.reader(io.StringIO(text), strict=True)
    except csv.Error:
        raise UnreadableSheet(f"The file is not CSV. {_ASKED}.") from None


def _workbook_rows(data: bytes) -> Iterator[list[str]]:
    file = os.memfd_create("sheet", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(file), "wb") as written:
            written.write(data)
        book = Workbook(Path(f"/proc/self/fd/{file}"), "The file")
        yield from (cells for _number, cells in book.rows(0))
    except UnreadableList:
        raise UnreadableSheet(
            f"This is no workbook that can be read: it is damaged or protected. {_ASKED}."
        ) from None
    finally:
        os.close(file)
