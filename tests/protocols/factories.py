"""Two made-up nodes, their keys, and what they say: the same bytes on every run.

`alder` serves Alderton, `birch` serves Birchwick. The seed of every key is the SHA-256 of its
holder's name, a space and its purpose, such as `alder log` or `E99000002 message-encryption`.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from protocols.attachments import Attachment, attachment_context
from protocols.census import CensusAnswer, CensusAsking, CensusCount
from protocols.charter import (
    Charter,
    Group,
    Key,
    Member,
    Rules,
    ServedAuthority,
    charter_digest,
    decode_charter,
    sign_charter,
)
from protocols.charter_erasures import CharterErasure, ErasedPayload, sign_charter_erasure
from protocols.checkpoint import Checkpoint, sign_checkpoint
from protocols.commissioning import (
    Commissioning,
    Demand,
    Framework,
    NeedTotal,
    Office,
    Planned,
    PositionStatement,
)
from protocols.compliance import Counts, NoticeCounts, NoticeFigures, told_of
from protocols.consultations import Consultation, ConsultationAnswer
from protocols.diligence import Check
from protocols.documents import DocumentAnswer, DocumentAsking
from protocols.encoding import b64url
from protocols.entries import decode_entry, erase_entry, make_blob, publish_entry, retire_entry
from protocols.erasures import Erasure, sign_erasure
from protocols.handins import (
    DiligenceHandIn,
    DocumentHandIn,
    GuideContact,
    GuideHandIn,
    GuideTopic,
    HandIn,
    HandInAnswer,
    HandInWithdrawal,
    StatementTold,
)
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, PrivateKey, PublicKey, Purpose
from protocols.kinds import Source
from protocols.merkle import Frontier, leaf_hash
from protocols.messages import (
    Message,
    OpenedMessage,
    open_message,
    seal,
    sealed_digest,
    sign_message,
    signed_digest,
)
from protocols.note import NoteSigner, sign_note
from protocols.notices import (
    Acknowledgement,
    Child,
    Contact,
    Notice,
    Placement,
    PlacementNotice,
    encode_body,
)
from protocols.partners import PartnerNotice, PartnerReceipt, Said
from protocols.placements import (
    PlacementChange,
    PlacementEnding,
    Question,
    QuestionAnswer,
    Withdrawal,
    WithdrawalAnswer,
)
from protocols.profiles import Answer, Note, Profile
from protocols.providers import HomeClaim, HomeClaimAnswer
from protocols.receipts import Receipt, sign_receipt
from protocols.records import Description, Home, Judgement, Provider, encode_record
from protocols.residents import (
    HomeNotice,
    HomeNoticeAsking,
    PlacementAsking,
    Resident,
    ResidentAnswer,
)
from protocols.snapshots import DutyContact, DutyContacts, Snapshot, encode_section
from protocols.statements import Section, Statement
from protocols.tiles import TILE_WIDTH, Tile, pack_entries, tile_at
from protocols.vacancies import SaidElsewhere, Vacancies, Vacancy

VECTORS = Path(__file__).parent.parent / "vectors"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ALDERTON, BIRCHWICK = "E99000001", "E99000002"
NAMES = {ALDERTON: "Alderton", BIRCHWICK: "Birchwick"}
SERVED = {"alder": ALDERTON, "birch": BIRCHWICK}
HOLDERS = ("alder/charter", "birch/charter", "cedar/charter")


def vectors(name: str) -> dict[str, Any]:
    """Values that somebody else computed."""
    read: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return read


def flip(data: bytes, bit: int) -> bytes:
    """The same bytes with one bit turned over."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# --- Keys ---------------------------------------------------------------------------------------


def seed(name: str) -> bytes:
    return sha256(name.encode()).digest()


@cache
def key(holder: str, purpose: Purpose) -> PrivateKey:
    return PrivateKey(purpose, seed(f"{holder} {purpose}"))


def origin(node: str) -> str:
    return f"{node}.example/log"


def log_signer(node: str = "alder") -> NoteSigner:
    return NoteSigner(origin(node), key(node, Purpose.LOG))


def charter_signer(holder: str) -> NoteSigner:
    return NoteSigner(holder, key(holder, Purpose.CHARTER))


# --- Charter ------------------------------------------------------------------------------------


