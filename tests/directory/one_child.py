"""All that a node can hold about one child: at the authority that placed the child, at the one of
the area, and at one that is told as a partner. Each place says a word of its own.

The node serves all of them, so that one person with every role for all of them can look.
"""

from dataclasses import dataclass
from datetime import UTC, date
from secrets import token_hex
from types import MappingProxyType

import msgspec
from sqlalchemy import Connection, insert, select, update

from directory.arriving import receive
from directory.hosting.entering.service import Came, enter_notices
from directory.hosting.homes.answering import take_asked
from directory.hosting.homes.models import home_notice, resident_asked
from directory.hosting.partners.keeping import Particulars, add_partner
from directory.hosting.partners.models import partner_told
from directory.notices.breaches.models import notice_breach
from directory.notices.breaches.service import decide, open_breach
from directory.notices.entered import Entered, EnteredChild
from directory.notices.following.asking import ask
from directory.notices.following.saying import Changes, Saying
from directory.notices.models import received_notice
from directory.notices.sent import send_notice
from directory.placing.approvals.answering import answer
from directory.placing.approvals.consulting import consult
from directory.placing.approvals.models import sent_consultation
from directory.placing.approvals.service import go_on_without
from directory.placing.register.service import add_child, add_placement, link_notice
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.placing.telling.service import note_not_needed, open_placement
from directory.security.rights.principal import operator
from directory.security.vault.service import Vault
from federation import Node, writing
from protocols.consultations import (
    Consultation,
    ConsultationAnswer,
    encode_consultation_body,
)
from protocols.consultations import Placement as Planned
from protocols.messages import Message
from protocols.notices import Acknowledgement, Child, Contact, Placement, encode_body
from protocols.partners import PartnerNotice, Said, encode_partner_body
from protocols.placements import PlacementChange, encode_placement_body
from protocols.residents import HomeNotice, PlacementAsking, Resident, encode_resident_body
from tests.directory.worlds import KENT, MEDWAY, NOW
from tests.federation.worlds import a_notice

PLACING, AREA = KENT, MEDWAY
NAMED = ("Zebedee", "Quillfeather", "KID-90210")
BORN = date(2012, 4, 9)
CALL = Contact("Wendy Worker", "Social worker", "01632 960101")
HOME = "SC290999"
SAYS = MappingProxyType(
    {
        "sent_notice": "Wsentnotice",
        "received_notice": "Wreceivednotice",
        "notice_event": "Wnoticeevent",
        "child": "section 31",
        "placement": "Wplacement",
        "telling": "Wtelling",
        "approval": "Wapproval",
        "sent_consultation": "Wanswered",
        "received_consultation": "Wconsultation",
        "told_to_us": "Wtoldtous",
        "home_notice": "Whomenotice",
        "resident_asked": "Wasked",
        "notice_breach": "Wbreach",
    }
)
"""What each table says of the child, sealed, that no other says."""
WORDS = (*NAMED, *(word for word in SAYS.values() if word.startswith("W")))


@dataclass(frozen=True)
class Held:
    """The ids. `notice` is one at both ends; `entered` came by email; `stay` is a home's."""

    child: str
    placement: str
    later: str
    notice: str
    entered: str
    telling: str
    consultation: str
    told: str
    stay: str
    asked: str
    breach: str
    partner_told: str
    question: str
    change: str


