"""The register as pages and a spreadsheet show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.exports import Cell
from directory.homes.labels import day
from directory.hosting.homes.residents import age_on
from directory.hosting.register.by_homes import ToldByHome
from directory.hosting.register.calling import Call, calls
from directory.hosting.register.growing_up import is_grown_up
from directory.hosting.register.values import Resident, When
from directory.notices.labels import SETTINGS, reference
from directory.web.wording import counted
from protocols.notices import Contact

WHEN: Mapping[When, str] = {
    "today": "Live here today",
    "grown-up": "Live here today, 18 or over",
    "coming": "Will come",
    "left": "Have left",
}
CAME_BY = {
    "email": "Entered here from an email",
    "letter": "Entered here from a letter",
    "telephone": "Entered here from a telephone call",
    "list": "From a list that was imported",
}
HEADINGS = (
    *("Reference", "Area", "Given name", "Family name", "Date of birth", "Identifier"),
    *("Placing authority", "Kind of placement", "URN", "Home", "Address", "Since", "Until"),
    *("Social worker", "Social worker’s telephone", "Out of hours", "Out-of-hours telephone"),
    *("Reviewing officer", "Reviewing officer’s telephone", "How the notice came"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody in the register, in one glance."""

    id: str
    reference: str
    entered: bool
    name: str
    born: str
    area: str
    area_gss: str
    sender: str
    where: str
    address: str
    since: str
    tags: Sequence[tuple[str, str]]
    notes: Sequence[str]
    calls: Sequence[Call]


@dataclass(frozen=True, slots=True)
class HomeLine:
    """What a home alone has told, as a way to it: nothing of who it is."""

    number: str
    area: str
    text: str


def lines(shown: Sequence[Resident], homes: Mapping[str, str], now: datetime) -> list[Line]:
    """People in a list; `homes` are the names of homes by URN, as far as they are published."""
    return [_line(one, homes, now) for one in shown]


def told_by_homes(found: Sequence[ToldByHome], homes: Mapping[str, str]) -> list[HomeLine]:
    """Who may be meant of those of whom a home alone has told."""
    return [HomeLine(one.number, one.area, _stay(one, homes)) for one in found]


def _stay(one: ToldByHome, homes: Mapping[str, str]) -> str:
    home = f"{homes.get(one.urn, 'A home whose name is not published')}, URN {one.urn}"
    until = f", until {day(one.ended_on)}" if one.ended_on else ""
    return f"{home}: there since {day(one.starts_on)}{until}"


def _line(one: Resident, homes: Mapping[str, str], now: datetime) -> Line:
    says, today = one.says, london_day(now)
    child, placed = says.child, says.placement
    born = child.born_on
    where = homes.get(placed.urn or "", "")
    return Line(
        one.id,
        reference(one.id),
        one.came_by != "node",
        f"{child.given_name} {child.family_name}",
        f"{day(born)}, {counted(age_on(born, today), 'year')}"
        if born
        else "Date of birth not known",
        authority_name(one.area_authority),
        one.area_authority,
        authority_name(one.placing_authority),
        ", ".join(filter(None, (where, SETTINGS[placed.setting], placed.urn))),
        placed.address,
        _since(one, today),
        _tags(one, today),
        [CAME_BY[one.came_by]] if one.came_by in CAME_BY else [],
        calls(says, one.placing_authority, now),
    )


def cells(one: Resident, homes: Mapping[str, str]) -> Sequence[Cell]:
    """Somebody in a spreadsheet, under HEADINGS."""
    child, placed = one.says.child, one.says.placement
    people: list[Contact | None] = [
        one.says.social_worker,
        one.says.out_of_hours,
        one.says.reviewing_officer,
    ]
    return (
        reference(one.id).replace("\N{NO-BREAK SPACE}", " "),
        authority_name(one.area_authority),
        child.given_name,
        child.family_name,
        child.born_on,
        child.identifier,
        authority_name(one.placing_authority),
        SETTINGS[placed.setting],
        placed.urn,
        homes.get(placed.urn or ""),
        placed.address,
        placed.starts_on,
        one.until,
        *(cell for person in people for cell in _person(person)),
        one.came_by,
    )


def facts(one: Resident) -> list[tuple[str, str]]:
    """All that is known of somebody whose notice was entered here, each with what it is."""
    every = zip(HEADINGS, cells(one, {}), strict=True)
    return [
        (name, day(value) if isinstance(value, date) else str(value))
        for name, value in every
        if value
    ]


def _person(person: Contact | None) -> tuple[str | None, str | None]:
    return (person.name, person.telephone) if person else (None, None)


def _since(one: Resident, today: date) -> str:
    starts = one.says.placement.starts_on
    if one.has_ended and one.until:
        return f"From {day(starts)} to {day(one.until)}"
    said = f"Since {day(starts)}" if starts <= today else f"From {day(starts)}"
    return f"{said}, until {day(one.until)}" if one.until else said


def _tags(one: Resident, today: date) -> list[tuple[str, str]]:
    found = []
    if one.withdrawn_at:
        found.append(("Withdrawn", "grey"))
    elif one.has_ended:
        found.append(("Has left", "grey"))
    elif one.says.placement.starts_on > today:
        found.append(("Will come", "blue"))
    if one.acknowledged_at is None and not one.withdrawn_at:
        found.append(("Not yet acknowledged", "yellow"))
    if is_grown_up(one.says.child.born_on, today):
        found.append(("18 or over", "purple"))
    return found
