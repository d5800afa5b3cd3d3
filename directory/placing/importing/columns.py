"""What the columns of a sheet mean: what they can, what they are often called, and what an
authority has said of the same headings before.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, delete, insert, select

from directory.placing.importing.models import sheet_mapping
from federation import Node

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
RECIPIENTS: Mapping[str, tuple[str, str]] = {
    "parent_1": ("parents", "Parent 1"),
    "parent_2": ("parents", "Parent 2"),
    "contact": ("contacts", "Contact by an order"),
    "previous_carer": ("previous carer", "Previous carer"),
    "health_body_1": ("health bodies", "Health body 1"),
    "health_body_2": ("health bodies", "Health body 2"),
    "gp": ("gp", "GP"),
    "school": ("school", "School"),
}
"""Who else is told, by the beginning of their fields: code in the rules, and what it is called."""
REACHED = ("name", "address", "email", "telephone")
TOLD: Mapping[str, str] = {
    f"{who}_{how}": f"{called}: {how}" for who, (_, called) in RECIPIENTS.items() for how in REACHED
}
"""The fields of a sheet that say who else is told."""
EVERY: Mapping[str, str] = {**FIELDS, **TOLD}
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
    "parent_1_name": ("parent", "mother", "parent name"),
    "parent_2_name": ("father",),
    "gp_name": ("gp", "gp surgery"),
    "school_name": ("school",),
    "health_body_1_name": ("icb", "health body"),
}
_COLUMNS = Decoder(dict[str, int])


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
        for field, name in EVERY.items()
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


def _of(authority: str, headings: Sequence[str]) -> tuple[Any, ...]:
    return (
        sheet_mapping.c.authority == authority,
        sheet_mapping.c.headings == _digest(headings),
    )


def _digest(headings: Sequence[str]) -> str:
    return sha256("\n".join(headings).encode()).hexdigest()
