"""What a feed is asked for: a page, words and terms.

Anything else that the standard names is refused by name, since an answer that leaves it out of
account would mislead; what it does not name is not read.
"""

from dataclasses import dataclass
from typing import Any

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate
from werkzeug.datastructures import MultiDict

from directory.api.fields import LAST_PAGE, of
from directory.homes.words import LONGEST
from directory.oruk.taxonomies import BY_ID, TERMS, Term
from federation import Refused
from protocols.problems import Problem
from protocols.publication import Publication

LARGEST_PAGE = 100
"""Services on a page: more are not given, whatever is asked for."""
_CHILD = (
    "A place that could be a child's must not stand in an address; this feed is not asked by it."
)
_NO_HOURS = "No service here has opening hours."
_NO_AGES = "This feed is not asked by age. The ages that a home takes in stand in its service."
_NOT_ASKED_BY = {
    "postcode": _CHILD,
    "proximity": _CHILD,
    "start_time": _NO_HOURS,
    "end_time": _NO_HOURS,
    "day": _NO_HOURS,
    "minimum_age": _NO_AGES,
    "maximum_age": _NO_AGES,
}
_PUBLIC = Publication.PUBLIC


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """A page of a list, and what has to hold of its services.

    `nothing`: an identifier was named that no taxonomy or term has.
    """

    page: int
    size: int
    words: str = ""
    taxonomy: str | None = None
    term: Term | None = None
    nothing: bool = False

    @property
    def start(self) -> int:
        """How many stand before the page."""
        return (self.page - 1) * self.size


class FeedForm(Schema):
    """The parameters of the standard that are read here."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(
        load_default=1,
        validate=validate.Range(1, LAST_PAGE, error=f"A whole number from 1 to {LAST_PAGE:,}."),
        error_messages={"invalid": f"A whole number from 1 to {LAST_PAGE:,}."},
        metadata=of(_PUBLIC, "Number of the page, from 1."),
    )
    per_page = fields.Integer(
        load_default=50,
        validate=validate.Range(1, error="A whole number from 1."),
        error_messages={"invalid": "A whole number from 1."},
        metadata=of(_PUBLIC, f"How many a page has at most, {LARGEST_PAGE} if more."),
    )
    search = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST, error=f"At most {LONGEST} characters."),
        metadata=of(_PUBLIC, "Words that all have to be found."),
    )
    taxonomy_id = fields.String(metadata=of(_PUBLIC, "A taxonomy of which it has a term."))
    taxonomy_term_id = fields.String(metadata=of(_PUBLIC, "A term that it has."))

    @pre_load
    def _empty_is_absent(self, given: dict[str, str], **_: Any) -> dict[str, str]:
        return {name: value for name, value in given.items() if value.strip()}

    @post_load
    def _query(self, said: dict[str, Any], **_: Any) -> FeedQuery:
        taxonomy, term = said.get("taxonomy_id"), said.get("taxonomy_term_id")
        known = BY_ID.get(taxonomy or "")
        return FeedQuery(
            page=said["page"],
            size=min(said["per_page"], LARGEST_PAGE),
            words=said["search"],
            taxonomy=known.code if known else None,
            term=TERMS.get(term or ""),
            nothing=(taxonomy is not None and known is None)
            or (term is not None and term not in TERMS),
        )


def read_query() -> FeedQuery:
    """What the current request asks for. Refuses what it must not, or cannot, be asked by."""
    given: MultiDict[str, str] = request.args
    wrong = {name: why for name, why in _NOT_ASKED_BY.items() if given.get(name, "").strip()}
    wrong |= {name: "It stands there twice." for name, all_ in given.lists() if len(all_) > 1}
    try:
        query = FeedForm().load(given.to_dict())
    except ValidationError as error:
        wrong |= {str(name): said[0] for name, said in error.messages_dict.items()}
    else:
        if not wrong and isinstance(query, FeedQuery):
            return query
    known = {*FeedForm._declared_fields, *_NOT_ASKED_BY}
    errors = [
        {"parameter": name, "detail": why} if name in known else {"detail": why}
        for name, why in wrong.items()
    ]
    raise Refused(Problem.INVALID, "The feed cannot be asked so.", errors)
