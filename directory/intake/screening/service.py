"""Screening texts and records: what was found, where, and why it must not be published."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from directory.intake.screening.errors import NotFitToPublish
from directory.intake.screening.patterns import LEADS_TO_A_HOME, PATTERNS
from directory.intake.screening.spelling import plain
from protocols.commissioning import Commissioning, Office
from protocols.profiles import Profile
from protocols.records import Home
from protocols.statements import Statement

_REACHED = (".email", ".telephone", ".address")
"""Ends of places with a form of their own, in which a date or a number is not a child's."""
_OF_NO_HOME = ("referrals.", "notices.", "statement.", "frameworks.", "calendar.")
"""Beginnings of places where an authority speaks of what it wants: they lead to no home's door."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands where in a text, in characters from its beginning; the end is exclusive.

    It repeats nothing of the text: that may be about a child.
    """

    start: int
    end: int
    reason: str


def screen(text: str) -> list[Finding]:
    """What must not be published in a text, in the order in which it stands there."""
    read = plain(text)
    found = {
        Finding(*read.where(*match.span()), pattern.reason)
        for pattern in PATTERNS
        for match in pattern.expression.finditer(read.text)
        if pattern.holds(match[0])
    }
    return sorted(found, key=lambda one: (one.start, one.end, one.reason))


def free_texts(record: Home | Profile | Commissioning | Statement) -> dict[str, str]:
    """The texts of a record that somebody may have written, by the place where they stand."""
    if isinstance(record, Home):
        texts = _of_home(record)
    elif isinstance(record, Profile):
        texts = _of_profile(record)
    elif isinstance(record, Statement):
        texts = {f"sections.{one.matter}": one.text for one in record.sections}
    else:
        texts = _of_commissioning(record)
    return {place: text for place, text in texts.items() if text}


def _of_home(home: Home) -> dict[str, str | None]:
    texts = {"name": home.name, "provider": home.provider, "source.name": home.source.name}
    if home.description:
        texts["description.summary"] = home.description.summary
    return texts


def _of_profile(one: Profile) -> dict[str, str | None]:
    notes = {f"notes.{note.about}": note.text for note in one.notes}
    return {"summary": one.summary, "source.name": one.source.name, **notes}


def _of_commissioning(one: Commissioning) -> dict[str, str | None]:
    texts = _of_office("referrals", one.referrals) | _of_office("notices", one.notices)
    if one.statement:
        texts["statement.title"] = one.statement.title
        texts["statement.address"] = one.statement.address
    for number, framework in enumerate(one.frameworks, 1):
        for name in ("name", "purpose", "joining", "address"):
            texts[f"frameworks.{number}.{name}"] = getattr(framework, name)
    for number, planned in enumerate(one.calendar, 1):
        texts[f"calendar.{number}.what"] = planned.what
    return texts


def _of_office(place: str, office: Office) -> dict[str, str | None]:
    return {f"{place}.{name}": getattr(office, name) for name in ("name", "email", "telephone")}


def refuse_unfit(texts: Mapping[str, str]) -> None:
    """Raise NotFitToPublish where a text says what must not be published, with place and reason."""
    said = [
        f"{place}, characters {one.start + 1} to {one.end}: {one.reason}"
        for place, one in findings(texts)
    ]
    if said:
        raise NotFitToPublish(
            "Nothing was published or handed in. " + ". ".join(_capital(one) for one in said) + "."
        )


def findings(texts: Mapping[str, str]) -> Iterator[tuple[str, Finding]]:
    """What must not be published in texts, with the place of each."""
    for place, text in texts.items():
        for one in () if place.endswith(_REACHED) else screen(text):
            if not (place.startswith(_OF_NO_HOME) and one.reason in LEADS_TO_A_HOME):
                yield place, one


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]
