"""The search form as it comes in an address or is posted: checked, or answered with what to change.

What the form does not know is ignored, and an empty field does not filter. What could describe a
child is taken from what is posted alone.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates,
)

from directory.country.authorities.service import find
from directory.homes.choices import Choices
from directory.homes.errors import NoSuchPlace
from directory.homes.nearness import find_origin
from directory.homes.query import (
    JUDGEMENTS,
    NEEDS,
    OFFERS,
    ORDERS,
    PROFILES,
    PROVISIONS,
    SearchQuery,
    is_district,
)
from directory.homes.words import LONGEST, read_terms
from protocols.publication import Publication

FIELDS = (
    *("words", "region", "authority", "provision", "judgement", "need", "offer"),
    *("profile", "min_places", "near", "away", "vacancy", "order", "page"),
)
MOST_PLACES = 500
_LAST_PAGE = 1_000_000
MOST_AWAY = 6
_TOO_LONG = f"Enter {LONGEST} characters or fewer"
_NOT_IN_AN_ADDRESS = (
    "A postcode could describe a child, so it is never part of an address. Type it into the form"
)
_FOR_ANYONE = {"publication": Publication.PUBLIC}


# A whole one alone: "B12 therapeutic" is no postcode, and finds nothing worse than no home.
_POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE)
_NO_WORDS = "Words stand in the address. Type a postcode under Nearest to, which does not"


class _WholeNumber(fields.Integer):
    """Digits alone: Python's int() would also take "1_000", "+1" and digits of other scripts."""

    def __init__(self, least: int, most: int, message: str) -> None:
        self._message = message
        super().__init__(validate=validate.Range(least, most, error=message), metadata=_FOR_ANYONE)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON knows one kind of number
        if not re.fullmatch("[0-9]{1,9}", str(value)):
            raise ValidationError(self._message)
        return int(value)


class Places(fields.Field[tuple[str, ...]]):
    """Places with commas between, or a list of them, as codes."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        typed = [*islice(_names(value), MOST_AWAY + 1)] if isinstance(value, str) else value
        if not isinstance(typed, list) or not all(isinstance(one, str) for one in typed):
            raise ValidationError("Enter places, with commas between")
        named = [one.strip() for one in typed if one.strip()]
        if len(named) > MOST_AWAY:
            raise ValidationError(f"Enter {MOST_AWAY} places or fewer")
        return tuple(dict.fromkeys(self._code(one, len(named) > 1) for one in named))

    def _code(self, typed: str, several: bool) -> str:
        try:
            return find_origin(typed).code
        except NoSuchPlace as error:
            raise ValidationError(f"One of them: {error}" if several else str(error)) from None


def _names(typed: str) -> Iterator[str]:
    """Places with commas between, where the name of an authority may have one, too."""
    for line in re.split(r"[;\n]", typed):
        parts = [part for one in line.split(",") if (part := one.strip())]
        while parts:
            whole = ", ".join(parts[:2])
            used = 2 if len(parts) > 1 and find(whole) else 1
            yield whole if used > 1 else parts[0]
            parts = parts[used:]


class SearchForm(Schema):
    """What an address says. Loads a `SearchQuery`; raises ValidationError with sentences fit to be
    shown by field.
    """

    class Meta:
        unknown = EXCLUDE

    words = fields.String(
        validate=validate.Length(max=LONGEST, error=f"Search for {LONGEST} characters or fewer"),
        metadata=_FOR_ANYONE,
    )
    region = fields.String(metadata=_FOR_ANYONE)
    authority = fields.String(metadata=_FOR_ANYONE)
    provision = fields.String(
        validate=validate.OneOf(PROVISIONS, error="Choose a type of home from the list"),
        metadata=_FOR_ANYONE,
    )
    judgement = fields.String(
        validate=validate.OneOf(JUDGEMENTS, error="Choose a judgement from the list"),
        metadata=_FOR_ANYONE,
    )
    min_places = _WholeNumber(
        1, MOST_PLACES, f"Places must be a whole number from 1 to {MOST_PLACES}"
    )
    need = fields.String(
        validate=validate.OneOf(NEEDS, error="Choose a need from the list"),
        metadata=_FOR_ANYONE,
    )
    offer = fields.String(
        validate=validate.OneOf(OFFERS, error="Choose what the home offers from the list"),
        metadata=_FOR_ANYONE,
    )
    profile = fields.String(
        validate=validate.OneOf(PROFILES, error="Choose a state of the profile from the list"),
        metadata=_FOR_ANYONE,
    )
    near = fields.String(
        validate=validate.Length(max=LONGEST, error=_TOO_LONG), metadata=_FOR_ANYONE
    )
    vacancy = fields.String(
        validate=validate.OneOf(["yes"], error="Tick the box to see homes with a vacancy alone"),
        metadata=_FOR_ANYONE,
    )
    order = fields.String(
        validate=validate.OneOf(ORDERS, error="Choose an order from the list"),
        metadata=_FOR_ANYONE,
    )
    page = _WholeNumber(1, _LAST_PAGE, "There is no such page")

    def __init__(self, choices: Choices, **options: Any) -> None:
        super().__init__(**options)
        self._choices = choices

    def read(self, arguments: Mapping[str, str]) -> SearchQuery:
        """The query in an address's arguments; raises ValidationError."""
        query = self.load(arguments)
        if not isinstance(query, SearchQuery):
            raise TypeError(f"the form loaded {type(query).__name__}")
        return query

    @pre_load
    def _drop_the_empty(self, arguments: Mapping[str, str], **_: Any) -> dict[str, str]:
        return {name: value.strip() for name, value in arguments.items() if value.strip()}

    @post_load
    def _query(self, loaded: dict[str, Any], **_: Any) -> SearchQuery:
        if chosen := self._choices.authority(loaded.get("authority", "")):
            loaded["authority"] = chosen.gss  # a link may carry a code that was replaced
        if "near" in loaded:
            loaded["near"] = find_origin(loaded["near"]).code
        if not read_terms(loaded.get("words", "")):
            loaded["words"] = ""
        return SearchQuery(**loaded)

    @validates("words")
    def _hold_no_postcode(self, typed: str, **_: Any) -> None:
        if _POSTCODE.search(typed):
            raise ValidationError(_NO_WORDS)

    @validates("region")
    def _is_a_region(self, region: str, **_: Any) -> None:
        if not self._choices.knows_region(region):
            raise ValidationError("Choose a region from the list")

    @validates("authority")
    def _is_an_authority(self, code: str, **_: Any) -> None:
        if self._choices.authority(code) is None:
            raise ValidationError("Choose an authority from the list")

    @validates("near")
    def _is_a_place(self, typed: str, **_: Any) -> None:
        try:
            origin = find_origin(typed)
        except NoSuchPlace as error:
            raise ValidationError(str(error)) from None
        if is_district(origin.code) and not isinstance(self, PostedForm):
            raise ValidationError(_NOT_IN_AN_ADDRESS)


class PostedForm(SearchForm):
    """What is posted: also what could describe a child."""

    away = Places(metadata={"publication": Publication.CHILD})
