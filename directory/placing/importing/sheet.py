"""A spreadsheet of placements: its rows as text, what its columns mean, and what it tells.

A file is read in memory alone, since it names children; formulas come as what they last yielded,
and macros are not looked at. What the columns mean, a person says once for a row of headings.
"""

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, delete, insert, select

from directory.notices.labels import CONTACTS
from directory.placing.importing.cells import READ
from directory.placing.importing.errors import UnreadableSheet
from directory.placing.importing.models import sheet_mapping
from directory.placing.importing.values import Draft, Incoming, Trouble
from directory.placing.register.values import ChildFacts, PlacementFacts
from directory.placing.register.where import area_told_by
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.workbooks import Workbook, is_workbook
from federation import Node
from protocols.notices import Contact

MOST_ROWS = 20_000
MOST_CELLS = 100
NEEDED = ("identifier", "starts_on")
FIELDS: Mapping[str, str] = {
    "identifier": "Your identifier for the child",
    "given_name": "Given name",
    "family_name": "Family name",
    "born_on": "Date of birth",
    "sex": "Sex",
    "legal_status": "Legal status",
    "setting": "Kind of placement",
    "urn": "URN",
    "address": "Address",
    "postcode": "Postcode",
    "area": "Authority of the area",
    "starts_on": "Starts on",
    "ends_on": "Ended on",
    "expected_end": "Expected end",
    "emergency": "Emergency",
    "short_breaks": "Short breaks",
    "social_worker_name": "Social worker: name",
    "social_worker_telephone": "Social worker: telephone",
    "social_worker_email": "Social worker: email",
    "out_of_hours_name": "Out of hours: name",
    "out_of_hours_telephone": "Out of hours: telephone",
    "reviewing_officer_name": "Reviewing officer: name",
    "reviewing_officer_telephone": "Reviewing officer: telephone",
    "reviewing_officer_email": "Reviewing officer: email",
}
_OFTEN = {
    "identifier": ("child id", "id", "mosaic id", "lcs id", "person id", "case number"),
    "given_name": ("first name", "forename"),
    "family_name": ("surname", "last name"),
    "born_on": ("dob",),
    "sex": ("gender",),
    "setting": ("placement type", "placement"),
    "urn": ("ofsted urn",),
    "address": ("placement address",),
    "postcode": ("placement postcode", "post code"),
    "area": ("local authority", "host authority"),
    "starts_on": ("start date", "placement start date", "start"),
    "ends_on": ("end date", "placement end date", "end"),
    "social_worker_name": ("social worker",),
    "reviewing_officer_name": ("iro", "reviewing officer"),
}
_COLUMNS = Decoder(dict[str, int])
_ASKED = "Save it as CSV UTF-8 or as a workbook (XLSX), and choose that file"


def read_rows(data: bytes) -> tuple[tuple[str, ...], ...]:
    """The rows that are not blank, headings first. Raises UnreadableSheet."""
    rows = tuple(islice(_rows(data), MOST_ROWS + 2))
    if len(rows) > MOST_ROWS + 1:
        raise UnreadableSheet(f"The file has more than {MOST_ROWS:,} rows. Choose a smaller one.")
    if len(rows) < 2:
        raise UnreadableSheet(f"The file has no rows below its headings. {_ASKED}.")
    return rows


def remembered(connection: Connection, authority: str, headings: Sequence[str]) -> dict[str, int]:
    """Which column is which field, as an authority said it of these headings before; else guessed
    from them.
    """
    known = connection.scalar(select(sheet_mapping.c.columns).where(*_of(authority, headings)))
    return _COLUMNS.decode(known) if known else {}


def guessed(headings: Sequence[str]) -> dict[str, int]:
    """Which column is which field, by what columns are often called."""
    plain = [" ".join(one.casefold().replace("_", " ").split()) for one in headings]
    found = {
        field: next(
            (
                plain.index(one)
                for one in (name.casefold(), field.replace("_", " "), *often)
                if one in plain
            ),
            -1,
        )
        for field, name in FIELDS.items()
        for often in (_OFTEN.get(field, ()),)
    }
    return {field: column for field, column in found.items() if column >= 0}


def remember(
    connection: Connection,
    node: Node,
    authority: str,
    headings: Sequence[str],
    columns: Mapping[str, int],
) -> None:
    """Keep what columns mean for the next file with these headings."""
    connection.execute(delete(sheet_mapping).where(*_of(authority, headings)))
    connection.execute(
        insert(sheet_mapping).values(
            authority=authority,
            headings=_digest(headings),
            columns=msgspec.json.encode(dict(columns)),
            changed_at=node.now(),
        )
    )


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
            said[field] = READ[field](text)
            if said[field] is None:
                title = headings[column] if column < len(headings) else FIELDS[field]
                troubles.append(Trouble(number, title, f"This is no {FIELDS[field].lower()}."))
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


def _of(authority: str, headings: Sequence[str]) -> tuple[Any, ...]:
    return (
        sheet_mapping.c.authority == authority,
        sheet_mapping.c.headings == _digest(headings),
    )


def _digest(headings: Sequence[str]) -> str:
    return sha256("\n".join(headings).encode()).hexdigest()
