"""What a node publishes of homes, providers, authorities and its own audit: schemas of records.

Never in a record: anything about a child, an address, a photograph, a vacancy, or whatever else
leads to a home's door (domain rule: where a home is, is not public). A home's position is its
authority. A home that nobody has described has no `description`; that is a state of its own and
never means "no".
"""

from datetime import date
from hashlib import sha256
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import Decoder, encode

from protocols.commissioning import Commissioning, check_commissioning
from protocols.diligence import Check, check_of_dates
from protocols.encoding import b64url, decode_json, encode_canonical
from protocols.errors import Malformed, UnknownSchema
from protocols.kinds import Age, Digest, Gss, Line, Sex, Source, Text, Urn
from protocols.profiles import Profile, check_profile, has_one_spelling
from protocols.publication import Publication
from protocols.statements import Statement, check_statement

Provision: TypeAlias = Literal[
    "Children's home",
    "Residential special school (registered as a children's home)",
    "Secure children's home",
]
Sector: TypeAlias = Literal[
    "Private", "Local Authority", "Voluntary", "Health Authority", "Academy"
]
Grade: TypeAlias = Literal["Outstanding", "Good", "Requires improvement to be good", "Inadequate"]
Status: TypeAlias = Literal["Active", "Suspended"]
Need: TypeAlias = Literal[
    "mainstream",
    "emotional-behavioural",
    "autism",
    "learning-disability",
    "physical-disability",
    "complex-health",
    "mental-health",
    "self-harm",
    "exploitation",
    "harmful-sexual-behaviour",
    "substance-misuse",
    "offending",
    "missing",
    "asylum-seeking",
    "young-parents",
    "solo-placement",
    "deprivation-of-liberty",
]


class Judgement(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """Ofsted's latest full inspection, in Ofsted's own words, never without its date."""

    publication: ClassVar = Publication.MEMBERS

    inspected_on: date
    overall: Grade
    protection: Grade | None = None
    leadership: Grade | None = None


class Description(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What the provider says of the home: ages in years, inclusive."""

    publication: ClassVar = Publication.MEMBERS

    summary: Text
    needs: Annotated[tuple[Need, ...], Meta(min_length=1, max_length=20)]
    youngest: Age
    oldest: Age
    sex: Sex


class Home(
    Struct,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="home/1",
):
    """A registered children's home, by its URN, as the node of the authority where it stands says.

    `name`, `places`, `provider` and `judgement` are absent when unknown.
    """

    publication: ClassVar = Publication.MEMBERS

    urn: Urn
    authority: Gss
    provision: Provision
    sector: Sector
    status: Status
    registered_on: date
    source: Source
    name: Line | None = None
    provider: Line | None = None
    places: Annotated[int, Meta(ge=1, le=500)] | None = None
    judgement: Judgement | None = None
    short_breaks_only: bool = False
    multi_building: bool = False
    description: Description | None = None


class Provider(
    Struct,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="provider/1",
):
    """An organisation that runs homes in the author's area, by the name it is registered under.

    That it runs homes is public, since Ofsted publishes its name; where it does is not.
    """

    publication: ClassVar = Publication.PUBLIC

    name: Line
    sector: Sector
    source: Source


class Anchor(
    Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="schema", tag="anchor/1"
):
    """That the author's audit had come so far: a salted digest of its newest row, nothing else.

    Only who keeps the salt can say what it is of, and nobody can make it fit another audit.
    """

    publication: ClassVar = Publication.MEMBERS

    digest: Digest


ANCHOR_SALT_SIZE = 32
_ANCHOR = b"commonhearth/anchor/1\n"

Record: TypeAlias = Home | Provider | Anchor | Commissioning | Profile | Statement | Check


class _Envelope(Struct):
    schema: Annotated[str, Meta(pattern=r"^[a-z][a-z-]*/[1-9][0-9]*\Z", max_length=60)]


_record: Decoder[Record] = Decoder(Record)
_envelope = Decoder(_Envelope)
_KNOWN = frozenset(
    {"home/1", "provider/1", "anchor/1", "commissioning/1", "profile/1", "statement/1", "check/1"}
)


def anchor_of(salt: bytes, seq: int, head: bytes) -> Anchor:
    """The anchor of an audit whose newest row has the number `seq` and the hash `head`.

    SHA-256 over a name of its own, 32 random bytes drawn for this anchor alone, the number in
    eight bytes, big-endian, and the hash in 32.
    """
    digest = sha256(_ANCHOR + salt + seq.to_bytes(8, "big") + head).digest()
    return Anchor(b64url(digest))


def encode_record(record: Record) -> bytes:
    """The bytes to publish: canonical JSON with the schema's name in the member `schema`.

    Raises Malformed for a record that no reader would accept.
    """
    return encode_canonical(_check(record), _record, "record")


def decode_record(data: bytes) -> Record:
    """A record from its bytes.

    Raises UnknownSchema when `schema` is one that this software does not know: such a record is
    kept, verified, and read after an upgrade. Raises Malformed for everything else.
    """
    try:
        return _check(_spelled(decode_json(data, _record, "record"), data))
    except Malformed:
        if (schema := schema_of(data, "record")) not in _KNOWN:
            raise UnknownSchema(f"record: schema {schema!r} is not known here") from None
        raise


def schema_of(data: bytes, what: str) -> str:
    """The member `schema`, such as `home/1`, of a JSON object; raises Malformed."""
    return decode_json(data, _envelope, what).schema


def _spelled(record: Record, data: bytes) -> Record:
    if isinstance(record, Profile):
        canonical = has_one_spelling(record, data)
    else:
        canonical = encode(record) == data
    if not canonical:
        raise Malformed("record: not in canonical form")
    return record


def _check(record: Record) -> Record:
    if isinstance(record, Commissioning):
        check_commissioning(record)
    if isinstance(record, Statement):
        check_statement(record)
    if isinstance(record, Check):
        check_of_dates(record)
    if isinstance(record, Profile):
        check_profile(record)
    if isinstance(record, Home) and (what := record.description):
        if what.youngest > what.oldest:
            raise Malformed("record: the youngest age is above the oldest")
        if len(set(what.needs)) < len(what.needs):
            raise Malformed("record: a need is named twice")
    return record
