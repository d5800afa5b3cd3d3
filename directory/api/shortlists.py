"""Shortlists of one authority, for its own systems: begin one, weigh homes, keep the decision."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from directory.api.answering import PERSONAL, answer, page_of, with_links
from directory.api.changes import LARGEST_ID, ChangedHome, shown_change
from directory.api.fields import CONFIDENTIAL, MEMBERS, Page, Paging, WholeNumber, of
from directory.api.from_structs import described
from directory.api.notices import IN_AUTHORITY
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from directory.choosing.changes.values import HomeChange
from directory.choosing.shortlists.schemas import LONGEST, refuse_a_child
from directory.choosing.shortlists.service import Kept, add_home, begin, decide, look, shortlists
from directory.choosing.shortlists.values import MOST_HOMES, Comparison, Decision
from directory.choosing.shortlists.watching import changes_on, mark_seen
from federation import reading, writing
from protocols.kinds import WRITTEN
from protocols.problems import Problem

_SHORTLISTS = "/authorities/<authority>/shortlists"
_SHORTLIST = {
    "in": "path",
    "name": "shortlist",
    "description": "Id of the shortlist.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
_WRITE = (
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.NOT_FOUND,
    Problem.GONE,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)


def _urn(description: str, **options: Any) -> fields.String:
    form = validate.Regexp("^[A-Z0-9-]{1,20}$")
    return fields.String(validate=form, metadata=of(CONFIDENTIAL, description), **options)


def _text(most: int, description: str, **options: Any) -> fields.String:
    """What somebody writes: plain, and naming no child."""
    return fields.String(
        validate=[
            validate.Length(1, most),
            validate.Regexp(WRITTEN, error="Has characters that cannot stand here."),
            refuse_a_child,
        ],
        metadata=of(CONFIDENTIAL, description, pattern=described(WRITTEN), format="published"),
        **options,
    )


class Begun(Schema):
    """A shortlist to begin."""

    called = _text(80, "What you call the search, such as a reference of your own.", required=True)


class Weighed(Schema):
    """A home to weigh."""

    urn = _urn("Ofsted's number of the home.", required=True)
    why = _text(LONGEST, "Why it is weighed.", required=True)


class Decided(Schema):
    """A decision between the homes on a shortlist."""

    chosen = _urn("The home; null: none of these.", required=True, allow_none=True)
    why = _text(LONGEST, "Why.", required=True)
    child_said = _text(LONGEST, "What the child said.", load_default="")
    offered = fields.List(
        _urn("One of them."),
        load_default=(),
        validate=validate.Length(0, MOST_HOMES),
        metadata=of(CONFIDENTIAL, "The homes between which the child could choose."),
    )


class Listed(Schema):
    """A shortlist, without what is on it."""

    id = fields.String(required=True, metadata=of(CONFIDENTIAL, "Id of the shortlist."))
    called = fields.String(required=True, metadata=of(CONFIDENTIAL, "What it is called."))
    homes = fields.Integer(
        required=True, validate=validate.Range(0), metadata=of(CONFIDENTIAL, "How many are on it.")
    )
    made_at = fields.AwareDateTime(required=True, metadata=of(CONFIDENTIAL, "When it was begun."))
    decided_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=of(CONFIDENTIAL, "When; null while it is open.")
    )


class ListedPage(Page):
    """A page of shortlists."""

    shortlists = fields.List(
        fields.Nested(Listed, metadata=of(CONFIDENTIAL, "One of them.")),
        required=True,
        metadata=of(CONFIDENTIAL, "Those that are open first, then the newest."),
    )


class Option(Schema):
    """A home on a shortlist."""

    urn = fields.String(required=True, metadata=of(CONFIDENTIAL, "Ofsted's number of the home."))
    title = fields.String(required=True, metadata=of(CONFIDENTIAL, "What it is called."))
    why = fields.String(required=True, metadata=of(CONFIDENTIAL, "Why it is weighed."))
    added_by = fields.String(required=True, metadata=of(CONFIDENTIAL, "Who added it."))
    added_on = fields.Date(required=True, metadata=of(CONFIDENTIAL, "When."))
    not_known = fields.List(
        fields.String(metadata=of(CONFIDENTIAL, "One of them.")),
        required=True,
        metadata=of(CONFIDENTIAL, "What nobody has said of it: what to ask."),
    )


class Compared(Schema):
    """One fact of every home."""

    section = fields.String(required=True, metadata=of(CONFIDENTIAL, "What it belongs to."))
    key = fields.String(required=True, metadata=of(CONFIDENTIAL, "The fact."))
    values = fields.List(
        fields.String(metadata=of(CONFIDENTIAL, "Of one home.")),
        required=True,
        metadata=of(CONFIDENTIAL, "In the order of the homes."),
    )


class Taken(Schema):
    """A decision that was taken."""

    chosen = fields.String(
        required=True, allow_none=True, metadata=of(CONFIDENTIAL, "The home; null: none of them.")
    )
    why = fields.String(required=True, metadata=of(CONFIDENTIAL, "Why."))
    child_said = fields.String(required=True, metadata=of(CONFIDENTIAL, "What the child said."))
    offered = fields.List(
        fields.String(metadata=of(CONFIDENTIAL, "One of them.")),
        required=True,
        metadata=of(CONFIDENTIAL, "The homes between which the child could choose."),
    )
    decided_by = fields.String(required=True, metadata=of(CONFIDENTIAL, "Who decided."))


class Whole(Listed):
    """A shortlist with its homes side by side."""

    options = fields.List(
        fields.Nested(Option, metadata=of(CONFIDENTIAL, "One of them.")),
        required=True,
        metadata=of(CONFIDENTIAL, "The homes."),
    )
    compared_on = fields.Date(
        required=True, metadata=of(CONFIDENTIAL, "The day on which this was known of them.")
    )
    rows = fields.List(
        fields.Nested(Compared, metadata=of(CONFIDENTIAL, "One of them.")),
        required=True,
        metadata=of(CONFIDENTIAL, "What is known of each, side by side."),
    )
    changes = fields.List(
        fields.Nested(ChangedHome, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(
            CONFIDENTIAL,
            "What lists have changed about its homes, and nobody of the authority has seen; the "
            "newest first.",
        ),
    )
    decision = fields.Nested(
        Taken,
        required=True,
        allow_none=True,
        metadata=of(CONFIDENTIAL, "What was decided; null while it is open."),
    )


class SeenOn(Schema):
    """Which changes on a shortlist were seen."""

    newest = WholeNumber(
        required=True,
        validate=validate.Range(1, LARGEST_ID),
        metadata=of(MEMBERS, "Id of the newest change that was seen."),
    )


class Number(Schema):
    """The shortlist."""

    id = fields.String(required=True, metadata=of(CONFIDENTIAL, "Id of the shortlist."))


@api.route(_SHORTLISTS, endpoint="shortlists", parameters=[IN_AUTHORITY])
@api.arguments(Paging, location="query")
@api.response(200, ListedPage)
@problems(Problem.NOT_FOUND)
def list_shortlists(paging: dict[str, int], authority: str) -> Response:
    """List an authority's shortlists

    Each for one placement, by the authority's own reference.
    """
    with reading(this_node().node_db) as connection:
        found = shortlists(connection, this_node(), g.who, authority)
    shown, around = page_of(found, **paging)
    content = {**around, "shortlists": [_listed(one) for one in shown]}
    return with_links(answer(content, PERSONAL), around["page"], around["pages"])


@api.route(_SHORTLISTS, endpoint="begin_shortlist", methods=["POST"], parameters=[IN_AUTHORITY])
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(Begun)
@api.response(201, Number, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def begin_shortlist(_header: dict[str, str], said: dict[str, str], authority: str) -> Response:
    """Begin a shortlist

    For one placement. Name no child in it.
    """

    def act(connection: Connection) -> Done:
        number = begin(connection, this_node(), g.who, authority, said["called"])
        return _done(authority, number)

    return once(act)


@api.route(
    f"{_SHORTLISTS}/<shortlist>", endpoint="shortlist", parameters=[IN_AUTHORITY, _SHORTLIST]
)
@api.response(200, Whole)
@problems(Problem.NOT_FOUND, Problem.GONE)
def one_shortlist(authority: str, shortlist: str) -> Response:
    """Read a shortlist

    Its homes side by side, as they are today, or as they were when it was decided. The look is in
    the audit.
    """
    with writing(this_node().node_db) as connection:
        kept, comparison = look(connection, this_node(), g.who, authority, shortlist)
        changed = changes_on(connection, this_node(), [kept]).get(kept.id, [])
    return answer(_whole(kept, comparison, changed), PERSONAL)


@api.route(
    f"{_SHORTLISTS}/<shortlist>/homes",
    endpoint="weigh_home",
    methods=["POST"],
    parameters=[IN_AUTHORITY, _SHORTLIST],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(Weighed)
@api.response(201, Number, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def weigh_home(
    _header: dict[str, str], said: dict[str, str], authority: str, shortlist: str
) -> Response:
    """Put a home on a shortlist

    Or say anew why it is there.
    """

    def act(connection: Connection) -> Done:
        add_home(connection, this_node(), g.who, authority, shortlist, said["urn"], said["why"])
        return _done(authority, shortlist)

    return once(act)


@api.route(
    f"{_SHORTLISTS}/<shortlist>/decision",
    endpoint="decide_shortlist",
    methods=["POST"],
    parameters=[IN_AUTHORITY, _SHORTLIST],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(Decided)
@api.response(201, Number, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def decide_shortlist(
    _header: dict[str, str], said: dict[str, Any], authority: str, shortlist: str
) -> Response:
    """Keep the decision

    With what is known of each home today. A person takes it back, on the page, with a reason.
    """

    def act(connection: Connection) -> Done:
        decide(
            connection,
            this_node(),
            g.who,
            authority,
            shortlist,
            said["chosen"],
            said["why"],
            said["child_said"],
            tuple(said["offered"]),
        )
        return _done(authority, shortlist)

    return once(act)


@api.route(
    f"{_SHORTLISTS}/<shortlist>/changes/seen",
    endpoint="shortlist_seen",
    methods=["POST"],
    parameters=[IN_AUTHORITY, _SHORTLIST],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(SeenOn)
@api.response(201, Number, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def mark_shortlist_seen(
    _header: dict[str, str], said: dict[str, int], authority: str, shortlist: str
) -> Response:
    """Mark what changed on a shortlist as seen

    For the whole authority.
    """

    def act(connection: Connection) -> Done:
        mark_seen(connection, this_node(), g.who, authority, shortlist, said["newest"])
        return _done(authority, shortlist)

    return once(act)


def _done(authority: str, number: str) -> Done:
    return Done({"id": number}, f"{PREFIX}/authorities/{authority}/shortlists/{number}")


def _listed(one: Kept) -> dict[str, object]:
    return {
        "id": one.id,
        "called": one.weighed.called,
        "homes": len(one.weighed.options),
        "made_at": one.made_at,
        "decided_at": one.decided_at,
    }


def _whole(one: Kept, comparison: Comparison, changed: list[HomeChange]) -> dict[str, object]:
    beside = zip(one.weighed.options, comparison.titles, comparison.unknown, strict=True)
    return _listed(one) | {
        "options": [
            {
                "urn": option.urn,
                "title": title,
                "why": option.why,
                "added_by": option.added_by,
                "added_on": option.added_on,
                "not_known": unknown,
            }
            for option, title, unknown in beside
        ],
        "compared_on": comparison.on,
        "rows": comparison.rows,
        "changes": [shown_change(change) for change in changed],
        "decision": _taken(one.weighed.decision),
    }


def _taken(decision: Decision | None) -> dict[str, object] | None:
    if decision is None:
        return None
    return {
        "chosen": decision.chosen,
        "why": decision.why,
        "child_said": decision.child_said,
        "offered": decision.offered,
        "decided_by": decision.decided_by,
    }
