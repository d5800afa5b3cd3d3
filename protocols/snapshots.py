"""Snapshots: what is true today and should leave no trace, as one signed document of a node.

A snapshot is numbered, expires, is for members only, and replaces the one before as a whole. It is
never in a log: in a small home, the times of its vacancies alone would tell of its children. It is
a JWS, not a signed note: it is no evidence for strangers, and the key that signs it, the node's
access key, signs JWS alone, each of its own `typ`; the log key signs nothing but checkpoints.

A snapshot consists of sections, each JSON with a `schema`. Who does not know a section's schema
leaves it out, and reads the others.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, ClassVar, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.compliance import NoticeFigures, check_figures
from protocols.encoding import b64url, decode_canonical, encode_canonical, require_utc
from protocols.errors import Expired, Inconsistent, Malformed, NotForUs, Rollback
from protocols.keys import PrivateKey, PublicKey, Purpose
from protocols.kinds import Gss, Line
from protocols.members import Name
from protocols.messages import CLOCK_LEEWAY, sign_compact, verify_compact
from protocols.publication import Publication
from protocols.records import schema_of
from protocols.vacancies import Vacancies, check_vacancies

MAX_SNAPSHOT = 256 * 1024
MAX_SECTIONS = 20
MAX_CONTACTS = 250
LONGEST_LIFE = timedelta(days=7)
_TYPE = "commonhearth-snapshot+jws"


class Snapshot(Struct, frozen=True, forbid_unknown_fields=True):
    """The signed part, of the member `node`. Both times are in UTC, at most a week apart."""

    v: Literal[1]
    node: Name
    number: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    issued: datetime
    expires: datetime
    sections: Annotated[tuple[msgspec.Raw, ...], Meta(max_length=MAX_SECTIONS)]

    def __post_init__(self) -> None:
        require_utc(self.issued, self.expires)
        if not timedelta(0) < self.expires - self.issued <= LONGEST_LIFE:
            raise ValueError("a snapshot lives for at most a week")


_snapshot = Decoder(Snapshot)


class DutyContact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whom to call at an authority, and when somebody is there."""

    publication: ClassVar = Publication.MEMBERS

    authority: Gss
    telephone: Line
    hours: Line
    email: Line | None = None


class DutyContacts(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="duty-contacts/1"
):
    """Each authority that the node serves at most once."""

    publication: ClassVar = Publication.MEMBERS

    contacts: Annotated[tuple[DutyContact, ...], Meta(max_length=MAX_CONTACTS)]


Section: TypeAlias = DutyContacts | Vacancies | NoticeFigures
S = TypeVar("S", DutyContacts, Vacancies, NoticeFigures)
_section: Decoder[Section] = Decoder(Section)
_KNOWN = frozenset({"duty-contacts/1", "vacancies/1", "notice-figures/1"})


class HeldSnapshot(NamedTuple):
    """What a follower remembers of the latest that it took, also when that has expired."""

    number: int
    digest: str


def snapshot_digest(text: str) -> str:
    """base64url of SHA-256 over a snapshot as it travelled."""
    return b64url(sha256(text.encode()).digest())


def encode_section(section: Section) -> msgspec.Raw:
    """A section to put into a snapshot; raises Malformed for one that no reader would accept."""
    _check(section)
    return msgspec.Raw(encode_canonical(section, _section, "snapshot's section"))


def sign_snapshot(snapshot: Snapshot, key: PrivateKey) -> str:
    """The snapshot signed by the node's access key; raises Malformed."""
    _check_sections(snapshot)
    payload = encode_canonical(snapshot, _snapshot, "snapshot")
    text = sign_compact(_TYPE, payload, key, purpose=Purpose.ACCESS)
    _check_length(text)
    return text


def open_snapshot(
    text: str,
    *,
    node: str,
    keys: Callable[[str], PublicKey | None],
    now: datetime,
    held: HeldSnapshot | None = None,
) -> Snapshot:
    """Verify a snapshot that came from the member `node`.

    `keys(kid)` gives that member's access keys; `held` what was taken of it before. Raises
    Malformed, UnknownKey, BadSignature; NotForUs when it is another member's; Rollback when its
    number is lower than one that was taken; Inconsistent when one of the same number was another;
    Expired.
    """
    _check_length(text)
    said = decode_canonical(verify_compact(text, _TYPE, keys), _snapshot, "snapshot")
    _check_sections(said)
    if said.node != node:
        raise NotForUs(f"snapshot: of {said.node}, not of {node}")
    if held and said.number < held.number:
        raise Rollback(f"snapshot {said.number}, after {held.number} was taken")
    if held and said.number == held.number and snapshot_digest(text) != held.digest:
        raise Inconsistent(f"two different snapshots with the number {said.number}")
    # The leeway goes to our time: theirs may stand at an end of the calendar.
    if now - CLOCK_LEEWAY > said.expires:
        raise Expired(f"snapshot: expired at {said.expires:%Y-%m-%d %H:%M} UTC")
    return said


def duty_contacts(snapshot: Snapshot) -> tuple[DutyContact, ...]:
    """The contacts in a snapshot that was opened; none where it has no such section."""
    return found.contacts if (found := section_of(snapshot, DutyContacts)) else ()


def section_of(snapshot: Snapshot, kind: type[S]) -> S | None:
    """The section of a kind in a snapshot that was opened; None where it has none."""
    for section in snapshot.sections:
        if schema_of(bytes(section), "snapshot") in _KNOWN:
            said = decode_canonical(bytes(section), _section, "snapshot")
            if isinstance(said, kind):
                return said
    return None


def _check_length(text: str) -> None:
    if len(text) > MAX_SNAPSHOT:
        raise Malformed(f"snapshot: more than {MAX_SNAPSHOT} characters")


def _check_sections(snapshot: Snapshot) -> None:
    schemas = [schema_of(bytes(section), "snapshot") for section in snapshot.sections]
    if len(set(schemas)) < len(schemas):
        raise Malformed("snapshot: two sections of one schema")
    for schema, section in zip(schemas, snapshot.sections, strict=True):
        if schema in _KNOWN:
            _check(decode_canonical(bytes(section), _section, "snapshot"))


def _check(section: Section) -> None:
    if isinstance(section, Vacancies):
        check_vacancies(section)
        return
    if isinstance(section, NoticeFigures):
        check_figures(section)
        return
    named = [contact.authority for contact in section.contacts]
    if len(set(named)) < len(named):
        raise Malformed("snapshot: two contacts of one authority")
