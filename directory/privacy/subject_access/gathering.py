"""Gathering all that a record holds, as plain values: what was said, to and by whom, who looked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import to_builtins
from msgspec.json import Decoder
from sqlalchemy import Connection, Row, select

from directory.country.authorities.service import authority_name
from directory.country.rules.table import nation_of
from directory.hosting.homes.taking import stays_told
from directory.hosting.partners.models import partner, partner_opening, partner_told
from directory.notices.breaches.service import breaches_of
from directory.notices.following.files import files_after
from directory.notices.looking import open_attachments
from directory.notices.models import received_notice, sent_notice
from directory.notices.now import now_of
from directory.notices.records import received_record
from directory.placing.approvals.answering import answer_given
from directory.placing.approvals.consulting import consultations_of
from directory.placing.approvals.destroying import received_bodies
from directory.placing.approvals.service import standing
from directory.placing.register.models import placement
from directory.placing.register.rows import kept_placements, open_child, open_placements
from directory.placing.telling.models import telling
from directory.privacy.retention.records import PERIODS, CaseRecord, Kind
from directory.privacy.retention.schedule import in_words
from directory.privacy.retention.told import told_records
from directory.security.audit.models import audit_row
from directory.security.vault.service import Vault
from federation import Node
from protocols.attachments import Attachment
from protocols.notices import decode_body

_json = Decoder()


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that came with a message: the notice, or a change; `number` is its place from 0."""

    message: str
    number: int
    file: Attachment


def gather(
    connection: Connection, node: Node, authority: str, one: CaseRecord
) -> tuple[dict[str, Any], tuple[Filed, ...]]:
    """What an authority holds in one record, and the files that came with it. Raises a VaultError.

    Whoever calls has asked the table of rights, and notes the look.
    """
    files: tuple[Filed, ...] = ()
    if one.kind is Kind.CHILD:
        held = _child(connection, node, one.id)
    elif one.kind is Kind.HOME:
        stays = dict(stays_told(connection, node, authority))
        held = {"told_by_the_home": to_builtins(stays[one.id])}
    elif one.kind is Kind.TOLD:
        held = {
            "told": [
                {"sender": authority_name(sender), "at": to_builtins(at), "said": said}
                for number, sender, at, said in told_records(connection, node, authority)
                if number == one.id
            ]
        }
    elif one.kind is Kind.CONSULTED:
        held = {
            "consultation": [
                to_builtins(asked)
                for number, asker, asked in received_bodies(connection, node, authority)
                if (number, asker) == (one.id, one.other)
            ],
            "answer": to_builtins(answer_given(connection, node, authority, one.id)),
        }
    else:
        held, files = _notice(connection, node, authority, one)
    lines = {line.name: line for line in in_words(nation_of(authority))}
    kept = lines[PERIODS[one.kind]]
    return {
        "kind": one.kind.value,
        "record": one.record,
        "other_authority": authority_name(one.other) if one.other else None,
        "kept_for": f"{kept.says}. {kept.source}",
        "held": held,
        "looks_and_changes": _audit(connection, node, authority, one),
    }, files


def _child(connection: Connection, node: Node, number: str) -> dict[str, Any]:
    every = kept_placements(connection, placement.c.child == number)
    facts = open_placements(connection, node, [one.id for one in every])
    return {
        "child": to_builtins(open_child(connection, node, number)),
        "placements": [
            {
                "placement": to_builtins(one),
                "facts": to_builtins(facts.get(one.id)),
                "told": _told(connection, node, one.id),
                "approval": to_builtins(standing(connection, node, one).considered),
                "consultations": to_builtins(consultations_of(connection, node, one.id)),
            }
            for one in every
        ],
    }


def _told(connection: Connection, node: Node, number: str) -> list[dict[str, Any]]:
    """Who was told of a placement, and who was not and why (Article 15(1)(c))."""
    rows = connection.execute(select(telling).where(telling.c.placement == number)).all()
    vault = Vault(connection, node)
    sealed = vault.open_all("telling", "body", {row.id: row.body for row in rows})
    return [
        _plain_columns(row._mapping) | {"facts": _json.decode(sealed.get(row.id, b"null"))}
        for row in rows
    ]


def _notice(
    connection: Connection, node: Node, authority: str, one: CaseRecord
) -> tuple[dict[str, Any], tuple[Filed, ...]]:
    sent = one.kind is Kind.SENT
    table = sent_notice if sent else received_notice
    ours, theirs = (
        (table.c.placing_authority, table.c.area_authority)
        if sent
        else (table.c.area_authority, table.c.placing_authority)
    )
    row = connection.execute(
        select(table).where(table.c.id == one.id, ours == authority, theirs == one.other)
    ).one()
    vault = Vault(connection, node)
    record = one.id if sent else received_record(row.placing_authority, one.id)
    own = {one.id: open_attachments(vault, table.name, record, row)}
    every = own | files_after(connection, node, "sent" if sent else "received", row)
    files = tuple(
        Filed(message, number, file)
        for message, together in every.items()
        for number, file in enumerate(together)
    )
    said = {
        "notice": to_builtins(now_of(connection, node, "sent" if sent else "received", row)),
        "dates": _plain_columns(row._mapping),
        "attachments": [
            {"name": file.name, "type": file.type, "bytes": file.size, "came_with": message}
            for message, together in every.items()
            for file in together
        ],
    }
    said["breaches"] = to_builtins(breaches_of(connection, node, authority, one.id))
    if not sent:
        said["partners_told"] = _partners(connection, authority, row)
    if sent and row.acknowledgement is not None:
        answer = vault.open_all("sent_notice", "acknowledgement", {one.id: row.acknowledgement})
        said["acknowledgement"] = to_builtins(decode_body(answer[one.id]))
    return said, files


def _partners(
    connection: Connection, authority: str, row: Row[tuple[object, ...]]
) -> list[dict[str, Any]]:
    """Which partners were told of a notice that came, and who opened it (Article 15(1)(c))."""
    rows = connection.execute(
        select(
            *(partner.c.name, partner.c.fields, partner_told.c.event, partner_told.c.sent_at),
            *(partner_opening.c.at.label("opened_at"), partner_opening.c.by.label("opened_by")),
        )
        .join(partner, partner.c.id == partner_told.c.partner)
        .outerjoin(partner_opening, partner_opening.c.told == partner_told.c.id)
        .where(
            partner_told.c.area_authority == authority,
            partner_told.c.placing_authority == row.placing_authority,
            partner_told.c.notice == row.id,
        )
        .order_by(partner_told.c.queued_at)
    ).mappings()
    return [_plain_columns(one) for one in rows]


def _plain_columns(row: Mapping[Any, Any]) -> dict[str, Any]:
    """What stands beside the seal."""
    return {
        str(name): to_builtins(value)
        for name, value in row.items()
        if value is not None and not isinstance(value, bytes) and not str(name).endswith("_hash")
    }


def _audit(
    connection: Connection, node: Node, authority: str, one: CaseRecord
) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(audit_row)
        .where(audit_row.c.authority == authority, audit_row.c.record == one.record)
        .order_by(audit_row.c.seq)
    ).all()
    reasons = Vault(connection, node).open_all(
        "audit_row", "reason", {str(row.seq): row.reason for row in rows if row.reason}
    )
    return [
        {
            "at": to_builtins(row.at),
            "who": row.who_name,
            "action": row.action,
            "detail": row.detail,
            "reason": reasons.get(str(row.seq), b"").decode(),
        }
        for row in rows
    ]