def served_authority(gss: str) -> ServedAuthority:
    keys = tuple(Key.of(key(gss, purpose).public) for purpose in AUTHORITY_PURPOSES)
    return ServedAuthority(gss, NAMES[gss], keys)


def member(node: str = "alder", **changes: Any) -> Member:
    made = Member(
        node=node,
        url=f"https://{node}.example",
        origin=origin(node),
        status="active",
        keys=tuple(Key.of(key(node, purpose).public) for purpose in NODE_PURPOSES),
        authorities=(served_authority(SERVED[node]),),
    )
    return msgspec.structs.replace(made, **changes)


def charter(**changes: Any) -> Charter:
    made = Charter(
        v=1,
        name="The Two Towns",
        version=1,
        previous=None,
        expires=NOW + timedelta(days=365),
        members=(member("alder"), member("birch")),
        groups=(Group("Both banks", (ALDERTON, BIRCHWICK)),),
        rules=Rules(max_entries_per_log=100_000),
        witness_policy="",
        charter_keys=tuple(charter_signer(holder).verifier.vkey for holder in HOLDERS),
    )
    return msgspec.structs.replace(made, **changes)


def charter_note(made: Charter | None = None, holders: Iterable[str] = HOLDERS[:2]) -> bytes:
    return sign_charter(made or charter(), [charter_signer(holder) for holder in holders])


def signed_as_it_is(text: bytes | Charter, holders: Iterable[str] = HOLDERS) -> bytes:
    """A note over any text: what holders would make who do not check what they sign."""
    if isinstance(text, Charter):
        text = msgspec.json.encode(text)
    return sign_note(text.decode() + "\n", [charter_signer(holder) for holder in holders])


def successor(before: bytes, **changes: Any) -> Charter:
    """The next version after a signed one, with these changes."""
    held = decode_charter(before)
    changes = {"version": held.version + 1, "previous": charter_digest(before)} | changes
    return msgspec.structs.replace(held, **changes)


def rotated(log: "Log") -> Charter:
    """The example's successor: alder's log key ended where its log stands, another goes on."""
    first, *others = member("alder").keys
    ended = msgspec.structs.replace(first, until=log.size, root=b64url(log.frontier.root()))
    later = Key.of(key("alder 2", Purpose.LOG).public, log.size)
    alder = member("alder", keys=(ended, later, *others))
    return successor(
        charter_note(), members=(alder, member("birch")), expires=NOW + timedelta(days=500)
    )


# --- Records, entries and a log ---------------------------------------------------------------


def home(**changes: Any) -> Home:
    made = Home(
        urn="SC900001",
        authority=ALDERTON,
        provision="Children's home",
        sector="Private",
        status="Active",
        registered_on=date(2019, 5, 1),
        source=Source("Ofsted", date(2026, 1, 31)),
        name="Willow House",
        provider="Riverbank Care Ltd",
        places=4,
        judgement=Judgement(date(2025, 9, 17), "Good", leadership="Outstanding"),
        description=Description(
            "A quiet house for young people who have moved too often.",
            ("autism", "emotional-behavioural"),
            11,
            17,
            "any",
        ),
    )
    return msgspec.structs.replace(made, **changes)


def provider(**changes: Any) -> Provider:
    made = Provider("Riverbank Care Ltd", "Private", Source("Ofsted", date(2026, 1, 31)))
    return msgspec.structs.replace(made, **changes)


def commissioning(**changes: Any) -> Commissioning:
    made = Commissioning(
        authority=ALDERTON,
        as_at=date(2026, 1, 31),
        referrals=Office("Placements team", "placements@alderton.example", "01632 960200"),
        notices=Office("Children in care duty desk", "notices@alderton.example"),
        statement=PositionStatement(
            "Homes for children in Alderton, 2026 to 2029",
            "https://www.alderton.example/market-position",
            date(2026, 1, 12),
        ),
        frameworks=(
            Framework(
                name="Small homes",
                purpose="Homes for up to three children, with therapy",
                joining="Answer the questionnaire on the portal; it is read each quarter.",
                opens=date(2026, 2, 1),
                closes=date(2029, 1, 31),
                address="https://portal.alderton.example/small-homes?lot=2",
                open_list=True,
            ),
        ),
        calendar=(Planned("Meeting of providers", date(2026, 4, 14)),),
        demand=Demand(
            date(2025, 4, 1),
            date(2026, 3, 31),
            (NeedTotal("autism", 35), NeedTotal("young-parents")),
        ),
    )
    return msgspec.structs.replace(made, **changes)


