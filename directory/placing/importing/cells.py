"""What the cells of a sheet mean, as people write them: days, yes and no, kinds, authorities.

Each gives the value, or None where the cell says something else.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from directory.country.authorities.service import find
from directory.country.ssda903.meanings import SETTINGS as BY_CODE
from directory.country.ssda903.meanings import legal_status_of
from directory.notices.labels import LEGAL_STATUSES, SETTINGS

LONGEST = 300
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_BRITISH = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})(?: .*)?")
_URN = re.compile(r"[A-Za-z0-9-]{1,20}")
_TELEPHONE = re.compile(r"(?=(?:.*[0-9]){6})[-0-9+(). ,;extEXT/]+")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_SEXES = dict.fromkeys(("f", "female", "girl", "2"), "female") | dict.fromkeys(
    ("m", "male", "boy", "1"), "male"
)
_YES = {"yes": True, "y": True, "true": True, "1": True}
_NO = {"no": False, "n": False, "false": False, "0": False}
_MEANT = {"&": " and ", "’": "'"}


def a_line(text: str) -> str | None:
    """A line as it stands."""
    return text if len(text) <= LONGEST else None


def a_day(text: str) -> date | None:
    """A day written 31/03/2026 or 2026-03-31."""
    if iso := _ISO.fullmatch(text):
        year, month, day = iso.groups()
    elif british := _BRITISH.fullmatch(text):
        day, month, year = british.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def a_sex(text: str) -> str | None:
    """Female or male, also by the first letter."""
    return _SEXES.get(text.casefold())


def yes_or_no(text: str) -> bool | None:
    """Yes or no, also by the first letter."""
    return (_YES | _NO).get(text.casefold())


def a_setting(text: str) -> str | None:
    """A kind of placement by its name, or by the code of the statutory return (K2)."""
    plain = _plain(text)
    return BY_CODE.get(text.upper()) or next(
        (code for code, name in SETTINGS.items() if plain in (_plain(code), _plain(name))), None
    )


def a_legal_status(text: str) -> str | None:
    """A section of the Children Act 1989 (s20, section 31), or a code of the return (C2)."""
    plain = re.sub(r"^(s\.?|sec\.?|section)\s*(?=\d)", "section ", _plain(text))
    if plain in LEGAL_STATUSES:
        return plain
    known = legal_status_of(text.upper())
    return known if known != "other" else None


def an_area(text: str) -> str | None:
    """The GSS code of an authority, by its name in any spelling or its code."""
    known = find(text)
    return known.gss if known else None


def a_urn(text: str) -> str | None:
    """A registration's number, in capitals."""
    return text.upper() if _URN.fullmatch(text) else None


def a_number(text: str) -> str | None:
    """A telephone number."""
    return text if len(text) <= LONGEST and _TELEPHONE.fullmatch(text) else None


def an_email(text: str) -> str | None:
    """An email address."""
    return text if len(text) <= LONGEST and _EMAIL.fullmatch(text) else None


Read = Callable[[str], Any]
READ: Mapping[str, Read] = {
    "identifier": a_line,
    "given_name": a_line,
    "family_name": a_line,
    "born_on": a_day,
    "sex": a_sex,
    "legal_status": a_legal_status,
    "setting": a_setting,
    "urn": a_urn,
    "address": a_line,
    "postcode": a_line,
    "area": an_area,
    "starts_on": a_day,
    "ends_on": a_day,
    "expected_end": a_day,
    "emergency": yes_or_no,
    "short_breaks": yes_or_no,
    "social_worker_name": a_line,
    "social_worker_telephone": a_number,
    "social_worker_email": a_line,
    "out_of_hours_name": a_line,
    "out_of_hours_telephone": a_number,
    "reviewing_officer_name": a_line,
    "reviewing_officer_telephone": a_number,
    "reviewing_officer_email": a_line,
}
"""By the name of the field."""
_READ_BY_END = {"_name": a_line, "_address": a_line, "_email": an_email, "_telephone": a_number}


def reading_of(field: str) -> Read:
    """How the cells of a field are read; those of people are told by how their names end."""
    return READ.get(field) or next(
        read for end, read in _READ_BY_END.items() if field.endswith(end)
    )


def _plain(text: str) -> str:
    for one, other in _MEANT.items():
        text = text.replace(one, other)
    return " ".join(text.casefold().split())
