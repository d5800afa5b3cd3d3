"""Placements as pages show them: in a list without the child, and as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from directory.country.authorities.service import authority_name
from directory.homes.labels import day
from directory.notices.labels import CONTACTS, DOCUMENTS, LEGAL_STATUSES, SETTINGS, reference
from directory.notices.presenters import Item, Section
from directory.notices.sending import PlacedIn
from directory.placing.register.due import ToDo
from directory.placing.register.schemas import RELATIONS, SEXES
from directory.placing.register.values import ChildFacts, Kept, Whole
from protocols.notices import Contact

UNKNOWN = "Not known"
_STATES = {"planned": ("Planned", "blue"), "live": ("Live", "green"), "ended": ("Ended", "grey")}
_RELATIONS = {"in area": "In area", "out of area": "Out of area", "at a distance": "At a distance"}


@dataclass(frozen=True, slots=True)
class Line:
    """A placement in a list. `child` names it only where who looks has said why."""

    id: str
    reference: str
    state: str
    colour: str
    where: str
    dates: str
    told: str
    to_do: Sequence[str]
    is_late: bool
    child: str = ""


def lines(
    shown: Sequence[Kept], to_do: Sequence[ToDo], children: Mapping[str, ChildFacts] | None = None
) -> list[Line]:
    """Placements in a list, with what is to be done about each."""
    return [
        line(
            one,
            [todo for todo in to_do if todo.placement.id == one.id],
            children.get(one.child) if children else None,
        )
        for one in shown
    ]


def line(kept: Kept, to_do: Sequence[ToDo], child: ChildFacts | None = None) -> Line:
    """One of them."""
    course = kept.course
    state, colour = _STATES[course.state]
    if course.state == "ended" and course.ends_on is None:
        state = "Never began"
    return Line(
        id=kept.id,
        reference=reference(kept.id),
        state=state,
        colour=colour,
        where=_where(kept),
        dates=_dates(kept),
        told="The area authority was told" if kept.notice else "",
        to_do=[f"{one.what}: {_by(one)}" for one in to_do],
        is_late=any(one.is_late for one in to_do),
        child=called(child) if child else "",
    )


def called(child: ChildFacts) -> str:
    """A child in one line: identifier, name and date of birth, as far as they are known."""
    name = " ".join(filter(None, (child.given_name, child.family_name)))
    born = f"born {day(child.born_on)}" if child.born_on else ""
    return ", ".join(filter(None, (child.identifier, name, born)))


def sections(whole: Whole, home: PlacedIn | None = None) -> list[Section]:
    """All that is kept of a placement; `home` is what the directory knows of its URN."""
    child, facts = whole.child, whole.facts
    return [
        Section(
            "The child",
            "identifier",
            [
                Item("Identifier", child.identifier),
                Item("Given name", child.given_name or UNKNOWN),
                Item("Family name", child.family_name or UNKNOWN),
                Item("Date of birth", _day(child.born_on)),
                Item("Sex", SEXES.get(child.sex or "", UNKNOWN)),
                Item("Legal status", LEGAL_STATUSES.get(child.legal_status or "", UNKNOWN)),
            ],
        ),
        Section("The placement", "setting", _placement(whole, home)),
        Section(
            "Whom to call",
            "social_worker_name",
            [
                Item(label, _contact(getattr(facts, name)), prose=True)
                for name, label in CONTACTS.items()
            ],
        ),
        Section(
            "Why this placement",
            "assessment_of_needs",
            [
                Item(label, getattr(facts, name) or "Nothing is kept", prose=True)
                for name, label in DOCUMENTS.items()
            ],
        ),
    ]


def _placement(whole: Whole, home: PlacedIn | None) -> list[Item]:
    course, facts = whole.kept.course, whole.facts
    home_name = (home.name or "A home in the directory") if home else ""
    items = [
        Item("State", line(whole.kept, ()).state),
        Item("Kind", SETTINGS[facts.setting] if facts.setting else UNKNOWN),
        Item("URN", facts.urn or "None", home_name),
        Item("Address", facts.address or UNKNOWN),
        Item("Area", authority_name(course.area) if course.area else UNKNOWN),
        Item(
            "How it lies",
            RELATIONS[course.relation] if course.relation else UNKNOWN,
            f"Corrected by hand: {facts.correction}" if course.relation_corrected else "",
        ),
        Item("Began" if course.state != "planned" else "Begins", day(course.starts_on)),
        Item("Expected end", _day(facts.expected_end)),
        Item("Emergency", "Yes" if course.emergency else "No"),
        Item("Series of short breaks", "Yes" if course.short_breaks else "No"),
    ]
    if course.state == "ended":
        items.append(Item("Ended", _day(course.ends_on), facts.ending or ""))
    return items


def _contact(one: Contact | None) -> str:
    if one is None:
        return UNKNOWN
    return "\n".join(filter(None, (one.name, one.telephone, one.email)))


def _where(kept: Kept) -> str:
    course = kept.course
    if course.relation is None:
        return "Where it is is not known"
    if course.relation == "in area" or course.area is None:
        return _RELATIONS[course.relation]
    return f"{_RELATIONS[course.relation]}: {authority_name(course.area)}"


def _dates(kept: Kept) -> str:
    course = kept.course
    begins = "Begins" if course.state == "planned" else "Began"
    ended = f", ended {day(course.ends_on)}" if course.ends_on else ""
    return f"{begins} {day(course.starts_on)}{ended}{', an emergency' if course.emergency else ''}"


def _by(one: ToDo) -> str:
    when = f"{'before' if one.before else 'by'} {day(one.by)}"
    return f"was due {when}" if one.is_late else f"due {when}"


def _day(when: date | None) -> str:
    return day(when) if when else UNKNOWN