def hold_everything(node: Node) -> Held:
    """Have a node that serves Kent and Medway hold all of it."""
    root = operator("root")
    kid = Child(NAMED[2], NAMED[0], NAMED[1], BORN)
    where = Placement("children's home", "1 Crooked Billet", date(2026, 11, 1), HOME)
    said = a_notice(child=kid, placement=where, care_plan="Wsentnotice")
    with writing(node.node_db) as connection:
        child = add_child(
            connection, node, root, PLACING, ChildFacts(*_facts(kid), None, "section 31")
        )
        course = Course(date(2026, 11, 1), "live", AREA, "at a distance")
        facts = PlacementFacts(
            "children's home",
            "1 Crooked Billet",
            HOME,
            social_worker=CALL,
            why_most_suitable="Wplacement",
            care_plan="Wplacement",
        )
        placement = add_placement(connection, node, root, PLACING, child, course, facts)
        later = add_placement(
            connection, node, root, PLACING, child, Course(date(2026, 12, 1), "planned"), facts
        )
        go_on_without(connection, node, root, PLACING, placement, "Wapproval")
        to_tell = open_placement(connection, node, root, PLACING, placement, "to tell")
        telling = to_tell.everyone[0].id
        note_not_needed(connection, node, root, PLACING, placement, telling, "Wtelling")
        notice = send_notice(connection, node, root, said, placing=PLACING, area=AREA)
        link_notice(connection, node, root, PLACING, placement, notice)
        add_partner(connection, node, root, AREA, _school())

    came = msgspec.structs.replace(said, care_plan="Wreceivednotice")
    _come(node, notice, PLACING, AREA, encode_body(came))
    answered = Acknowledgement(notice, CALL, NOW.astimezone(UTC))
    _come(node, token_hex(16), AREA, PLACING, encode_body(answered))
    change = token_hex(16)
    changed = PlacementChange(
        **_why(),
        notice=notice,
        number=1,
        said_at=NOW.astimezone(UTC),
        kind="change",
        since=date(2026, 11, 10),
        reason="Wnoticeevent",
        care_plan="Wreceivednotice, and more",
    )
    _come(node, change, PLACING, AREA, encode_placement_body(changed))
    with writing(node.node_db) as connection:
        Saying(connection, node, root, placing=PLACING, notice=notice).change(
            Changes("change", NOW.date(), {}, {}, {"care_plan": "Wsentnotice 2"}, "Wnoticeevent")
        )
        question = ask(
            connection, node, root, area=AREA, notice=notice, text="Wnoticeevent", asked_by=CALL
        )
        entered = enter_notices(connection, node, root, AREA, [_by_email()])[0]
        asked_of_us = consult(connection, node, root, PLACING, placement)
        connection.execute(
            update(sent_consultation)
            .where(sent_consultation.c.id == asked_of_us)
            .values(
                answer=Vault(connection, node).seal(
                    "sent_consultation", "answer", asked_of_us, _answered(asked_of_us, "Wanswered")
                ),
                answered_at=NOW,
            )
        )
    consultation = token_hex(16)
    _come(node, consultation, PLACING, AREA, encode_consultation_body(_consultation(kid)))
    told = token_hex(16)
    body = PartnerNotice(**_why(), notice=token_hex(16), event="placed", said=_told())
    _come(node, told, PLACING, AREA, encode_partner_body(body))
    with writing(node.node_db) as connection:
        answer(
            *(connection, node, root, AREA, consultation),
            view="concerns",
            contact=CALL,
            said="Wconsultation",
        )
        stay = _told_by_home(connection, node)
        take_asked(
            connection,
            node,
            PlacementAsking(
                **_why(),
                urn=HOME,
                initials="Z. Q.",
                born_on=BORN,
                admitted_on=date(2026, 11, 1),
                asked_by="Wasked",
            ),
            asking=token_hex(16),
            area=AREA,
            authority=PLACING,
        )
        row = connection.execute(
            received_notice.select().where(received_notice.c.id == notice)
        ).one()
        open_breach(connection, node, "received", row, withdrawal=token_hex(16), why="wrong child")
        breach = str(connection.scalar(select(notice_breach.c.id)))
        decide(connection, node, root, AREA, breach, reference=None, why_not="Wbreach")
        connection.execute(update(partner_told).values(state="failed"))
        asked = str(connection.scalar(select(resident_asked.c.number)))
        failed = str(
            connection.scalar(select(partner_told.c.id).where(partner_told.c.notice == notice))
        )
    return Held(
        *(child, placement, later, notice, entered, telling, consultation, told, stay, asked),
        *(breach, failed, question, change),
    )


def _facts(kid: Child) -> tuple[str, str, str, date]:
    return kid.identifier, kid.given_name, kid.family_name, kid.born_on


def _why() -> dict[str, str]:
    return {"purpose": "To keep the child safe", "lawful_basis": "Children Act 1989"}


def _school() -> Particulars:
    return Particulars(
        *("virtual-school", "Virtual school", "01632 960 700", "school@partner.example", None),
        *("To find a school place", "Children Act 2004", ("given-name", "family-name")),
    )


def _come(node: Node, message: str, sender: str, to: str, body: bytes) -> None:
    with writing(node.node_db) as connection:
        receive(connection, node, Message(1, message, sender, to, NOW, NOW, msgspec.Raw(body)), NOW)


def _by_email() -> Came:
    says = Entered(
        EnteredChild(NAMED[0], NAMED[1], BORN, NAMED[2]),
        Placement("foster care", "1 Crooked Billet", date(2026, 10, 1)),
        care_plan="Wreceivednotice",
    )
    return Came(PLACING, "email", date(2026, 10, 2), says)


def _consultation(kid: Child) -> Consultation:
    return Consultation(
        **_why(),
        child=kid,
        placement=Planned(
            setting="children's home",
            address="1 Crooked Billet",
            starts_on=date(2026, 11, 1),
            emergency=False,
            at_a_distance=True,
        ),
        social_worker=CALL,
        why_most_suitable="Wconsultation",
        care_plan="Wconsultation",
        asked_at=NOW.astimezone(UTC).replace(microsecond=0),
        answer_by=date(2026, 12, 1),
    )


def _answered(consultation: str, said: str) -> bytes:
    return encode_consultation_body(
        ConsultationAnswer(
            **_why(),
            consultation=consultation,
            answered_at=NOW.astimezone(UTC).replace(microsecond=0),
            view="concerns",
            contact=CALL,
            said=said,
        )
    )


def _told() -> tuple[Said, ...]:
    return (
        Said("given-name", NAMED[0]),
        Said("family-name", NAMED[1]),
        Said("born-on", "9 April 2012"),
        Said("care-plan", "Wtoldtous"),
    )


def _told_by_home(connection: Connection, node: Node) -> str:
    number, stay = token_hex(16), token_hex(16)
    body = HomeNotice(
        **_why(),
        claim="b" * 32,
        stay=stay,
        told_at=NOW.astimezone(UTC),
        told_by="Whomenotice",
        resident=Resident(NAMED[0], NAMED[1], BORN),
        admitted_on=date(2026, 11, 1),
        placing_authority=PLACING,
        placing_contact=CALL,
        accommodated="section 20",
        order="neither",
        has_plan=False,
    )
    sealed = Vault(connection, node).seal("home_notice", "body", number, encode_resident_body(body))
    connection.execute(
        insert(home_notice).values(
            number=number,
            through=AREA,
            stay=stay,
            area=AREA,
            claim="b" * 32,
            urn=HOME,
            placing_authority=PLACING,
            body=sealed,
            starts_on=date(2026, 11, 1),
            told_at=NOW,
            received_at=NOW,
        )
    )
    return number
