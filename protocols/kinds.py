"""Kinds of value that records share: lines, texts, codes, and where facts come from."""

from datetime import date
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from protocols.publication import Publication

# Controls, marks of direction and what has no width can make text read as something else.
HIDDEN = (
    r"\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f"
)
# Runs of ASCII are stepped over at once: this reads every text of every record.
PLAIN = rf"^(?=\s*+\S)(?:[ -~]++|[^\x00-\x7f{HIDDEN}])*+\Z"

# Tab, line feed and carriage return are the only controls.
WRITTEN = rf"^(?=[\s\S]*\S)[^\x00-\x08\x0b\x0c\x0e-\x1f{HIDDEN}]*\Z"

Line: TypeAlias = Annotated[str, Meta(min_length=1, max_length=300, pattern=PLAIN)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=4000, pattern=PLAIN)]
Gss: TypeAlias = Annotated[str, Meta(pattern=r"^[EWSN][0-9]{8}\Z")]
Urn: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z0-9-]{1,20}\Z")]
Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]
Age: TypeAlias = Annotated[int, Meta(ge=0, le=25)]
Code: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,59}\Z")]
Sex: TypeAlias = Literal["girls", "boys", "any"]


class Source(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Where the facts of a record come from, and the day on which they held."""

    publication: ClassVar = Publication.MEMBERS

    name: Line
    as_at: date
