"""What authorities want, as pages show it: contacts, frameworks, days and totals in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from directory.choosing.commissioning.labels import FEW, NEEDS, need_name
from directory.choosing.commissioning.service import Closing, Total, Upcoming, Wanted
from directory.country.authorities.service import REGIONS_AND_NATIONS
from directory.homes.facts import Fact
from directory.homes.labels import day
from protocols.commissioning import Commissioning, Framework, NeedTotal, Office


@dataclass(frozen=True, slots=True)
class FrameworkCard:
    """A framework, and whether it can be joined today."""

    name: str
    state: str
    colour: str
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, with an address where it leads somewhere."""

    text: str
    address: str = ""


def contacts(record: Commissioning) -> dict[str, list[Fact]]:
    """Whom to turn to, by what for."""
    return {
        "For referrals": _office(record.referrals, "about referrals"),
        "For notices of placements": _office(record.notices, "about notices"),
    }


def statement(record: Commissioning) -> list[Fact]:
    """The market position statement; nothing if there is none."""
    said = record.statement
    if said is None:
        return []
    return [
        Fact("Title", said.title),
        Fact("Of", day(said.dated)),
        Fact("Where it stands", "", link=(said.address, said.address, "")),
    ]


def framework_cards(record: Commissioning, today: date) -> list[FrameworkCard]:
    """Frameworks and open lists, in the authority's own order."""
    return [_card(one, today) for one in record.frameworks]


def planned(record: Commissioning) -> list[list[Cell]]:
    """The calendar, in order: what, and when."""
    rows = sorted(record.calendar, key=lambda one: one.on)
    return [[Cell(one.what), Cell(day(one.on))] for one in rows]


def totals(record: Commissioning) -> list[list[Cell]]:
    """Demand by need, in the order of the list of needs."""
    said = record.demand.totals if record.demand else ()
    return [[Cell(need_name(one.need)), Cell(_children(one))] for one in _in_order(said)]


def period(record: Commissioning) -> str:
    """Such as "From 1 April 2026 to 31 March 2027"."""
    said = record.demand
    return f"From {day(said.since)} to {day(said.until)}" if said else ""


def authority_rows(wanted: Sequence[Wanted]) -> list[list[Cell]]:
    """Every authority that has said what it wants: where it is, and as of when it said so."""
    return [
        [
            Cell(one.authority_name, url_for("commissioning.one", gss=one.record.authority)),
            Cell(one.region),
            Cell(day(one.record.as_at)),
        ]
        for one in wanted
    ]


def closing_rows(dates: Sequence[Closing], today: date) -> list[list[Cell]]:
    """Frameworks by closing day."""
    return [
        [
            Cell(day(one.closes)),
            Cell(one.framework.name),
            Cell(one.framework.purpose),
            Cell(_state(one.framework, today)[0]),
            Cell(one.authority_name, url_for("commissioning.one", gss=one.authority)),
        ]
        for one in dates
    ]


def upcoming_rows(plans: Sequence[Upcoming]) -> list[list[Cell]]:
    """What is planned, by day."""
    return [
        [
            Cell(day(one.planned.on)),
            Cell(one.planned.what),
            Cell(one.authority_name, url_for("commissioning.one", gss=one.authority)),
        ]
        for one in plans
    ]


def demand_table(found: Sequence[Total]) -> tuple[list[str], list[list[Cell]]]:
    """The regions in which anybody said anything, and by need a row with the total of each."""
    told = {(one.need, one.region): one for one in found}
    regions = [one for one in REGIONS_AND_NATIONS if one in {total.region for total in found}]
    needs = _known_first({total.need for total in found})
    rows = [
        [Cell(need_name(need)), *(Cell(_total(told.get((need, region)))) for region in regions)]
        for need in needs
    ]
    return regions, rows


def _office(one: Office, what_for: str) -> list[Fact]:
    facts = [
        Fact("Team", one.name),
        Fact("Email", "", link=(f"mailto:{one.email}", one.email, what_for)),
    ]
    return [*facts, Fact("Telephone", one.telephone)] if one.telephone else facts


def _card(one: Framework, today: date) -> FrameworkCard:
    state, colour = _state(one, today)
    note = "New providers are taken in while it runs." if one.open_list else ""
    facts = [
        Fact("What it is for", one.purpose),
        Fact("Kind", "Open list" if one.open_list else "Framework", note=note),
        Fact("How to join", one.joining),
        Fact("Opens", day(one.opens) if one.opens else "No day given"),
        Fact("Closes", day(one.closes) if one.closes else "No day given"),
    ]
    if one.address:
        facts.append(Fact("More about it", "", link=(one.address, one.address, "")))
    return FrameworkCard(one.name, state, colour, facts)


def _state(one: Framework, today: date) -> tuple[str, str]:
    """Whether it can be joined today, in words and a colour."""
    if one.closes and one.closes < today:
        return "Closed", "grey"
    if one.opens and one.opens > today:
        return f"Opens on {day(one.opens)}", "blue"
    return ("Open", "green") if one.opens or one.closes or one.open_list else ("Ask", "yellow")


def _children(one: NeedTotal) -> str:
    return FEW.capitalize() if one.children is None else f"{one.children:,}"


def _total(one: Total | None) -> str:
    if one is None:
        return "Nobody has said"
    if not one.few:
        return f"{one.children:,}"
    several = f" in each of {one.few:,} authorities" if one.few > 1 else ""
    few = f"{FEW}{several}" if several or not one.children else f"{FEW} in one authority"
    return f"{one.children:,}, and {few}" if one.children else few.capitalize()


def _in_order(said: Sequence[NeedTotal]) -> list[NeedTotal]:
    place = {need: number for number, need in enumerate(_known_first({one.need for one in said}))}
    return sorted(said, key=lambda one: place[one.need])


def _known_first(needs: set[str]) -> list[str]:
    return [*filter(needs.__contains__, NEEDS), *sorted(needs - NEEDS.keys())]