def profile(**changes: Any) -> Profile:
    made = Profile(
        urn="SC900001",
        authority=ALDERTON,
        source=Source("The home, as its authority wrote it down", date(2026, 2, 14)),
        summary="A quiet house for young people who have moved too often.",
        youngest=11,
        oldest=17,
        sex="any",
        staff=9,
        qualified=6,
        answers=(
            Answer("autism", "yes"),
            Answer("art-therapy", "yes", ("visiting-registered",)),
            Answer("emergency-admission", "no"),
        ),
        notes=(Note("education", "Most go to the school on the other side of the park."),),
    )
    return msgspec.structs.replace(made, **changes)


def statement(**changes: Any) -> Statement:
    made = Statement(
        urn="SC900001",
        authority=ALDERTON,
        revised_on=date(2026, 2, 2),
        reviewed_on=date(2026, 2, 9),
        sections=(
            Section("needs", "Children who have moved too often.\n\nUp to four at a time."),
            Section("ethos", "We are patient."),
        ),
        not_applicable=("curriculum",),
    )
    return msgspec.structs.replace(made, **changes)


def check(**changes: Any) -> Check:
    made = Check(
        authority=ALDERTON,
        item="3f0c6a2be1d94b7c8a5510f29c7d4e86",
        provider="Riverbank Care Ltd",
        kind="public-liability-insurance",
        issuer="Hartwell Mutual",
        checked_on=date(2026, 2, 18),
        by="commissioner",
        outcome="in-order",
        reference="PL/204-77",
        valid_from=date(2026, 2, 1),
        valid_until=date(2027, 1, 31),
    )
    return msgspec.structs.replace(made, **changes)


def blob(number: int = 0, record: bytes | None = None) -> bytes:
    return make_blob(seed(f"salt {number}"), record or encode_record(home()))


def erasing(log: "Log") -> Charter:
    """A successor of the example's charter that erases what its log published first."""
    digest = decode_entry(log.entries[0], 0).digest or ""
    return successor(charter_note(), erased=(ErasedPayload("alder", 0, digest),))


