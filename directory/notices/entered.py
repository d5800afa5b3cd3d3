"""A notice that came by email, letter or telephone, or stood in a list, as somebody enters it here.

It lies where a notice from a node lies, sealed, and says as much as is known.
"""

from datetime import date
from typing import ClassVar

from msgspec import Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical
from protocols.kinds import Line
from protocols.notices import Contact, Document, LegalStatus, Placement
from protocols.publication import Publication


class EnteredChild(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A child of whom not everything is known here."""

    publication: ClassVar = Publication.CHILD

    given_name: Line
    family_name: Line
    born_on: date | None = None
    identifier: Line | None = None


class Entered(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="entered/1",
):
    """What is known of a placement, with the members of a notice. What is absent is not known."""

    publication: ClassVar = Publication.CHILD

    child: EnteredChild
    placement: Placement
    social_worker: Contact | None = None
    out_of_hours: Contact | None = None
    reviewing_officer: Contact | None = None
    legal_status: LegalStatus | None = None
    assessment_of_needs: Document | None = None
    why_most_suitable: Document | None = None
    care_plan: Document | None = None
    expected_end: date | None = None


_entered = Decoder(Entered)


def encode_entered(entered: Entered) -> bytes:
    """The bytes to seal; raises Malformed for what a notice could not say either."""
    return encode_canonical(entered, _entered, "notice")


def decode_entered(data: bytes) -> Entered:
    """Inverse of `encode_entered`."""
    return decode_canonical(data, _entered, "notice")
