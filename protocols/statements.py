"""What a home's statement of purpose says, so far as members may know it: a record beside the
home's own.

It goes by the matters of Schedule 1 to the Children's Homes (England) Regulations 2015
(https://www.legislation.gov.uk/uksi/2015/541/schedule/1), in their order. What leads to the home's
door is not in it: that stands in the full document, which is asked for.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

from msgspec import Meta, Struct

from protocols.errors import Malformed
from protocols.kinds import WRITTEN, Gss, Urn
from protocols.publication import Publication

# In the order of the Schedule's paragraphs, 1 to 22.
Matter: TypeAlias = Literal[
    "needs",
    "ethos",
    "accommodation",
    "location",
    "culture",
    "complaints",
    "policies",
    "consultation",
    "rights",
    "special-needs",
    "curriculum",
    "schooling",
    "activities",
    "health",
    "contact",
    "surveillance",
    "behaviour",
    "people",
    "qualifications",
    "structure",
    "role-models",
    "admission",
]
LONGEST_PASSAGE = 20_000
Passage: TypeAlias = Annotated[str, Meta(min_length=1, max_length=LONGEST_PASSAGE, pattern=WRITTEN)]
_PLACES = {matter: place for place, matter in enumerate(get_args(Matter))}


class Section(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What the statement says about a matter."""

    publication: ClassVar = Publication.MEMBERS

    matter: Matter
    text: Passage


class Statement(
    Struct,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="statement/1",
):
    """A statement of purpose as it was on `revised_on`; its review was last done on `reviewed_on`.

    A matter in neither `sections` nor `not_applicable` is one that the statement says nothing of.
    """

    publication: ClassVar = Publication.MEMBERS

    urn: Urn
    authority: Gss
    revised_on: date
    reviewed_on: date
    sections: Annotated[tuple[Section, ...], Meta(min_length=1, max_length=len(_PLACES))]
    not_applicable: Annotated[tuple[Matter, ...], Meta(max_length=len(_PLACES))] = ()


def check_statement(one: Statement) -> None:
    """Raise Malformed for what no statement may say."""
    said = [_PLACES.get(section.matter, -1) for section in one.sections]
    without = [_PLACES.get(matter, -1) for matter in one.not_applicable]
    if said != sorted(set(said)) or without != sorted(set(without)):
        raise Malformed("record: the matters are not in the Schedule's order, each once")
    if set(said) & set(without):
        raise Malformed("record: a matter that does not apply is said something of")
    if one.reviewed_on < one.revised_on:
        raise Malformed("record: it was revised after its last review")