class Log:
    """A log in memory: its entries, and the hashes of its tiles."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = list(entries)
        leaves = [leaf_hash(entry) for entry in self.entries]
        self.frontier, subtrees = Frontier().extend(leaves)
        self.hashes = {(0, index): leaf for index, leaf in enumerate(leaves)}
        self.hashes |= {(subtree.level, subtree.index): subtree.hash for subtree in subtrees}

    @property
    def size(self) -> int:
        return len(self.entries)

    def checkpoint(self, node: str = "alder") -> Checkpoint:
        return Checkpoint(origin(node), self.size, self.frontier.root())

    def note(self, node: str = "alder") -> bytes:
        return sign_checkpoint(self.checkpoint(node), log_signer(node))

    def tile(self, tile: Tile) -> bytes:
        first = tile.index * TILE_WIDTH
        return b"".join(self.hashes[tile.level, first + at] for at in range(tile.width))

    def bundle(self, index: int) -> bytes:
        tile = tile_at(0, index, self.size)
        return pack_entries(self.entries[tile.start : tile.start + tile.width])


def leaves(count: int) -> list[bytes]:
    """Entries as in the vectors: they need not be entries of ours to be hashed."""
    return [f"leaf {number}".encode() for number in range(count)]


def small_log() -> tuple[Log, list[bytes]]:
    """A home published, corrected, and its first version erased; with the blobs."""
    first, second = blob(0), blob(1, encode_record(home(places=3)))
    minute = timedelta(minutes=1)
    entries = [
        publish_entry(first, NOW),
        publish_entry(second, NOW + minute, replaces=0),
        erase_entry([0], NOW + 2 * minute),
        retire_entry(1, NOW + 3 * minute),
    ]
    return Log(entries), [b"", second, b"", b""]


# --- Messages -----------------------------------------------------------------------------------


def contact(**changes: Any) -> Contact:
    made = Contact("Sam Okafor", "Duty social worker", "01632 960101")
    return msgspec.structs.replace(made, **changes)


def notice(**changes: Any) -> Notice:
    made = Notice(
        child=Child("AL-20431", "Robin", "Marsh", date(2012, 4, 9)),
        placement=Placement(
            setting="children's home",
            address="Willow House, 1 Example Lane, Birchwick",
            starts_on=date(2026, 3, 9),
            urn="SC900001",
        ),
        social_worker=contact(),
        out_of_hours=contact(name="Emergency duty team", role="Duty team"),
        reviewing_officer=contact(name="Ada Lindqvist", email="ada@alderton.example"),
        legal_status="section 31",
        assessment_of_needs="Needs a steady school and a quiet evening.\nSleeps badly.",
        why_most_suitable="The only home near the school that takes one child more.",
        care_plan="Stays until July; sees grandmother on Sundays.",
    )
    return msgspec.structs.replace(made, **changes)


WHY = {
    "purpose": "To tell the authority of the area of a placement (regulation 13)",
    "lawful_basis": "Legal obligation: UK GDPR article 6(1)(c), article 9(2)(g)",
}


def notice_two() -> PlacementNotice:
    said = msgspec.structs.asdict(notice())
    return PlacementNotice(
        **said, **WHY, expected_end=date(2026, 7, 31), consultation="0" * 31 + "9"
    )


def placement_change(**changes: Any) -> PlacementChange:
    made = PlacementChange(
        notice="0" * 31 + "1",
        number=1,
        said_at=NOW + timedelta(days=10),
        kind="change",
        since=date(2026, 3, 12),
        social_worker=contact(name="Ines Brandt"),
        reason="Sam Okafor has left.",
        **WHY,
    )
    return msgspec.structs.replace(made, **changes)


def placement_ending(**changes: Any) -> PlacementEnding:
    made = PlacementEnding(
        notice="0" * 31 + "1",
        number=2,
        said_at=NOW + timedelta(days=90),
        ended_on=date(2026, 6, 12),
        planned=True,
        given_by="placing authority",
        why="returned home",
        given_on=date(2026, 5, 15),
        **WHY,
    )
    return msgspec.structs.replace(made, **changes)


def withdrawal(**changes: Any) -> Withdrawal:
    made = Withdrawal(
        notice="0" * 31 + "1",
        number=3,
        said_at=NOW + timedelta(days=91),
        why="wrong authority",
        contact=contact(name="Kim Lee"),
        **WHY,
    )
    return msgspec.structs.replace(made, **changes)


def withdrawal_answer(**changes: Any) -> WithdrawalAnswer:
    made = WithdrawalAnswer(
        notice="0" * 31 + "1",
        withdrawal="0" * 31 + "5",
        answered_at=NOW + timedelta(days=92),
        opened_by=2,
        passed_on=False,
        contained=True,
        contact=contact(name="Bea Holt"),
        said="Both were told not to use it. One print was shredded.",
        **WHY,
    )
    return msgspec.structs.replace(made, **changes)


def question(**changes: Any) -> Question:
    asked = "Which school is it? The care plan names none."
    made = Question(
        notice="0" * 31 + "1",
        asked_at=NOW + timedelta(hours=3),
        asked_by=contact(name="Bea Holt"),
        text=asked,
        **WHY,
    )
    return msgspec.structs.replace(made, **changes)


def answer(**changes: Any) -> QuestionAnswer:
    made = QuestionAnswer(
        notice="0" * 31 + "1",
        question="0" * 31 + "6",
        answered_at=NOW + timedelta(hours=5),
        answered_by=contact(name="Sam Okafor"),
        text="The one on the other side of the park.",
        **WHY,
    )
    return msgspec.structs.replace(made, **changes)


def acknowledgement(**changes: Any) -> Acknowledgement:
    made = Acknowledgement("0" * 31 + "1", contact(name="Bea Holt"), NOW + timedelta(hours=2))
    return msgspec.structs.replace(made, **changes)


def home_claim() -> HomeClaim:
    return HomeClaim("SC900001", "Riverbank Care Ltd", "Kim Lee")


def home_claim_answer() -> HomeClaimAnswer:
    sold = "The home was sold in January."
    return HomeClaimAnswer("0" * 31 + "3", "refused", NOW + timedelta(hours=2), sold)


def hand_in() -> HandIn:
    return HandIn("0" * 31 + "3", "Kim Lee", msgspec.Raw(encode_record(profile())))


def hand_in_answer() -> HandInAnswer:
    why = "Say who gives the therapy."
    return HandInAnswer("0" * 31 + "4", "returned", NOW + timedelta(hours=2), why)


def guide_hand_in() -> GuideHandIn:
    return GuideHandIn(
        "0" * 31 + "3",
        "Kim Lee",
        (GuideTopic("care", "We cook with you.\nWe listen."),),
        complaints=GuideContact("The manager", "01632 960111"),
        pictures=("The kitchen, with a long table",),
    )


def document_hand_in() -> DocumentHandIn:
    return DocumentHandIn("0" * 31 + "3", "Kim Lee", "statement-of-purpose")


def diligence_hand_in() -> DiligenceHandIn:
    return DiligenceHandIn(
        "0" * 31 + "3",
        "Kim Lee",
        "0" * 31 + "7",
        of_home=False,
        kind="public-liability-insurance",
        issuer="Hartwell Mutual",
        reference="PL/204-77",
        valid_until=date(2027, 1, 31),
    )


def hand_in_withdrawal() -> HandInWithdrawal:
    return HandInWithdrawal("0" * 31 + "3", "0" * 31 + "4")


def statement_told() -> StatementTold:
    return StatementTold("0" * 31 + "3", date(2026, 2, 14), date(2026, 3, 2), "Kim Lee")


def document_asking() -> DocumentAsking:
    why = "A visit before a placement on Friday."
    return DocumentAsking("SC900001", "statement-of-purpose", why, "Kim Lee")


def document_answer() -> DocumentAnswer:
    why = "The home has moved. Ask again on Monday."
    return DocumentAnswer("0" * 31 + "4", "refused", NOW + timedelta(hours=2), why)


def consultation() -> Consultation:
    said = notice()
    return Consultation(
        child=said.child,
        placement=msgspec.structs.replace(said.placement, at_a_distance=True),
        social_worker=said.social_worker,
        why_most_suitable=said.why_most_suitable,
        care_plan=said.care_plan,
        asked_at=NOW,
        answer_by=date(2026, 3, 9),
        **WHY,
    )


def consultation_answer() -> ConsultationAnswer:
    return ConsultationAnswer(
        consultation="0" * 31 + "9",
        answered_at=NOW + timedelta(days=2),
        view="concerns",
        contact=contact(name="Bea Holt"),
        said="The school is full until summer.",
        **WHY,
    )


def partner_notice() -> PartnerNotice:
    said = (Said("given-name", "Robin"), Said("family-name", "Marsh"), Said("urn", "SC900001"))
    why, law = "To find a school place.", "Children Act 2004, section 10"
    return PartnerNotice(why, law, "0" * 31 + "1", "placed", said)


def partner_receipt() -> PartnerReceipt:
    why, law = "To show that it was read.", "Children Act 2004, section 10"
    return PartnerReceipt(why, law, "0" * 31 + "5", NOW + timedelta(hours=2), "Kim Lee")


def home_notice(**changes: Any) -> HomeNotice:
    made = HomeNotice(
        claim="0" * 31 + "3",
        stay="0" * 31 + "5",
        told_at=NOW,
        told_by="Kim Lee",
        resident=Resident("Robin", "Marsh", date(2012, 4, 9)),
        admitted_on=date(2026, 3, 9),
        placing_authority=BIRCHWICK,
        placing_contact=contact(),
        accommodated="neither",
        order="care order",
        has_plan=True,
        plan_authority=BIRCHWICK,
        reviewing_officer=contact(name="Ada Lindqvist"),
        **_why("who came to live in a home, or left it"),
    )
    return msgspec.structs.replace(made, **changes)


def home_notice_asking() -> HomeNoticeAsking:
    why = _why("a notice that has not come")
    return HomeNoticeAsking("0" * 31 + "3", BIRCHWICK, date(2026, 3, 9), "Bea Holt", **why)


def placement_asking() -> PlacementAsking:
    why, day = _why("a notice that has not come"), date(2026, 3, 9)
    return PlacementAsking("SC900001", "R. M.", date(2012, 4, 9), day, "Bea Holt", **why)


def resident_answer() -> ResidentAnswer:
    why = _why("what was asked of a child")
    return ResidentAnswer("0" * 31 + "6", "follows", "Sam Okafor", NOW, **why)


def census_asking() -> CensusAsking:
    why, days = _why("how many live in each home"), (date(2026, 3, 2), date(2026, 3, 16))
    return CensusAsking("0" * 31 + "7", "0" * 31 + "3", *days, "Bea Holt", **why)


def census_answer() -> CensusAnswer:
    counts = (CensusCount(ALDERTON, 1), CensusCount(BIRCHWICK, 2, 1))
    why = _why("how many live in the home")
    return CensusAnswer("0" * 31 + "7", "0" * 31 + "3", counts, "Kim Lee", NOW, **why)


def _why(what: str) -> dict[str, str]:
    return {"purpose": f"To tell of {what}", "lawful_basis": "Public task"}


def message(**changes: Any) -> Message:
    made = Message(
        v=1,
        id="0" * 31 + "1",
        sender=ALDERTON,
        recipient=BIRCHWICK,
        sent=NOW,
        expires=NOW + timedelta(days=14),
        body=msgspec.Raw(encode_body(notice())),
    )
    return msgspec.structs.replace(made, **changes)


def signed(made: Message | None = None) -> str:
    made = made or message()
    return sign_message(made, key(made.sender, Purpose.SIGNING))


def sealed(made: Message | None = None, recipient: str = BIRCHWICK) -> bytes:
    return seal(signed(made), key(recipient, Purpose.SEALING).public)


def sealing_key(kid: str, holder: str = BIRCHWICK) -> PrivateKey | None:
    held = key(holder, Purpose.SEALING)
    return held if kid == held.public.kid else None


@cache
def signing_keys(gss: str) -> dict[str, PublicKey]:
    return charter().authority_keys(gss, Purpose.SIGNING)


def signing_key(gss: str, kid: str) -> PublicKey | None:
    return signing_keys(gss).get(kid)


def opened(delivered: bytes, recipient: str = BIRCHWICK) -> OpenedMessage:
    """Open a delivery as `recipient` would."""
    return open_message(
        delivered,
        recipient=recipient,
        sealing_key=lambda kid: sealing_key(kid, recipient),
        signing_key=signing_key,
    )


def receipt(text: str, delivered: bytes, **changes: Any) -> Receipt:
    """Birchwick's receipt for a signed message that came sealed as `delivered`."""
    made = Receipt(
        v=1,
        by=BIRCHWICK,
        outcome="stored",
        at=NOW + timedelta(seconds=3),
        sealed=sealed_digest(delivered),
        signed=signed_digest(text),
    )
    return msgspec.structs.replace(made, **changes)


