"""Homes side by side: each fact in a row, what is not known told apart, and what to ask."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from directory.choosing.shortlists.values import Comparison, Option, Row
from directory.homes import labels
from directory.homes.facts import Fact
from directory.homes.presenters import sections, title
from directory.homes.service import FoundHome, home_claims

GONE = "Not in the directory any more"
_UNKNOWN = (
    labels.NAME_UNKNOWN,
    labels.PROVIDER_UNKNOWN,
    labels.PLACES_UNKNOWN,
    labels.NOT_DESCRIBED,
    labels.NOT_GIVEN,
    labels.NOT_SAID,
)
_ALIKE = ("URN", "Name")


def compare(replica: Connection, options: Sequence[Option], today: date) -> Comparison:
    """What the directory says of these homes today. Where claims differ, the earliest is shown."""
    found = [next(iter(home_claims(replica, one.urn)), None) for one in options]
    said = [_facts(one, today) if one else {} for one in found]
    keys = list(dict.fromkeys(key for facts in said for key in facts))
    rows = tuple(
        Row(section, key, tuple(facts.get((section, key), "") for facts in said))
        for section, key in keys
    )
    return Comparison(
        on=today,
        titles=tuple(_title(option, one) for option, one in zip(options, found, strict=True)),
        rows=rows,
        unknown=tuple(_unknown(one, facts) for one, facts in zip(found, said, strict=True)),
    )


def _title(option: Option, found: FoundHome | None) -> str:
    return f"{title(found.record)}, URN {option.urn}" if found else f"URN {option.urn}"


def _facts(found: FoundHome, today: date) -> dict[tuple[str, str], str]:
    """What is said of a home. Small print says what it does not offer; under the facts of the
    register, it is the same for every home.
    """
    register, *others = sections(found, today)
    plain = [(register, fact, _text(fact)) for fact in register.facts]
    told = [(part, fact, _text(fact, fact.note)) for part in others for fact in part.facts]
    return {
        (part.heading, fact.key): text
        for part, fact, text in (*plain, *told)
        if text and fact.key not in _ALIKE
    }


def _text(fact: Fact, note: str = "") -> str:
    return " – ".join(part for part in (fact.value, ", ".join(fact.items), note) if part)


def _unknown(found: FoundHome | None, facts: dict[tuple[str, str], str]) -> tuple[str, ...]:
    if found is None:
        return (GONE,)
    return tuple(key for (_, key), said in facts.items() if said.startswith(_UNKNOWN))
