"""Messages that come from other nodes, each to the subject that knows its schema."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from directory.compliance.arriving import receive as receive_counts
from directory.hosting.census.arriving import receive as receive_of_census
from directory.hosting.homes.arriving import receive as receive_of_resident
from directory.hosting.homes.pairing import pair
from directory.hosting.partners.arriving import receive as receive_about_partner
from directory.hosting.partners.fanning_out import fan_out
from directory.notices.arriving import receive as receive_notice
from directory.notices.following.arriving import receive_following
from directory.placing.approvals.arriving import receive as receive_about_consultation
from directory.providers.documents.arriving import receive as receive_about_document
from directory.providers.handins.arriving import receive as receive_hand_in
from directory.providers.vouching.arriving import receive as receive_for_providers
from federation import Node
from protocols import (
    census,
    consultations,
    documents,
    handins,
    partners,
    placements,
    providers,
    residents,
)
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.partners import Event
from protocols.placements import PlacementEnding, decode_placement_body
from protocols.records import schema_of

_ABOUT_HOMES = dict.fromkeys(providers.SCHEMAS, receive_for_providers) | dict.fromkeys(
    handins.SCHEMAS, receive_hand_in
)
_ABOUT_HOMES |= dict.fromkeys(residents.SCHEMAS, receive_of_resident)
_ABOUT_HOMES |= dict.fromkeys(census.SCHEMAS, receive_of_census)
_TOLD_ON: Mapping[str, Event] = {
    "notice/1": "placed",
    "notice/2": "placed",
    "placement-change/1": "changed",
    "placement-ending/1": "ended",
    "withdrawal/1": "withdrawn",
}
"""Of what partners are told, and what that is to them."""


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message says, and that it came `now`.

    Raises Malformed or UnknownSchema to refuse it.
    """
    schema = schema_of(bytes(message.body), "message body")
    if schema in documents.SCHEMAS:
        receive_about_document(connection, node, message)
        return
    if schema == "notice-counts/1":
        receive_counts(connection, node, message)
        return
    if schema in partners.SCHEMAS:
        receive_about_partner(connection, node, message)
        return
    if schema in consultations.SCHEMAS:
        receive_about_consultation(connection, node, message, now)
        return
    about_home = _ABOUT_HOMES.get(schema)
    if about_home and message.attachments and schema not in handins.FILES:
        raise Malformed("message about a home: comes with attachments")
    if schema in placements.SCHEMAS:
        receive_following(connection, node, message)
    else:
        (about_home or receive_notice)(connection, node, message, now)
    if event := _TOLD_ON.get(schema):
        pair(connection, node, message.recipient, [message.sender])
        _tell_partners(connection, node, message, event)


def _tell_partners(connection: Connection, node: Node, message: Message, event: Event) -> None:
    body = None if event == "placed" else decode_placement_body(bytes(message.body))
    fan_out(
        connection,
        node,
        area=message.recipient,
        placing=message.sender,
        notice=body.notice if body else message.id,
        event=event,
        message=message.id,
        ends_on=body.ended_on if isinstance(body, PlacementEnding) else None,
    )