def signed_receipt(made: Receipt) -> str:
    return sign_receipt(made, key(made.by, Purpose.SIGNING))


def notice_counts() -> NoticeCounts:
    return NoticeCounts(
        *("2026-Q1", ALDERTON, BIRCHWICK, "sent", Counts(11, 2, 1, 12), NOW),
        purpose="To find notices that were lost",
        lawful_basis="Public task",
    )


def notice_figures() -> NoticeFigures:
    return NoticeFigures((told_of(notice_counts().counts, ALDERTON, "2026-Q1", "sent"),))


def vacancies() -> Vacancies:
    return Vacancies(
        (
            Vacancy("SC900001", 1, NOW.date(), date(2026, 3, 9), "girls", 10, 14),
            Vacancy("SC900002", 0, date(2026, 2, 27)),
        ),
        (SaidElsewhere("SC900003", "birch"),),
    )


def duty_snapshot() -> Snapshot:
    """Whom to call at Alderton, as alder says for a day."""
    contact = DutyContact(ALDERTON, "01632 960101", "every day, 17:00 to 09:00")
    return Snapshot(
        v=1,
        node="alder",
        number=int(NOW.timestamp()),
        issued=NOW,
        expires=NOW + timedelta(days=1),
        sections=(encode_section(DutyContacts((contact,))),),
    )


