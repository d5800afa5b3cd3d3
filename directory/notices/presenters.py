"""Notices as pages show them: what is said of a child, and where a notice is, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.country.rules.deadlines import Due
from directory.homes.labels import day
from directory.notices.labels import (
    CONTACTS,
    DOCUMENTS,
    KINDS,
    LEGAL_STATUSES,
    REFUSALS,
    SETTINGS,
    reference,
)
from directory.notices.now import Said
from directory.notices.received import Received
from directory.notices.sending import PlacedIn
from directory.notices.sent import Sent
from directory.web.wording import ago, at, counted, size
from federation import ChunksHeld, Dispatch
from protocols.attachments import Attachment
from protocols.notices import Acknowledgement, Contact

NOT_IN_DIRECTORY = "Not in the directory. Check the number, or ask the home."
NOT_REGISTERED = "No number given"
NOT_KNOWN = "Not known"


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a summary list. `prose` keeps its paragraphs; `note` is small print below."""

    key: str
    value: str
    note: str = ""
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a notice. `anchor` is the field of the form with which it begins."""

    heading: str
    anchor: str
    rows: Sequence[Item]


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a notice: what it is called, of what kind, and how large."""

    name: str
    kind: str
    size: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a notice is: a tag in one of GOV.UK's colours, sentences, and whom to call there.

    One that is `dead` goes nowhere by itself, and can be sent again.
    """

    tag: str
    colour: str
    said: Sequence[str]
    contact: Contact | None = None
    dead: bool = False


@dataclass(frozen=True, slots=True)
class SentLine:
    """A notice in the list of those sent."""

    id: str
    reference: str
    area: str
    sent: str
    delivery: Delivery


def sections(
    notice: Said, home: PlacedIn | None = None, until: date | None = None
) -> list[Section]:
    """All that a notice says; `home` is what the directory knows of its URN, `until` the expected
    end as last said. In one that was
    entered here, what nobody knows says so.
    """
    return [
        Section("The child", "identifier", _child(notice)),
        Section("The placement", "setting", _placement(notice, home, until)),
        Section("Whom to call", "social_worker_name", _contacts(notice)),
        Section(
            "Why this placement",
            "assessment_of_needs",
            [
                Item(key, getattr(notice, name) or NOT_KNOWN, prose=True)
                for name, key in DOCUMENTS.items()
            ],
        ),
    ]


def delivery(
    one: Sent,
    dispatch: Dispatch,
    answer: Acknowledgement | None,
    now: datetime,
    held: ChunksHeld | None = None,
    last: date | None = None,
) -> Delivery:
    """Where a notice that was sent is, and why it is not there yet; `held`: how many of the parts
    of its attachments are there. `last` is the day by which it is to be acknowledged.
    """
    area = authority_name(one.area_authority)
    if one.acknowledged_at:
        said = [f"{area} acknowledged it on {at(one.acknowledged_at)}."]
        return Delivery("Acknowledged", "green", said, answer.contact if answer else None)
    match dispatch.state:
        case "stored":
            when = at(dispatch.answered_at) if dispatch.answered_at else "a day not noted"
            said = [
                f"{area}’s node has stored it: signed receipt on {when}.",
                f"Nobody at {area} has acknowledged it yet.",
            ]
            if last and last < london_day(now):
                said.append(f"It was to be acknowledged by {day(last)}. Call {area} and ask.")
                return Delivery("Not acknowledged", "red", said)
            return Delivery("Delivered", "blue", said)
        case "refused" if dispatch.problem == "id-reused":
            said = [
                f"{area}’s node says that it has this notice already: it arrived before, and its "
                "receipt was lost.",
                f"Nobody at {area} has acknowledged it yet. Ask them whether they see it.",
            ]
            return Delivery("Arrived before", "blue", said)
        case "refused":
            why = REFUSALS.get(dispatch.problem, dispatch.problem)  # type: ignore[call-overload]
            return Delivery(
                "Refused",
                "red",
                [
                    f"{area}’s node refused it: {why}. {area} does not know of this placement.",
                    "Tell them by telephone today, and tell the people who run this node. When it "
                    "is mended, send the notice again.",
                ],
                dead=True,
            )
        case "expired":
            return Delivery(
                "Not delivered",
                "red",
                [
                    f"{area}’s node could not be reached for 28 days. {area} does not know of this "
                    "placement from this notice. Tell them by telephone, and send it again.",
                ],
                dead=True,
            )
    parts = [_parts(held)] if held else []
    if not dispatch.attempts:
        said = [*parts, "It goes out within seconds, as long as this node’s worker runs."]
        return Delivery("Waiting", "yellow", said)
    said = [
        *parts,
        f"Not there yet: tried {counted(dispatch.attempts, 'time')}, first "
        f"{ago(dispatch.queued_at, now)}. It is tried again by itself.",
        f"What was in the way: {dispatch.problem}",
        f"If it cannot wait, call {area}.",
    ]
    return Delivery("Waiting", "yellow", said)


def _parts(held: ChunksHeld) -> str:
    done = f"{held.held} of {counted(held.chunks, 'part')} of its attachments"
    return f"{done} are there; when all are, the notice goes."


def files(attachments: Sequence[Attachment]) -> list[File]:
    """The files of a notice, in their order."""
    return [File(one.name, KINDS[one.type], size(one.size)) for one in attachments]


def sent_line(one: Sent, where: Delivery) -> SentLine:
    """A notice in the list of those sent."""
    area = authority_name(one.area_authority)
    return SentLine(one.id, reference(one.id), area, at(one.sent_at), where)


def acknowledged(one: Received) -> str | None:
    """Who acknowledged a notice, and when; None if nobody has."""
    if one.acknowledged_at is None:
        return None
    by = f" by {one.acknowledged_by}" if one.acknowledged_by else ""
    return f"Acknowledged{by} on {at(one.acknowledged_at)}"


def how_urgent(due: Due, today: date) -> str:
    """By when the area authority has to be told, and whether that is still to be kept."""
    said = f"Notice is due {due.words}: {'before' if due.before else 'by'} {day(due.day)}."
    if not due.is_late(today):
        return said
    return f"{said} It is late: send it now all the same, and note why in the case record."


def _child(notice: Said) -> list[Item]:
    child = notice.child
    return [
        Item("Identifier", child.identifier or NOT_KNOWN),
        Item("Given name", child.given_name),
        Item("Family name", child.family_name),
        Item("Date of birth", day(child.born_on) if child.born_on else NOT_KNOWN),
        Item("Legal status", LEGAL_STATUSES.get(notice.legal_status or "", NOT_KNOWN)),
    ]


def _placement(notice: Said, home: PlacedIn | None, until: date | None) -> list[Item]:
    placed = notice.placement
    ends = until or getattr(notice, "expected_end", None)
    named = placed.urn or NOT_REGISTERED
    note = ""
    if placed.urn:
        note = (home.name or "A home in the directory") if home else NOT_IN_DIRECTORY
    return [
        Item("Kind", SETTINGS[placed.setting]),
        Item("URN", named, note),
        Item("Address", placed.address),
        Item("Starts on", day(placed.starts_on)),
        *([Item("Expected to end", day(ends))] if ends else []),
        Item("Emergency", "Yes" if placed.emergency else "No"),
        Item(
            "At a distance",
            "Yes" if placed.at_a_distance else "No",
            "Outside the placing authority and every authority that adjoins it."
            if placed.at_a_distance
            else "",
        ),
    ]


def _contacts(notice: Said) -> list[Item]:
    people: Mapping[str, Contact | None] = {
        role: getattr(notice, name) for name, role in CONTACTS.items()
    }
    return [
        Item(label, _called(one, label) if one else NOT_KNOWN, prose=True)
        for label, one in people.items()
    ]


def _called(one: Contact, label: str) -> str:
    """A line each: name, role where another one is named, telephone, email."""
    role = one.role if one.role != label else None
    return "\n".join(filter(None, (one.name, role, one.telephone, one.email)))
