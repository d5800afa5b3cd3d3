"""What a row of the list must hold to be a registration.

A row is taken or left out as a whole: half a registration would show a home as something that it
is not. Every reason is given at once, so that a list is corrected in one go.
"""

import re
from datetime import date

from directory.country.authorities.former import find_former
from directory.country.authorities.service import find_english
from directory.records.ofsted.cells import Row, straight
from directory.records.ofsted.registrations import (
    CHILDRENS_HOMES,
    GRADES,
    OTHER_GRADES,
    PROVISION_TYPES,
    SECTORS,
    STATUSES,
    Registration,
)

PLACES_IN_A_HOME = range(1, 501)
PLACES_ELSEWHERE = range(5001)
_URN = re.compile(r"(?:SC)?[0-9]{5,8}")
_PROVISION_TYPES = {straight(word): word for word in PROVISION_TYPES}
_STATUSES = {straight(word): word for word in STATUSES}
_SECTORS = {straight(word): word for word in SECTORS}
_GRADES: dict[str, str | None] = {straight(word): word for word in sorted(GRADES)}
_GRADES |= {straight(word): grade for word, grade in OTHER_GRADES.items()}
_JUDGED = ("overall", "education", "health", "protection", "leadership")
_SHORT_BREAKS = {"short breaks only": True, "short-break-only children's home": True}
_MULTI_BUILDING = {"y": True, "yes": True, "n": False, "no": False}


def read_row(row: Row, seen: dict[str, int], as_at: date | None) -> Registration | None:
    """The registration in this row; None when `row.problems` says why there is none.

    `seen` holds the line on which each URN first stood, and gains this row's. `as_at` is the day of
    the list: an authority's name may since have passed to another.
    """
    if not _fits(row):
        return None
    provision_type = row.one_of("provision_type", _PROVISION_TYPES)
    home = provision_type in CHILDRENS_HOMES
    authority_as_written, authority_gss = _authority(row, home, as_at)
    grades = {name: row.grade(name, _GRADES) for name in _JUDGED}
    other_words = [f"{name}: {words}" for name, (_grade, words) in grades.items() if words]
    registration = Registration(
        urn=_urn(row, seen),
        provision_type=provision_type,
        registered_on=_registered_on(row),
        status=_status(row),
        name=row.text("name"),
        authority_gss=authority_gss,
        authority_as_written=authority_as_written,
        region=row.text("region"),
        sector=row.one_of("sector", _SECTORS),
        places=row.places("places", PLACES_IN_A_HOME if home else PLACES_ELSEWHERE),
        short_breaks_only=row.flag("short_breaks_only", _SHORT_BREAKS),
        multi_building=row.flag("multi_building", _MULTI_BUILDING),
        owner=row.text("owner"),
        inspected_on=row.day("inspected_on"),
        published_on=row.day("published_on"),
        event_number=row.text("event_number"),
        event_type=row.text("event_type"),
        overall=grades["overall"][0],
        education=grades["education"][0],
        health=grades["health"][0],
        protection=grades["protection"][0],
        leadership=grades["leadership"][0],
        grades_as_written="; ".join(other_words) or None,
    )
    return None if row.problems else registration


def _registered_on(row: Row) -> date | None:
    return row.needed_day("registered_on") if "registered_on" in row.heading.columns else None


def _status(row: Row) -> str:
    """A list without this column names those alone that are active."""
    return row.one_of("status", _STATUSES) if "status" in row.heading.columns else "Active"


def _fits(row: Row) -> bool:
    last = max(row.heading.columns, key=row.heading.columns.__getitem__)
    wide, stands = len(row.heading.titles), len(row.cells)
    if stands <= row.heading.columns[last]:
        row.refuse(last, f"The row ends after {stands} columns, before this one. Complete it.")
    elif stands > wide:
        row.refuse(
            last,
            f"The row has {stands} columns and the header {wide}, so its values stand in the wrong "
            "ones. Look for a comma too many, and put the text around it in quotation marks.",
        )
    return not row.problems


def _urn(row: Row, seen: dict[str, int]) -> str:
    urn = row.needed("urn").upper()
    if not urn:
        return ""
    if not _URN.fullmatch(urn):
        row.refuse("urn", "This is no URN. URNs look like 2590934 or SC469688.")
    elif urn in seen:
        row.refuse("urn", f"The URN stands already on line {seen[urn]}. Keep one of the two rows.")
    else:
        seen[urn] = row.line
    return urn


def _authority(row: Row, home: bool, as_at: date | None) -> tuple[str | None, str | None]:
    """The authority's name as the list writes it, and its code; no code outside England, nor for
    one that has since been merged or divided.
    """
    written = row.needed("authority_as_written") if home else row.text("authority_as_written")
    if not written or find_former(written, as_at):
        return written or None, None
    authority = find_english(written)
    if home and authority is None:
        row.refuse(
            "authority_as_written",
            "This is none of the 153 English authorities, nor one that was before. Correct the "
            "name, or add the spelling to the table of authorities.",
        )
    return written, authority.gss if authority else None
