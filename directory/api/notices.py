"""Notices of one authority, for its own systems: send, list, read with a reason, acknowledge."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from directory.api.answering import PERSONAL, answer, page_of, with_links
from directory.api.examples import CONTACT, NOTICE_TO_SEND
from directory.api.fields import AUTHORITY, CHILD, Page, Paging, of
from directory.api.from_structs import schema_of
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from directory.notices.received import acknowledge, read_received, received
from directory.notices.releases import as_first
from directory.notices.sent import Sent, acknowledgement_of, read_sent, send_notice, sent
from directory.security.rights.service import LONGEST_REASON
from federation import Dispatch, Refused, dispatches, reading, writing
from protocols.notices import Acknowledgement, Contact, Notice
from protocols.problems import Problem

STATES = ("waiting", "stored", "refused", "expired")
_GSS = validate.Regexp("^[EWSN][0-9]{8}$")
_NOTICES_OF = "/authorities/<authority>/notices"
IN_AUTHORITY = {
    "in": "path",
    "name": "authority",
    "description": "GSS code of the token's authority.",
    "schema": {"type": "string", "pattern": "^[EWSN][0-9]{8}$"},
}
IN_NOTICE = {
    "in": "path",
    "name": "notice",
    "description": "Id of the notice.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}


class ReasonHeader(Schema):
    """The header of a look at what is said of a child."""

    reason = fields.String(
        data_key="Reason",
        required=True,
        validate=validate.Regexp(f"^[!-~][ -~]{{3,{LONGEST_REASON - 2}}}[!-~]$"),
        metadata=of(
            AUTHORITY,
            "Why you look, in plain letters (ASCII). Kept in the audit with the name of your "
            "system; name no child in it.",
        ),
    )


class NoticeToSend(Schema):
    """A notice, and whom it is for."""

    area_authority = fields.String(
        required=True,
        validate=_GSS,
        metadata=of(AUTHORITY, "GSS code of the authority where the child is placed."),
    )
    notice = fields.Nested(
        schema_of(Notice), required=True, metadata=of(CHILD, "What it says of the child.")
    )


class SentNotice(Schema):
    """A notice that was sent, without the child."""

    id = fields.String(required=True, metadata=of(AUTHORITY, "Id of the notice."))
    placing_authority = fields.String(required=True, metadata=of(AUTHORITY, "Who sent it."))
    area_authority = fields.String(required=True, metadata=of(AUTHORITY, "Whom it is for."))
    sent_at = fields.AwareDateTime(required=True, metadata=of(AUTHORITY, "When it was queued."))
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata=of(AUTHORITY, "Stored: there is a receipt, signed by whom it is for."),
    )
    problem = fields.String(
        required=True,
        allow_none=True,
        metadata=of(AUTHORITY, "Why it is not there yet, or why it was refused."),
    )
    acknowledged_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=of(AUTHORITY, "When somebody there answered it.")
    )


class ReceivedNotice(Schema):
    """A notice that came, without the child."""

    id = fields.String(required=True, metadata=of(AUTHORITY, "Id of the notice."))
    placing_authority = fields.String(required=True, metadata=of(AUTHORITY, "Who sent it."))
    area_authority = fields.String(required=True, metadata=of(AUTHORITY, "Whom it is for."))
    received_at = fields.AwareDateTime(required=True, metadata=of(AUTHORITY, "When it came."))
    acknowledged_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=of(AUTHORITY, "When it was acknowledged here.")
    )
    acknowledged_by = fields.String(
        required=True, allow_none=True, metadata=of(AUTHORITY, "Who acknowledged it here.")
    )
    ended_on = fields.Date(
        required=True, allow_none=True, metadata=of(AUTHORITY, "The day on which it ends.")
    )
    withdrawn_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=of(AUTHORITY, "When its sender withdrew it.")
    )


class SentNotices(Page):
    """A page of the notices sent, the latest first."""

    notices = fields.List(
        fields.Nested(SentNotice, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        metadata=of(AUTHORITY, "What was sent."),
    )


class ReceivedNotices(Page):
    """A page of the notices received, the latest first."""

    notices = fields.List(
        fields.Nested(ReceivedNotice, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        metadata=of(AUTHORITY, "What came."),
    )


class Queued(Schema):
    """What is on its way."""

    id = fields.String(required=True, metadata=of(AUTHORITY, "Id of the message."))
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata=of(AUTHORITY, "Where it is: it is delivered as soon as the other node answers."),
    )


@api.route(
    f"{_NOTICES_OF}/sent", endpoint="send_notice", methods=["POST"], parameters=[IN_AUTHORITY]
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(NoticeToSend, example=NOTICE_TO_SEND)
@api.response(201, Queued, headers={"Location": {"schema": {"type": "string"}}})
@problems(
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.NOT_A_MEMBER,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)
def send(_header: dict[str, str], sending: dict[str, Any], authority: str) -> Response:
    """Send a notice

    An out-of-area notice to the authority of the area (regulation 13(4) of the Care Planning,
    Placement and Case Review (England) Regulations 2010), sealed to it and to nobody else.
    """

    def act(connection: Connection) -> Done:
        node = this_node()
        message = send_notice(
            connection,
            node,
            g.who,
            sending["notice"],
            placing=authority,
            area=sending["area_authority"],
        )
        return Done(queued(message), f"{PREFIX}/authorities/{authority}/notices/sent/{message}")

    return once(act)


@api.route(f"{_NOTICES_OF}/sent", endpoint="sent_notices", parameters=[IN_AUTHORITY])
@api.arguments(Paging, location="query")
@api.response(200, SentNotices)
@problems(Problem.NOT_FOUND)
def list_sent(paging: dict[str, int], authority: str) -> Response:
    """List the notices sent

    Where each of them is, and nothing about a child.
    """
    with reading(this_node().node_db) as connection:
        shown, around = page_of(sent(connection, g.who, authority), **paging)
        on_the_way = dispatches(connection, [one.id for one in shown])
    notices = [_sent(one, on_the_way[one.id]) for one in shown]
    return with_links(
        answer({**around, "notices": notices}, PERSONAL), around["page"], around["pages"]
    )


@api.route(
    f"{_NOTICES_OF}/sent/<notice>", endpoint="sent_notice", parameters=[IN_AUTHORITY, IN_NOTICE]
)
@api.arguments(ReasonHeader, location="headers")
@api.response(200, schema_of(Notice))
@problems(Problem.REASON_WANTED, Problem.NOT_FOUND, Problem.GONE)
def one_sent(header: dict[str, str], authority: str, notice: str) -> Response:
    """Read a notice that was sent

    All of it, so it needs a reason; the look is in the audit.
    """
    with writing(this_node().node_db) as connection:
        whole = read_sent(
            connection,
            this_node(),
            g.who,
            placing=authority,
            notice=notice,
            reason=header["reason"],
        )
    return answer(as_first(whole.notice), PERSONAL)


@api.route(
    f"{_NOTICES_OF}/sent/<notice>/acknowledgement",
    endpoint="acknowledgement",
    parameters=[IN_AUTHORITY, IN_NOTICE],
)
@api.response(200, schema_of(Acknowledgement))
@problems(Problem.NOT_FOUND)
def answer_to(authority: str, notice: str) -> Response:
    """Read the answer to a notice

    Whom to call at the authority of the area. There is none before somebody there acknowledges it.
    """
    with reading(this_node().node_db) as connection:
        found = acknowledgement_of(connection, this_node(), g.who, placing=authority, notice=notice)
    if found is None:
        raise Refused(Problem.NOT_FOUND, "Nobody has acknowledged such a notice yet.")
    return answer(found, PERSONAL)


@api.route(f"{_NOTICES_OF}/received", endpoint="received_notices", parameters=[IN_AUTHORITY])
@api.arguments(Paging, location="query")
@api.response(200, ReceivedNotices)
@problems(Problem.NOT_FOUND)
def list_received(paging: dict[str, int], authority: str) -> Response:
    """List the notices received

    Who sent them and when, and nothing about a child.
    """
    with reading(this_node().node_db) as connection:
        shown, around = page_of(received(connection, g.who, authority), **paging)
    return with_links(
        answer({**around, "notices": shown}, PERSONAL), around["page"], around["pages"]
    )


@api.route(
    f"{_NOTICES_OF}/received/<notice>",
    endpoint="received_notice",
    parameters=[IN_AUTHORITY, IN_NOTICE],
)
@api.arguments(ReasonHeader, location="headers")
@api.response(200, schema_of(Notice))
@problems(Problem.REASON_WANTED, Problem.NOT_FOUND, Problem.GONE)
def one_received(header: dict[str, str], authority: str, notice: str) -> Response:
    """Read a notice that was received

    All of it, so it needs a reason; the look is in the audit.
    """
    with writing(this_node().node_db) as connection:
        whole = read_received(
            connection,
            this_node(),
            g.who,
            area=authority,
            notice=notice,
            reason=header["reason"],
        )
    return answer(as_first(whole.notice), PERSONAL)


@api.route(
    f"{_NOTICES_OF}/received/<notice>/acknowledgement",
    endpoint="acknowledge",
    methods=["POST"],
    parameters=[IN_AUTHORITY, IN_NOTICE],
)
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(schema_of(Contact), example=CONTACT)
@api.response(201, Queued, headers={"Location": {"schema": {"type": "string"}}})
@problems(
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.NOT_FOUND,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)
def acknowledge_received(
    _header: dict[str, str], contact: Contact, authority: str, notice: str
) -> Response:
    """Acknowledge a notice

    Says whom to call here about the child. The first acknowledgement stands.
    """

    def act(connection: Connection) -> Done:
        message = acknowledge(
            connection, this_node(), g.who, area=authority, notice=notice, contact=contact
        )
        return Done(queued(message), f"{PREFIX}/authorities/{authority}/notices/received/{notice}")

    return once(act)


def queued(message: str) -> dict[str, str]:
    """What a write that queues a message answers."""
    return {"id": message, "state": "waiting"}


def _sent(one: Sent, dispatch: Dispatch) -> dict[str, object]:
    return {
        "id": one.id,
        "placing_authority": one.placing_authority,
        "area_authority": one.area_authority,
        "sent_at": one.sent_at,
        "state": dispatch.state,
        "problem": dispatch.problem,
        "acknowledged_at": one.acknowledged_at,
    }
