"""The placing authority's side of a consultation: what is sent of a placement, and what came back.

Regulation 11(2)(d)(ii): for a placement at a distance, with the care plan.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from msgspec import ValidationError, convert
from sqlalchemy import Connection, insert, select

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import add_working_days, london_day
from directory.country.rules.purposes import why
from directory.country.rules.table import nation_of
from directory.notices.sending import areas
from directory.placing.approvals.errors import CannotConsult
from directory.placing.approvals.models import sent_consultation
from directory.placing.register.finding import whole_placement
from directory.placing.register.values import Whole
from directory.privacy.restricting.closing import require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, queue
from protocols.consultations import (
    Consultation,
    ConsultationAnswer,
    decode_consultation_body,
    encode_consultation_body,
)
from protocols.errors import Malformed
from protocols.notices import Child

TABLE = "sent_consultation"
DAYS_TO_ANSWER = 5
"""Working days that an area authority is asked to answer in. No regulation says how many."""
_NEEDED = {
    "given_name": "the child’s given name",
    "family_name": "the child’s family name",
    "born_on": "the child’s date of birth",
    "setting": "the kind of placement",
    "address": "the address",
    "social_worker": "the social worker",
    "why_most_suitable": "why this placement is the most suitable",
    "care_plan": "the care plan",
}


@dataclass(frozen=True, slots=True)
class Consulted:
    """A consultation that was sent, and the answer, where there is one."""

    id: str
    area_authority: str
    sent_at: datetime
    answered_at: datetime | None
    answer: ConsultationAnswer | None


def not_said(whole: Whole) -> list[str]:
    """What a consultation has to say, and the register does not, in words."""
    return [
        words
        for name, words in _NEEDED.items()
        if not getattr(whole.child if hasattr(whole.child, name) else whole.facts, name)
    ]


def consult(connection: Connection, node: Node, who: Principal, authority: str, number: str) -> str:
    """Ask the area authority, sealed to it; gives the message's id. Raises NotAllowed,
    NoSuchPlacement, Restricted, CannotConsult.
    """
    require(who, Action.SEND_NOTICES, authority)
    require_open(connection, who, authority, f"placement/{number}")
    whole = whole_placement(connection, node, authority, number)
    area, child, facts = whole.kept.course.area, whole.child, whole.facts
    if area is None or area not in areas(node, authority):
        raise CannotConsult(
            "The area authority is no member, so it cannot be asked from here. Ask it by letter, "
            "and record that."
        )
    if missing := not_said(whole):
        raise CannotConsult(
            f"To consult {authority_name(area)}, the placement has to say: {', '.join(missing)}."
        )
    nation, course = nation_of(authority), whole.kept.course
    words = why("consultation/1", nation)
    said = {
        "purpose": words.purpose,
        "lawful_basis": words.lawful_basis,
        "child": {name: getattr(child, name) for name in Child.__struct_fields__},
        "placement": {
            "setting": facts.setting,
            "address": facts.address,
            "starts_on": course.starts_on,
            **({"urn": facts.urn} if facts.urn else {}),
            "emergency": course.emergency,
            "at_a_distance": course.relation == "at a distance",
        },
        "social_worker": facts.social_worker,
        "why_most_suitable": facts.why_most_suitable,
        "care_plan": facts.care_plan,
        "asked_at": node.now().astimezone(UTC).replace(microsecond=0),
        "answer_by": add_working_days(london_day(node.now()), DAYS_TO_ANSWER, nation),
    }
    try:
        raw = encode_consultation_body(convert(said, Consultation))
    except (ValidationError, Malformed):
        raise CannotConsult(
            "Something in the placement is too long for a message, or has letters that none may "
            "have. Change it, and ask again."
        ) from None
    message = token_hex(16)
    queue(
        connection,
        node,
        sender=authority,
        recipient=area,
        body=raw,
        message=message,
    )
    connection.execute(
        insert(sent_consultation).values(
            id=message,
            placement=number,
            placing_authority=authority,
            area_authority=area,
            sent_at=node.now(),
        )
    )
    note(
        connection,
        node,
        who,
        Action.SEND_NOTICES,
        authority=authority,
        record=f"placement/{number}",
        detail=f"consulted {area}: consultation/{message}",
    )
    return message


def consulted_before(connection: Connection, placing: str, number: str, area: str) -> str | None:
    """The id of the latest consultation of an area authority about a placement of this authority,
    for its notice to name; None where there was none from here.
    """
    return connection.scalar(
        select(sent_consultation.c.id)
        .where(
            sent_consultation.c.placement == number,
            sent_consultation.c.placing_authority == placing,
            sent_consultation.c.area_authority == area,
        )
        .order_by(sent_consultation.c.sent_at.desc())
        .limit(1)
    )


def consultations_of(connection: Connection, node: Node, number: str) -> list[Consulted]:
    """The consultations about a placement, the latest first, for who may read it."""
    rows = connection.execute(
        select(sent_consultation)
        .where(sent_consultation.c.placement == number)
        .order_by(sent_consultation.c.sent_at.desc())
    ).all()
    sealed = {row.id: row.answer for row in rows if row.answer is not None}
    opened = Vault(connection, node).open_all(TABLE, "answer", sealed)
    found: list[Consulted] = []
    for row in rows:
        body = decode_consultation_body(opened[row.id]) if row.id in opened else None
        answer = body if isinstance(body, ConsultationAnswer) else None
        found.append(Consulted(row.id, row.area_authority, row.sent_at, row.answered_at, answer))
    return found
