"""What a home says that it offers: its profile, a record beside the home's own.

It answers by codes of the published list (`directory/country/codes/codes.json`), of which a reader
may hold another version: so a code is any word of its form, and one that is not known is kept and
shown as it stands. No answer to a code means that nothing is known, and never "no". The schema is
open at its end: members that a reader does not know stand after those that it does, and are kept.
"""

from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import Decoder, encode

from protocols.encoding import decode_json
from protocols.errors import Malformed
from protocols.kinds import Age, Code, Gss, Sex, Source, Text, Urn
from protocols.publication import Publication

_any: Decoder[dict[str, object]] = Decoder(dict)

Met: TypeAlias = Literal["yes", "partly", "no"]
People: TypeAlias = Annotated[int, Meta(ge=0, le=500)]


class Answer(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """Whether the home offers what a code stands for; of a therapy also who gives it, by codes."""

    publication: ClassVar = Publication.MEMBERS

    code: Code
    met: Met
    by: Annotated[tuple[Code, ...], Meta(max_length=10)] = ()


class Note(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What the home adds in words about a group of codes."""

    publication: ClassVar = Publication.MEMBERS

    about: Code
    text: Text


class Profile(
    Struct, frozen=True, gc=False, omit_defaults=True, tag_field="schema", tag="profile/1"
):
    """What a home offers, as `source` says. Ages in years, inclusive; `staff` are those who care
    for children, `qualified` those of them with the diploma that they have to have.
    """

    publication: ClassVar = Publication.MEMBERS

    urn: Urn
    authority: Gss
    source: Source
    summary: Text | None = None
    youngest: Age | None = None
    oldest: Age | None = None
    sex: Sex | None = None
    staff: People | None = None
    qualified: People | None = None
    answers: Annotated[tuple[Answer, ...], Meta(max_length=300)] = ()
    notes: Annotated[tuple[Note, ...], Meta(max_length=30)] = ()


def check_profile(one: Profile) -> None:
    """Raise Malformed for what no profile may say."""
    if (one.youngest is None) != (one.oldest is None):
        raise Malformed("record: one age without the other")
    if one.youngest is not None and one.oldest is not None and one.youngest > one.oldest:
        raise Malformed("record: the youngest age is above the oldest")
    if one.qualified is not None and (one.staff is None or one.qualified > one.staff):
        raise Malformed("record: more are qualified than there are")
    if len({answer.code for answer in one.answers}) < len(one.answers):
        raise Malformed("record: a code is answered twice")
    if len({note.about for note in one.notes}) < len(one.notes):
        raise Malformed("record: two notes are about one group")


def has_one_spelling(one: Profile, data: bytes) -> bool:
    """Whether these are the bytes of a profile: what is known, canonical, and nothing but unknown
    members, canonical too, after it.
    """
    known = encode(one)
    if data == known:
        return True
    more = data.startswith(known[:-1] + b',"')
    return more and encode(decode_json(data, _any, "record")) == data
