"""What an authority says of itself as a commissioner: whom to turn to, what it wants, and when.

All of it is public. A contact is an office, never a person. Demand is told in totals from which
nobody can count one child more or less: to the nearest five, and less than five is not told apart
from nothing, as NHS England does in its mental health statistics.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta, Struct

from protocols.errors import Malformed
from protocols.kinds import Code, Gss, Line, Text
from protocols.publication import Publication

LEAST_TOLD = 5
"""Children: a smaller number is not told. Others are told in multiples of it."""
MAX_FRAMEWORKS = 20
MAX_PLANNED = 40
MAX_TOTALS = 60

_LABEL = "[A-Za-z0-9]+(-+[A-Za-z0-9]+)*"
_HOST = rf"{_LABEL}(\.{_LABEL})+"
_PART = r"([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
_MAILBOX = r"[A-Za-z0-9_'+-]+(\.[A-Za-z0-9_'+-]+)*"
Email: TypeAlias = Annotated[str, Meta(max_length=254, pattern=rf"^{_MAILBOX}@{_HOST}\Z")]
WebAddress: TypeAlias = Annotated[
    str, Meta(max_length=300, pattern=rf"^https://{_HOST}(/{_PART}(\?{_PART})?(#{_PART})?)?\Z")
]
Telephone: TypeAlias = Annotated[
    str, Meta(min_length=6, max_length=40, pattern=r"^[-0-9+(). /extEXT]+\Z")
]
Children: TypeAlias = Annotated[int, Meta(ge=LEAST_TOLD, le=10_000, multiple_of=LEAST_TOLD)]


class Office(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """A team to turn to. Not a person, whose name and address change and are their own."""

    publication: ClassVar = Publication.PUBLIC

    name: Line
    email: Email
    telephone: Telephone | None = None


class PositionStatement(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """The authority's market position statement: where it stands, and of which day it is."""

    publication: ClassVar = Publication.PUBLIC

    title: Line
    address: WebAddress
    dated: date


class Framework(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """A framework or list that providers can join from `opens` to `closes`, inclusive.

    An `open_list` takes in new providers while its contract runs.
    """

    publication: ClassVar = Publication.PUBLIC

    name: Line
    purpose: Line
    joining: Text
    opens: date | None = None
    closes: date | None = None
    address: WebAddress | None = None
    open_list: bool = False


class Planned(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An entry of the commissioning calendar."""

    publication: ClassVar = Publication.PUBLIC

    what: Line
    on: date


class NeedTotal(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """For how many children with a need; `children` is absent when they are fewer than five."""

    publication: ClassVar = Publication.PUBLIC

    need: Code
    children: Children | None = None


class Demand(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """For how many children the authority looks for a home between two days, by need."""

    publication: ClassVar = Publication.PUBLIC

    since: date
    until: date
    totals: Annotated[tuple[NeedTotal, ...], Meta(min_length=1, max_length=MAX_TOTALS)]


class Commissioning(
    Struct,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="commissioning/1",
):
    """What an authority wants, as it said on `as_at`."""

    publication: ClassVar = Publication.PUBLIC

    authority: Gss
    as_at: date
    referrals: Office
    notices: Office
    statement: PositionStatement | None = None
    frameworks: Annotated[tuple[Framework, ...], Meta(max_length=MAX_FRAMEWORKS)] = ()
    calendar: Annotated[tuple[Planned, ...], Meta(max_length=MAX_PLANNED)] = ()
    demand: Demand | None = None


def check_commissioning(one: Commissioning) -> None:
    """Raise Malformed for what contradicts itself."""
    _refuse_twice((framework.name for framework in one.frameworks), "a framework")
    for framework in one.frameworks:
        if framework.opens and framework.closes and framework.closes < framework.opens:
            raise Malformed("record: a framework closes before it opens")
    if one.demand:
        _refuse_twice((total.need for total in one.demand.totals), "a need")
        if one.demand.until < one.demand.since:
            raise Malformed("record: demand ends before it begins")


def _refuse_twice(names: Iterable[str], what: str) -> None:
    seen = list(names)
    if len(set(seen)) < len(seen):
        raise Malformed(f"record: {what} is named twice")
