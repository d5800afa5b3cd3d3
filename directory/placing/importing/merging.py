"""What a source says of one thing after another, held against what is known: which of it counts.

An older source changes nothing that is known as of a later day, and none changes what a person has
corrected. What it says for the first time, and what it says of as late a day or later, counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from directory.homes.labels import day
from directory.placing.register.knowing import RECIPIENTS, Knowledge, Known

_WORDS = {"urn": "URN", "ends_on": "the last day", "starts_on": "the first day"}


@dataclass(frozen=True, slots=True)
class Merged:
    """What counts of what a source says, by name; what is `known` then; and what was `left` as it
    was, in words that say no value.
    """

    taken: Mapping[str, Any]
    known: Knowledge
    left: tuple[str, ...]


def merge(
    before: Mapping[str, Any], told: Mapping[str, Any], known: Knowledge, as_at: date
) -> Merged:
    """Hold what a source says as of a day against what stands there. What it says nothing of is not
    in `told`; that a placement goes on, it says with an `ends_on` of None.
    """
    taken: dict[str, Any] = {}
    after = dict(known)
    left: list[str] = []
    for name, value in told.items():
        have = known.get(name)
        if value == before.get(name) or _says_less(name, value, before.get(name)):
            after[name] = _confirmed(have, as_at)
        elif have and have.by_hand:
            left.append(f"{called(name)}: corrected by hand on {day(have.on)}")
        elif have and have.on > as_at:
            left.append(f"{called(name)}: known as of {day(have.on)}")
        elif value is not None:  # an end that is known is not taken back
            taken[name] = value
            after[name] = Known(as_at)
    return Merged(taken, after, tuple(left))


def called(name: str) -> str:
    """A thing in words."""
    if name.startswith(RECIPIENTS):
        return f"who else is told: {name.removeprefix(RECIPIENTS)}"
    return _WORDS.get(name, name.replace("_", " "))


def _confirmed(have: Known | None, as_at: date) -> Known:
    if have is None:
        return Known(as_at)
    return Known(max(have.on, as_at), have.by_hand, have.was)


def _says_less(name: str, value: Any, before: Any) -> bool:
    """A postcode tells no more than the address that has it."""
    return name == "address" and bool(before) and _plain(value) in _plain(before)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
