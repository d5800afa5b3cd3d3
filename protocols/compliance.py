"""How notices were kept to: exact counts from one authority to another, and figures for all.

Both authorities of a placement count the same notices, and tell each other, sealed, what they have
counted: where they differ, something was lost. What all members see is told so that nobody can
compute a small number from it, see `told_of`.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.errors import Malformed
from protocols.kinds import Gss
from protocols.publication import Publication
from protocols.purposes import Purposed

LEAST_TOLD = 5
"""A smaller number is not told apart from none; others are told to the nearest multiple of it."""
MAX_FIGURES = 600

Quarter: TypeAlias = Annotated[str, Meta(pattern=r"^20[0-9]{2}-Q[1-4]\Z")]
Side: TypeAlias = Literal["sent", "received"]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=100_000)]
Told: TypeAlias = Annotated[int, Meta(ge=0, le=100_000, multiple_of=LEAST_TOLD)]


class Counts(Struct, frozen=True, forbid_unknown_fields=True):
    """Of the notices of placements that began in a quarter: those in time, those up to five working
    days late, those later; and how many of all were acknowledged.
    """

    publication: ClassVar = Publication.AUTHORITY

    on_time: Count
    late: Count
    later: Count
    acknowledged: Count

    def __post_init__(self) -> None:
        if self.acknowledged > self.notices:
            raise ValueError("more acknowledged than there are")

    @property
    def notices(self) -> int:
        """All of them."""
        return self.on_time + self.late + self.later


class NoticeCounts(
    Purposed, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="notice-counts/1"
):
    """What its sender has counted of the notices from `placing` to `area`, one of which it is: by
    those that it `sent`, or that it `received`. A later one of the same takes its place.
    """

    publication: ClassVar = Publication.AUTHORITY

    quarter: Quarter
    placing: Gss
    area: Gss
    side: Side
    counts: Counts
    counted_at: datetime

    def __post_init__(self) -> None:
        require_utc(self.counted_at)
        if self.placing == self.area:
            raise ValueError("an authority tells itself nothing")


class QuarterFigures(Struct, frozen=True, forbid_unknown_fields=True):
    """What is told of an authority's notices in a quarter, as `told_of` makes it; 0 stands for
    fewer than five.
    """

    publication: ClassVar = Publication.MEMBERS

    authority: Gss
    quarter: Quarter
    side: Side
    on_time: Told
    late: Told
    later: Told
    acknowledged: Told

    def __post_init__(self) -> None:
        if self.acknowledged > self.notices:
            raise ValueError("more acknowledged than are told")

    @property
    def notices(self) -> int:
        """The sum of what is told, which tells nothing more."""
        return self.on_time + self.late + self.later


class NoticeFigures(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="notice-figures/1"
):
    """A section of a snapshot: each authority that the node serves, by quarter and side."""

    publication: ClassVar = Publication.MEMBERS

    figures: Annotated[tuple[QuarterFigures, ...], Meta(max_length=MAX_FIGURES)]


_counts: Decoder[NoticeCounts] = Decoder(NoticeCounts)


def encode_counts(body: NoticeCounts) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _counts, "message body")


def decode_counts(data: bytes) -> NoticeCounts:
    """Inverse of `encode_counts`."""
    return decode_canonical(data, _counts, "message body")


def told_of(counts: Counts, authority: str, quarter: str, side: Side) -> QuarterFigures:
    """What all members may know of an authority's counts.

    Each of the three parts is told on its own, to the nearest five, and less than five as 0; their
    sum is not rounded afresh, or the smallest part could be computed from it. What was acknowledged
    is told in the same way, and never as more than that sum. So whatever stands there, a part of
    which 0 is told may have been any number from 0 to 4.
    """
    on_time, late, later = _told(counts.on_time), _told(counts.late), _told(counts.later)
    acknowledged = min(_told(counts.acknowledged), on_time + late + later)
    return QuarterFigures(authority, quarter, side, on_time, late, later, acknowledged)


def check_figures(section: NoticeFigures) -> None:
    """Raise Malformed where something is told twice."""
    named = {(one.authority, one.quarter, one.side) for one in section.figures}
    if len(named) < len(section.figures):
        raise Malformed("snapshot: figures of one authority, quarter and side twice")


def _told(count: int) -> int:
    return 0 if count < LEAST_TOLD else (count + LEAST_TOLD // 2) // LEAST_TOLD * LEAST_TOLD
