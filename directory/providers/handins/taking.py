"""The authority's side: what comes from a provider's staff is checked, and goes the way of what its
own officers hand in.

Who sends it is believed no further than the authority's own officers are: words that are new wait
for one of them, and so does each guide, document and item of due diligence.
"""

from datetime import date, timedelta
from typing import assert_never

from sqlalchemy import Connection

from directory.country.reference.working_days import london_day
from directory.intake.screening.errors import NotFitToPublish
from directory.intake.screening.service import refuse_unfit
from directory.providers.accepting.waiting import Kind, keep_waiting
from directory.providers.diligence.taking import take_item
from directory.providers.handins.admitting import Arrived, Claimed, admit, claimed
from directory.providers.handins.errors import NotTaken
from directory.records.publishing.service import PROVIDER_SOURCE, of_home, reference_of
from directory.records.release.errors import NotHandedIn, OthersWait
from directory.records.release.held import Origin
from directory.records.release.service import hand_in_for
from directory.security.audit.service import note
from federation import Node
from protocols.entries import MAX_RECORD
from protocols.errors import ProtocolError
from protocols.handins import (
    DiligenceHandIn,
    DocumentHandIn,
    FileHandIn,
    GuideHandIn,
    HandIn,
    encode_hand_in_body,
)
from protocols.profiles import Profile
from protocols.records import decode_record
from protocols.statements import Statement

_AHEAD = timedelta(days=1)  # of a sender whose clock is not ours


def take(connection: Connection, node: Node, arrived: Arrived, body: HandIn | FileHandIn) -> None:
    """Take in what a provider's staff hand in to an authority, in the caller's transaction on
    `node.db`.

    Raises NotTaken with a reason for them, and WasWithdrawn; nothing has been changed then.
    """
    home = claimed(connection, arrived.claim, arrived.through, arrived.authority)
    try:
        match body:
            case HandIn():
                _take_record(connection, node, arrived, home, bytes(body.record))
            case GuideHandIn():
                _take_guide(connection, node, arrived, home, body)
            case DocumentHandIn():
                admit(connection, node, arrived, home, f"document/{home.urn}")
                _wait(connection, node, arrived, home, "document", None)
            case DiligenceHandIn():
                admit(connection, node, arrived, home, f"diligence/{body.item}")
                take_item(connection, node, arrived, home, body)
            case _:
                assert_never(body)
    except (OthersWait, NotFitToPublish) as error:
        raise NotTaken(str(error)) from error
    except NotHandedIn as error:
        raise NotTaken(
            "The authority has taken this home or this record back. Ask its officers"
        ) from error


def _take_record(
    connection: Connection, node: Node, arrived: Arrived, home: Claimed, data: bytes
) -> None:
    record = _read(data)
    if (record.urn, record.authority) != (home.urn, arrived.authority):
        raise NotTaken("What was handed in is about another home than the one that was claimed")
    _refuse_unlikely(record, london_day(node.now()))
    admit(connection, node, arrived, home, reference_of(record))
    origin = Origin(arrived.hand_in, arrived.through)
    hand_in_for(connection, node, arrived.by(home.provider), record, origin)


def _take_guide(
    connection: Connection, node: Node, arrived: Arrived, home: Claimed, body: GuideHandIn
) -> None:
    texts = {f"topics.{one.topic}": one.text for one in body.topics}
    texts |= {f"pictures.{number}": text for number, text in enumerate(body.pictures, 1)}
    for about, who in (("complaints", body.complaints), ("advocacy", body.advocacy)):
        texts |= {about: who.name} if who else {}
    refuse_unfit(texts)
    admit(connection, node, arrived, home, f"guide/{home.urn}")
    _wait(connection, node, arrived, home, "guide", encode_hand_in_body(body))


def _wait(
    connection: Connection,
    node: Node,
    arrived: Arrived,
    home: Claimed,
    kind: Kind,
    body: bytes | None,
) -> None:
    who = arrived.by(home.provider)
    keep_waiting(
        connection,
        node,
        authority=arrived.authority,
        urn=home.urn,
        kind=kind,
        through=arrived.through,
        hand_in=arrived.hand_in,
        by=who.name,
        body=body,
        files=arrived.files,
    )
    action = "hand in a children's guide" if kind == "guide" else "hand in a full document"
    note(
        connection,
        node,
        who,
        action,
        authority=arrived.authority,
        record=of_home(home.urn),
        detail="waits for an officer",
    )


def _read(data: bytes) -> Profile | Statement:
    if len(data) > MAX_RECORD:
        raise NotTaken(f"It is longer than a record can be, {MAX_RECORD:,} bytes")
    try:
        record = decode_record(data)
    except ProtocolError:
        raise NotTaken(
            "The authority’s node cannot read it: it may be older than yours. Ask its officers"
        ) from None
    if not isinstance(record, Profile | Statement):
        raise NotTaken("A provider hands in profiles and statements of purpose, and nothing else")
    return record


def _refuse_unlikely(record: Profile | Statement, today: date) -> None:
    if isinstance(record, Profile):
        day, wrong = record.source.as_at, record.source.name != PROVIDER_SOURCE
    else:
        day, wrong = record.reviewed_on, False
    if wrong:
        raise NotTaken("It does not say that it is in the provider’s own words")
    if day > today + _AHEAD:
        raise NotTaken("It bears a day that is in the future")