def signed_erasure(made: Erasure) -> str:
    return sign_erasure(made, key(made.by, Purpose.ACCESS))


def signed_charter_erasure(made: CharterErasure) -> str:
    return sign_charter_erasure(made, key(made.by, Purpose.ACCESS))


# --- Attachments ----------------------------------------------------------------------------------

SCAN = b"%PDF-1.7\nCare plan of Robin Marsh: a made-up document.\n%%EOF\n"


def attachment(content: bytes = SCAN, number: int = 0, **changes: Any) -> Attachment:
    """A file of `message()`, with the chunks that it is sealed into."""
    context = attachment_context(ALDERTON, "0" * 31 + "1", number)
    chunks = cut(cobblestone(seed("attachment key"), context, content))
    made = Attachment(
        name="Care plan.pdf",
        type="application/pdf",
        size=len(content),
        key=b64url(seed("attachment key")),
        chunks=tuple(b64url(sha256(chunk).digest()) for chunk in chunks),
    )
    return msgspec.structs.replace(made, **changes)


def cut(sealed_file: bytes) -> list[bytes]:
    return [sealed_file[at : at + 2**20] for at in range(0, len(sealed_file), 2**20)]


def cobblestone(input_key: bytes, context: bytes, content: bytes) -> bytes:
    """C2SP chunked-encryption with SHA-512 and AES-256-GCM, by hand, with a salt that is no secret.

    HKDF-Expand is that of RFC 5869 section 2.3.
    """
    salt = seed("attachment salt")[:24]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    one = hmac.digest(input_key, info + b"\1", "sha512")
    derived = one + hmac.digest(input_key, one + info + b"\2", "sha512")
    content_key, base, commitment = derived[:32], derived[32:44], derived[44:76]
    made = salt + commitment
    for number in range(len(content) // 2**14 + 1):
        nonce = int.from_bytes(base) ^ number
        part = content[number * 2**14 : (number + 1) * 2**14]
        made += AESGCM(content_key).encrypt(nonce.to_bytes(12), part, b"")
    return made


# --- JOSE by hand, for what our own code would never write ---------------------------------------

JwsHeader = dict[str, Any]


def jws_header(holder: str = ALDERTON, typ: str = "commonhearth-message+jws") -> JwsHeader:
    return {"alg": "Ed25519", "typ": typ, "kid": key(holder, Purpose.SIGNING).public.kid}


def compact_jws(header: JwsHeader | bytes, payload: bytes, signer: PrivateKey) -> str:
    """RFC 7515 section 5.1, whatever the header says."""
    start = f"{_part(header)}.{b64url(payload)}"
    return f"{start}.{b64url(signer.sign(start.encode()))}"


def compact_jwe(
    plaintext: bytes,
    recipient: PublicKey,
    header: JwsHeader | bytes = b"",
    *,
    shared: bytes | None = None,
    content_key: bytes | None = None,
    vector: bytes | None = None,
    wrap: Callable[[bytes, bytes], bytes] = aes_key_wrap,
    tag: Callable[[bytes], bytes] = bytes,
) -> bytes:
    """RFC 7516 section 5.1 with ECDH-ES+A256KW and A256GCM, written from RFC 7518.

    `header` replaces members of the usual header, adds others, or is its bytes, in which `EPK`
    stands for the ephemeral key. What else is given takes the place of what is agreed or drawn;
    `wrap` makes the encrypted key of the wrapping key and the content key; `tag` changes the tag.
    """
    ephemeral = X25519PrivateKey.from_private_bytes(seed("ephemeral"))
    epk = {"kty": "OKP", "crv": "X25519", "x": b64url(ephemeral.public_key().public_bytes_raw())}
    usual = {
        "alg": "ECDH-ES+A256KW",
        "enc": "A256GCM",
        "typ": "commonhearth-sealed+jwe",
        "kid": recipient.kid,
        "epk": epk,
    }
    if isinstance(header, bytes) and header:
        protected = b64url(header.replace(b"EPK", json.dumps(epk, separators=(",", ":")).encode()))
    else:
        protected = _part(usual | dict(header or {}))
    if shared is None:
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient.raw))
    content_key = seed("content key") if content_key is None else content_key
    vector = seed("vector")[:12] if vector is None else vector
    wrapped = wrap(_concat_kdf(shared, "ECDH-ES+A256KW"), content_key)
    both = AESGCM(content_key).encrypt(vector, plaintext, protected.encode())
    parts = [wrapped, vector, both[:-16], tag(both[-16:])]
    return ".".join([protected, *map(b64url, parts)]).encode()


def _concat_kdf(shared: bytes, algorithm: str) -> bytes:
    """RFC 7518 section 4.6.2 for 256 bits and empty party information."""
    name = algorithm.encode()
    fixed = len(name).to_bytes(4) + name + bytes(4) + bytes(4) + (256).to_bytes(4)
    return sha256((1).to_bytes(4) + shared + fixed).digest()


def _part(header: JwsHeader | bytes) -> str:
    if isinstance(header, bytes):
        return b64url(header)
    return b64url(json.dumps(header, separators=(",", ":")).encode())
