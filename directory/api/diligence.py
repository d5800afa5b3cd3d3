"""Due diligence, for systems: what authorities have checked; checking; and giving, a provider's."""

from datetime import date
from typing import Any, get_args

from flask import Response, g
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import Connection

from directory.api.answering import PERSONAL, answer, page_around, page_of, with_links
from directory.api.fields import AUTHORITY, MEMBERS, PUBLIC, Page, Paging, of
from directory.api.from_structs import described, schema_of
from directory.api.notices import IN_AUTHORITY
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from directory.country.reference.working_days import london_day
from directory.providers.diligence import published
from directory.providers.diligence.checking import decide, to_check
from directory.providers.diligence.errors import NotOurs
from directory.providers.diligence.items import (
    Facts,
    Item,
    enter,
    items_through,
    own_items,
    subjects,
)
from directory.providers.diligence.kinds import KINDS
from directory.providers.diligence.models import WAITING
from directory.providers.diligence.schemas import REFERENCE, fit
from federation import reading
from protocols.diligence import Check, Outcome
from protocols.kinds import PLAIN
from protocols.problems import Problem

_WRITE = (
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.NOT_FOUND,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)
_STATES = (WAITING, *get_args(Outcome))
_OF_AUTHORITY = "/authorities/<authority>/due-diligence"


class ChecksQuery(Paging):
    """Which checks; all filters have to hold."""

    class Meta:
        unknown = RAISE

    provider = fields.String(
        validate=validate.Length(1, 300),
        metadata=of(MEMBERS, "A provider, by its registered name in any spelling."),
    )
    urn = fields.String(
        validate=validate.Regexp("^[A-Z0-9-]{1,20}$"), metadata=of(PUBLIC, "One home.")
    )
    authority = fields.String(
        validate=validate.Regexp("^[EWSN][0-9]{8}$"),
        metadata=of(PUBLIC, "GSS code of the authority that checked."),
    )


class CheckedBy(Schema):
    """A check as one node's log says it."""

    record = fields.Nested(
        schema_of(Check), required=True, metadata=of(MEMBERS, "What an authority found.")
    )
    expired = fields.Boolean(
        required=True, metadata=of(MEMBERS, "Whether the item's last day has passed.")
    )
    node = fields.String(required=True, metadata=of(MEMBERS, "Name of the node that vouches."))
    entry = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=of(MEMBERS, "Index of the entry in that node's log."),
    )
    published_at = fields.AwareDateTime(
        required=True, metadata=of(MEMBERS, "When that node published it.")
    )


class Checks(Page):
    """A page of what authorities have checked."""

    checks = fields.List(
        fields.Nested(CheckedBy, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "By provider, home and item; of an item each authority's."),
    )


class ItemFacts(Schema):
    """What is said of an item."""

    urn = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp("^[A-Z0-9-]{1,20}$"),
        metadata=of(AUTHORITY, "The home that it is about; null: the provider as a whole."),
    )
    kind = fields.String(
        required=True, validate=validate.OneOf(tuple(KINDS)), metadata=of(AUTHORITY, "What it is.")
    )
    issuer = fields.String(
        required=True,
        validate=[
            validate.Length(1, 200),
            validate.Regexp(PLAIN, error="Has characters that cannot stand here."),
            fit,
        ],
        metadata=of(AUTHORITY, "Who issued it.", pattern=described(PLAIN), format="published"),
    )
    reference = fields.String(
        load_default=None,
        allow_none=True,
        validate=[validate.Regexp(REFERENCE), fit],
        metadata=of(AUTHORITY, "As the issuer writes it.", pattern=described(REFERENCE)),
    )
    valid_from = fields.Date(
        load_default=None, allow_none=True, metadata=of(AUTHORITY, "The first day.")
    )
    valid_until = fields.Date(
        load_default=None, allow_none=True, metadata=of(AUTHORITY, "The last day, not before it.")
    )

    @validates_schema(skip_on_field_errors=True)
    def _in_order(self, said: dict[str, Any], **_: Any) -> None:
        since, until = said.get("valid_from"), said.get("valid_until")
        if since and until and until < since:
            raise ValidationError("The last day is before the first.", "valid_until")


class ItemToGive(ItemFacts):
    """An item, or with `item` what takes the place of that one."""

    item = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp("^[0-9a-f]{32}$"),
        metadata=of(AUTHORITY, "Id of the item whose place it takes."),
    )


class GivenItem(ItemFacts):
    """An item as a provider gave it, and what came of its check."""

    id = fields.String(required=True, metadata=of(AUTHORITY, "Id of the item."))
    provider = fields.String(required=True, metadata=of(AUTHORITY, "Whose it is."))
    seen = fields.String(
        required=True, metadata=of(AUTHORITY, "Short for these facts; sent back with a check.")
    )
    state = fields.String(
        required=True,
        validate=validate.OneOf(_STATES),
        metadata=of(AUTHORITY, "Waiting, or what the authority found."),
    )
    reason = fields.String(
        required=True, metadata=of(AUTHORITY, "Why it is not in order; empty where it is.")
    )


class GivenItems(Page):
    """A page of items."""

    items = fields.List(
        fields.Nested(GivenItem, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        metadata=of(AUTHORITY, "By provider, home and kind."),
    )


class CheckToPublish(Schema):
    """What was found of an item."""

    item = fields.String(
        required=True,
        validate=validate.Regexp("^[0-9a-f]{32}$"),
        metadata=of(AUTHORITY, "Id of the item: one that waits, or that others have checked."),
    )
    seen = fields.String(
        required=True,
        validate=validate.Regexp("^[0-9a-f]{32}$"),
        metadata=of(AUTHORITY, "Of the facts that were checked, as the item was read."),
    )
    outcome = fields.String(
        required=True,
        validate=validate.OneOf(get_args(Outcome)),
        metadata=of(AUTHORITY, "What was found, or that an earlier check is taken back."),
    )
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=400),
        metadata=of(AUTHORITY, "Why, unless it is in order. The provider reads it, no member."),
    )


class Numbered(Schema):
    """The item."""

    item = fields.String(required=True, metadata=of(AUTHORITY, "Id of the item."))


@api.route("/due-diligence", endpoint="checks")
@api.arguments(ChecksQuery, location="query")
@api.response(200, Checks)
@problems(Problem.NOT_FOUND)
def list_checks(query: dict[str, Any]) -> Response:
    """List what authorities have checked of providers

    Who checked what, when, and until when it is valid, so that you need not check it again. What
    nobody has checked is not there, which says nothing against it.
    """
    node = this_node()
    page, size = query.pop("page"), query.pop("page_size")
    with reading(node.replica) as connection:
        total, shown = published.some_checks(
            connection, g.who, **query, first=(page - 1) * size, most=size
        )
    around = page_around(total, page, size)
    today = london_day(node.now())
    content = {**around, "checks": [_checked(one, today) for one in shown]}
    return with_links(answer(content), page, around["pages"])


@api.route(_OF_AUTHORITY, endpoint="items", parameters=[IN_AUTHORITY])
@api.arguments(Paging, location="query")
@api.response(200, GivenItems)
@problems(Problem.NOT_FOUND)
def list_items(paging: dict[str, int], authority: str) -> Response:
    """List what providers have given to be checked

    Of the providers whose staff the authority invited, with what came of each check.
    """
    with reading(this_node().node_db) as connection:
        found = items_through(connection, this_node(), g.who, authority)
    return _page(found, paging)


@api.route(f"{_OF_AUTHORITY}/checks", endpoint="check", methods=["POST"], parameters=[IN_AUTHORITY])
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(CheckToPublish)
@api.response(201, Numbered, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE, Problem.REASON_WANTED)
def check_item(_header: dict[str, str], said: dict[str, Any], authority: str) -> Response:
    """Publish what was found of an item

    For all authorities. A further check of the item takes the place of this one.
    """
    node = this_node()

    def act(connection: Connection) -> Done:
        with reading(node.replica) as replica:
            item = to_check(connection, replica, node, g.who, authority, said["item"])
        decide(
            connection,
            node,
            g.who,
            authority,
            item,
            said["outcome"],
            seen=said["seen"],
            reason=said["reason"],
        )
        return Done({"item": item.item}, f"{PREFIX}/due-diligence?authority={authority}")

    return once(act)


@api.route("/provider/due-diligence", endpoint="own_items")
@api.arguments(Paging, location="query")
@api.response(200, GivenItems)
@problems(Problem.NOT_FOUND)
def list_own_items(paging: dict[str, int]) -> Response:
    """List what you have given to be checked

    For a provider's system: each item, and what came of its check.
    """
    with reading(this_node().node_db) as connection:
        found = own_items(connection, this_node(), g.who)
    return _page(found, paging)


@api.route("/provider/due-diligence", endpoint="give_item", methods=["POST"])
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(ItemToGive)
@api.response(201, Numbered, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def give_item(_header: dict[str, str], said: dict[str, Any]) -> Response:
    """Give an item to be checked once

    For a provider's system: for the provider as a whole, or for one of its homes.
    """
    node = this_node()
    urn, replaced = said.pop("urn"), said.pop("item")

    def act(connection: Connection) -> Done:
        about = [one for one in subjects(connection, node, g.who) if one.urn == urn]
        if not about:
            raise NotOurs("no home of theirs")
        item = enter(connection, node, g.who, about[0], Facts(**said), replaced)
        return Done({"item": item}, f"{PREFIX}/provider/due-diligence")

    return once(act)


def _page(found: list[Item], paging: dict[str, int]) -> Response:
    shown, around = page_of(found, **paging)
    content = {**around, "items": [_given(one) for one in shown]}
    return with_links(answer(content, PERSONAL), around["page"], around["pages"])


def _given(one: Item) -> dict[str, object]:
    facts = one.facts
    return {
        "id": one.id,
        "provider": one.subject.workplace.provider,
        "urn": one.subject.urn,
        "kind": facts.kind,
        "issuer": facts.issuer,
        "reference": facts.reference,
        "valid_from": facts.valid_from,
        "valid_until": facts.valid_until,
        "seen": facts.seen,
        "state": one.state,
        "reason": one.reason,
    }


def _checked(one: published.PublishedCheck, today: date) -> dict[str, object]:
    return {
        "record": one.record,
        "expired": one.record.valid_until is not None and one.record.valid_until < today,
        "node": one.node,
        "entry": one.entry,
        "published_at": one.published_at,
    }
